// SPDX-License-Identifier: BSL-1.0
// The state of one waiter in its cell, as one atomic word. Passes and notifiers claim a waiter;
// cancellations, timeouts and destroyed contexts withdraw it. One compare-and-swap decides between
// them; an error code never does. docs/design.md#waiting has the whole.
#pragma once

#include <cstdint>

#include "base/assert.hpp"
#include "base/atomic.hpp"

namespace admit::core {

/// Bits 63-3: the generation, which `finish` raises by 1. Bits 2-0: the state.
///
///     value  state      next                                         may touch the cell
///     0      idle       arm -> waiting                               the thread that took the cell
///     1      waiting    claim -> claimed, withdraw or                readers; what they read is
///                       depart -> withdrawn                          true if they claim or
///                       withdraw
///     2      claimed    supervisor: unclaim -> waiting,              the claimer
///                       depart -> departed, finish -> idle
///                       waiter: settle -> settled
///     3      departed   finish -> idle                               the claimer
///     4      withdrawn  finish -> idle                               the withdrawer, then a pass
///                                                                    or the next poster
///     5      settled    begin_post -> posting, take -> withdrawn     -
///     6      posting    settle -> settled, finish -> idle            the poster
///
/// `depart` is for a supervisor, which may be notified just then: the notifier finishes the cell. A
/// waiter is settled when it has its verdict. It is posted later, by the thread that has it in its
/// list, or by the thread that takes it from the stack `unposted_` of waiting_room.hpp.
class wait_word {
public:
    class snapshot {
    public:
        bool waiting() const noexcept { return state() == waiting_state; }
        bool claimed() const noexcept { return state() == claimed_state; }
        /// Some thread may refer to a waiter here, or will.
        bool referred() const noexcept {
            return state() != idle_state && state() != withdrawn_state;
        }
        std::uint64_t generation() const noexcept { return bits_ >> state_bits; }

    private:
        friend class wait_word;
        explicit snapshot(std::uint64_t bits) noexcept : bits_{bits} {}
        std::uint64_t state() const noexcept { return bits_ & state_mask; }
        std::uint64_t bits_;
    };

    snapshot read() const noexcept {
        // acquire: edge arm -> claim, for a thread that reads the cell before it claims.
        return snapshot{bits_.load(memory_order_acquire)};
    }

    /// The holder of an idle cell has filled it: from now on the waiter can be woken. Returns the
    /// generation, by which the waiter is withdrawn.
    std::uint64_t arm() noexcept {
        // relaxed: the caller holds the cell, by edge push -> pop.
        const snapshot seen{bits_.load(memory_order_relaxed)};
        ADMIT_ASSERT(seen.state() == idle_state);
        // release: edge arm -> claim.
        bits_.store(seen.generation() << state_bits | waiting_state, memory_order_release);
        return seen.generation();
    }

    /// The right to wake the waiter of that generation, for one caller.
    bool claim(std::uint64_t generation) noexcept {
        return move(generation, waiting_state, claimed_state);
    }

    /// The right to take the waiter of that generation back, for one caller.
    bool withdraw(std::uint64_t generation) noexcept {
        return move(generation, waiting_state, withdrawn_state);
    }

    /// The waiter goes, even if it is claimed. True: the caller finishes; false: the claimer does.
    bool depart(std::uint64_t generation) noexcept {
        while (!withdraw(generation))
            if (move(generation, claimed_state, departed_state)) return false;
        return true;
    }

    /// The claimer is done, and the waiter waits again. False: the waiter has departed, and the
    /// claimer finishes.
    bool unclaim() noexcept {
        // relaxed: no other thread changes the generation meanwhile.
        const snapshot seen{bits_.load(memory_order_relaxed)};
        ADMIT_ASSERT(seen.claimed() || seen.state() == departed_state);
        return move(seen.generation(), claimed_state, waiting_state);
    }

    /// The claimed waiter has its verdict, or cannot be posted now: it is to be posted.
    void settle() noexcept {
        // relaxed: no other thread changes the word meanwhile.
        const snapshot seen{bits_.load(memory_order_relaxed)};
        ADMIT_ASSERT(seen.claimed() || seen.state() == posting_state);
        // release: edge arm -> claim, for the thread that posts or takes the waiter.
        bits_.store(seen.generation() << state_bits | settled_state, memory_order_release);
    }

    /// The right to post a settled waiter, for one caller.
    bool begin_post() noexcept {
        // relaxed: the generation of a cell that is to be posted does not change.
        const snapshot seen{bits_.load(memory_order_relaxed)};
        return move(seen.generation(), settled_state, posting_state);
    }

    /// The right to a settled waiter of that generation that was not posted yet, for one caller.
    /// The next poster finishes the cell.
    bool take(std::uint64_t generation) noexcept {
        return move(generation, settled_state, withdrawn_state);
    }

    /// No thread refers to the waiter any more; the cell can be used again.
    void finish() noexcept {
        // relaxed: no other thread changes the word any more.
        const snapshot seen{bits_.load(memory_order_relaxed)};
        ADMIT_ASSERT(seen.state() >= claimed_state);  // neither idle nor waiting
        // release: edge finish -> read, for a thread that waits until a claim has ended.
        bits_.store((seen.generation() + 1) << state_bits | idle_state, memory_order_release);
    }

private:
    static constexpr std::uint64_t idle_state = 0;
    static constexpr std::uint64_t waiting_state = 1;
    static constexpr std::uint64_t claimed_state = 2;
    static constexpr std::uint64_t departed_state = 3;
    static constexpr std::uint64_t withdrawn_state = 4;
    static constexpr std::uint64_t settled_state = 5;
    static constexpr std::uint64_t posting_state = 6;
    static constexpr unsigned state_bits = 3;
    static constexpr std::uint64_t state_mask = 7;

    bool move(std::uint64_t generation, std::uint64_t from, std::uint64_t to) noexcept {
        std::uint64_t seen = generation << state_bits | from;
        // release: edge arm -> claim, from a claimer that unclaims to the next claimer. acquire:
        // edge arm -> claim; also on failure, for a claimer that finds its waiter departed.
        return bits_.compare_exchange_strong(seen, generation << state_bits | to,
                                             memory_order_acq_rel, memory_order_acquire);
    }

    atomic<std::uint64_t> bits_{0};
};

}  // namespace admit::core
