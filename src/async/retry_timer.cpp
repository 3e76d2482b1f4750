// SPDX-License-Identifier: BSL-1.0
#include "async/retry_timer.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <boost/system/error_code.hpp>
#include <new>
#include <thread>

#include "lifecycle/supervision.hpp"
#include "state/engine_registry.hpp"
#include "system/this_thread.hpp"
#include "waiting/serving.hpp"

namespace admit::detail {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds retry_delay{10};

/// Wakes what could not be woken, in all engines. True: there is more.
bool retry_all() noexcept {
    std::size_t left = 0;
    core::engine_registry::for_each([&](core::engine_core& core) {
        left += core::supervisor_cells::retry(core);
        core::serve(core, system::this_thread());
    });
    return left > 0;
}

}  // namespace

/// Hands out the storage of the timer, for the one wait that is pending.
template <class T>
struct retry_timer::storage_allocator {
    using value_type = T;

    explicit storage_allocator(void* place) noexcept : storage{place} {}
    template <class U>
    explicit(false) storage_allocator(const storage_allocator<U>& other) noexcept
        : storage{other.storage} {}
    T* allocate(std::size_t) noexcept {
        static_assert(sizeof(T) <= sizeof storage_ && alignof(T) <= alignof(std::max_align_t));
        return static_cast<T*>(storage);
    }
    void deallocate(T*, std::size_t) noexcept {}
    friend bool operator==(const storage_allocator&, const storage_allocator&) noexcept = default;

    void* storage;
};

retry_timer::retry_timer(asio::execution_context& context) : timer_{inline_executor{context}} {}

void retry_timer::enter() {
    // relaxed: edge combiner, as for every flag of this file.
    if (operations_.fetch_add(1, std::memory_order_relaxed) != 0) return;
    combiner_.run([this] { adjust(); });
    // relaxed: edge combiner.
    if (!starved_.load(std::memory_order_relaxed)) return;
    leave();
    throw std::bad_alloc{};
}

void retry_timer::leave() noexcept {
    // relaxed: edge combiner.
    if (operations_.fetch_sub(1, std::memory_order_relaxed) == 1)
        combiner_.run([this] { adjust(); });
}

void retry_timer::soon() noexcept {
    // relaxed: edge combiner.
    soon_.store(true, std::memory_order_relaxed);
    combiner_.run([this] { adjust(); });
}

void retry_timer::close() noexcept {
    // relaxed: edge combiner.
    closing_.store(true, std::memory_order_relaxed);
    combiner_.run([this] { adjust(); });
    // acquire: the pass that closed is done with the timer.
    while (!closed_.load(std::memory_order_acquire)) std::this_thread::yield();
}

/// One pass: makes the timer what the flags want it to be.
void retry_timer::adjust() noexcept {
    // relaxed, here and below: edge combiner.
    if (fired_.exchange(false, std::memory_order_relaxed)) pending_ = pending::none;
    if (closing_.load(std::memory_order_relaxed)) {
        timer_.reset();
        // release: the thread that closes sees that this pass is done with the timer.
        return closed_.store(true, std::memory_order_release);
    }
    // relaxed: edge combiner.
    const bool needed = operations_.load(std::memory_order_relaxed) > 0;
    const bool retry = soon_.load(std::memory_order_relaxed);
    if (pending_ == pending::none) {
        bool starved = false;
        try {
            if (needed) arm(retry);
        } catch (const std::bad_alloc&) {
            starved = true;
        }
        // relaxed: edge combiner.
        starved_.store(starved, std::memory_order_relaxed);
    } else if ((pending_ == pending::distant && (retry || !needed)) ||
               (pending_ == pending::retry && !needed)) {
        pending_ = pending::cancelled;
        timer_->cancel();
    }
}

void retry_timer::arm(bool retry) {
    timer_->expires_at(retry ? std::chrono::steady_clock::now() + retry_delay
                             : std::chrono::steady_clock::time_point::max());
    timer_->async_wait(asio::bind_allocator(storage_allocator<void>{storage_.data()},
                                            [this](boost::system::error_code) { fired(); }));
    pending_ = retry ? pending::retry : pending::distant;
}

/// The timer was cancelled, or it is time. The operation's storage is free again.
void retry_timer::fired() noexcept {
    // relaxed, here and below: edge combiner.
    soon_.store(false, std::memory_order_relaxed);
    // Posted outside the combiner: an executor may run anything.
    if (operations_.load(std::memory_order_relaxed) > 0 && retry_all())
        soon_.store(true, std::memory_order_relaxed);
    // relaxed: edge combiner.
    fired_.store(true, std::memory_order_relaxed);
    combiner_.run([this] { adjust(); });
}

}  // namespace admit::detail
