// A latch for coroutines: waiting suspends the coroutine and never blocks a thread.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstddef>

namespace admit::load {

/// Opens, for good, when `arrive` was called as often as expected (0: open from the start). Every
/// coroutine that waits is then resumed by a post to its own executor. Any thread may arrive and
/// wait.
///
/// Lifetime: must outlive every call of `arrive` and the start of every `wait`, but not the
/// resumption: who is resumed may destroy the latch. A latch that is destroyed unopened destroys
/// the coroutines that wait for it.
class latch {
public:
    explicit latch(std::size_t expected) noexcept;
    ~latch();
    latch(const latch&) = delete;
    latch& operator=(const latch&) = delete;

    /// Counts one arrival; does nothing when the latch is open. Throws nothing: what cannot be
    /// posted for want of memory terminates.
    void arrive() noexcept;

    /// Completes when the latch is open; at once (by a post) when it is open already.
    boost::asio::awaitable<void> wait();

private:
    struct waiter;
    template <class Handler>
    struct waiting_handler;

    void open() noexcept;
    bool enqueue(waiter&) noexcept;

    std::atomic<std::size_t> missing_;
    std::atomic<waiter*> waiters_{nullptr};  // a stack, or `opened`
    static waiter* const opened;
};

}  // namespace admit::load
