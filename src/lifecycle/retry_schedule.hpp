// SPDX-License-Identifier: BSL-1.0
// When an execution context looks again for supervisors to wake, so that a thread without memory
// can ask for it. src/async/retry_timer.hpp gives it timers of Asio's. docs/design.md#supervision
#pragma once

#include <array>
#include <new>
#include <utility>

#include "waiting/combiner.hpp"

namespace admit::core {

/// `Timers` are a bell, on which two waits are pending, and a delay. One thread at a time uses
/// them:
///
///     void wait(unsigned n)    wait n of the bell begins, 0 or 1. Throws `std::bad_alloc`, unless
///                              the other wait is pending.
///     void ring() noexcept     the bell's older wait ends
///     void delay()             a wait with an end begins, which is wait 2. Throws
///     `std::bad_alloc`. void stop() noexcept     whatever is pending ends void close() noexcept
///     nothing ends any more
///
/// A wait that ends calls `ended`, in a thread of the context, and not from within these functions.
/// There are two waits because a bell with one pending can be rung, and takes another wait, without
/// memory. All functions here are lock-free but for those of the timers.
template <class Timers>
class retry_schedule {
public:
    template <class... Arguments>
    explicit retry_schedule(Arguments&&... arguments)
        : timers_{std::forward<Arguments>(arguments)...} {}

    /// An operation begins that may have to be woken again. False: no memory for the bell, and the
    /// operation may not begin.
    bool enter() noexcept {
        // relaxed, here and below: edge combiner.
        const bool first = operations_.fetch_add(1, memory_order_relaxed) == 0;
        if (!first && !starved_.load(memory_order_relaxed)) return true;
        adjust(false);
        if (!starved_.load(memory_order_relaxed)) return true;
        leave();
        return false;
    }

    /// It is over. After the last one nothing is pending.
    void leave() noexcept {
        // relaxed: edge combiner.
        if (operations_.fetch_sub(1, memory_order_relaxed) == 1) adjust(false);
    }

    /// The context looks at what the caller left: now, or after the delay if it has just looked.
    void ask() noexcept {
        raise(asked_);
        adjust(false);
    }

    /// Wait n has ended. `look` tries again, and returns whether there is more; it may ask.
    template <class Look>
    void ended(unsigned n, Look look) noexcept {
        // acquire: edge ask -> look. An exchange: a store could overwrite a request without having
        // read it, and the look come before what was left.
        asked_.exchange(false, memory_order_acquire);
        step("retry.looks");
        // relaxed: a thread that asks has entered.
        if (operations_.load(memory_order_relaxed) > 0 && look()) raise(asked_);
        raise(ended_[n]);
        adjust(true);
    }

    /// The timers are closed. Returns when no thread uses them any more, and calls `pause` until
    /// then.
    template <class Pause>
    void close(Pause pause) noexcept {
        // relaxed: edge combiner.
        closing_.store(true, memory_order_relaxed);
        adjust(false);
        // acquire: the pass that closed is done with the timers.
        while (!closed_.load(memory_order_acquire)) pause();
    }

private:
    static constexpr unsigned bells = 2;  ///< waits of the bell; the wait of the delay follows

    /// A pass may see a flag before the thread that raised it asks for a pass.
    static void raise(atomic<bool>& flag) noexcept {
        // release: edges ask -> look and ended -> wait. An exchange continues what other threads
        // released by the same flag.
        flag.exchange(true, memory_order_release);
    }

    void adjust(bool by_context) noexcept {
        passes_.run([this, by_context] { pass(by_context); });
    }

    /// Makes the timers what the flags want them to be.
    void pass(bool by_context) noexcept {
        const bool looked = note_ended();
        // relaxed: edge combiner.
        if (closing_.load(memory_order_relaxed)) return close_timers();
        // relaxed: edge combiner.
        if (operations_.load(memory_order_relaxed) == 0) return stop();
        if (stopped_.get() && pending()) return;  // until all have ended
        stopped_.set(false);
        const bool listening = listen();
        starved_.store(!listening, memory_order_relaxed);  // relaxed: edge combiner
        // relaxed, again: edge combiner; of a look, edge ended -> wait.
        if (!listening || !asked_.load(memory_order_relaxed)) return;
        if (rung_.get() || waits_[bells].get() || (looked && delay())) return;
        // Without memory a thread of the context begins the delay. If it has none either, a later
        // pass rings: to ring now would keep the context busy.
        if (looked && by_context) return;
        rung_.set(true);
        timers_.ring();
    }

    void close_timers() noexcept {
        if (closed_.load(memory_order_relaxed)) return;  // relaxed: edge combiner
        timers_.close();
        // release: the thread that closes sees that this pass is done with the timers.
        closed_.store(true, memory_order_release);
    }

    /// Whether a wait has ended, and with it a look.
    bool note_ended() noexcept {
        bool any = false;
        for (unsigned n = 0; n <= bells; ++n) {
            // acquire: edge ended -> wait.
            if (!ended_[n].exchange(false, memory_order_acquire)) continue;
            any = true;
            waits_[n].set(false);
            if (n < bells) rung_.set(false);
        }
        return any;
    }

    bool pending() const noexcept {
        return waits_[0].get() || waits_[1].get() || waits_[bells].get();
    }

    void stop() noexcept {
        if (stopped_.get() || !pending()) return;
        stopped_.set(true);
        timers_.stop();
    }

    bool listen() noexcept try {
        for (unsigned n = 0; n < bells; ++n)
            if (!waits_[n].get()) {
                timers_.wait(n);
                waits_[n].set(true);
            }
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }

    bool delay() noexcept try {
        timers_.delay();
        waits_[bells].set(true);
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }

    atomic<std::size_t> operations_{0};
    atomic<bool> asked_{false};
    std::array<atomic<bool>, bells + 1> ended_{};  ///< waits
    atomic<bool> starved_{false};                  ///< nothing can be pending, for want of memory
    atomic<bool> closing_{false};
    atomic<bool> closed_{false};
    combiner passes_;

    // Only passes use these.
    Timers timers_;
    std::array<plain<bool>, bells + 1> waits_;  ///< pending
    plain<bool> rung_;                          ///< the bell, and its wait has not ended yet
    plain<bool> stopped_;                       ///< whatever is pending was told to end
};

}  // namespace admit::core
