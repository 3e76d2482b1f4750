// SPDX-License-Identifier: BSL-1.0
// A latch for coroutines: waiting suspends the coroutine and blocks no thread.
// Used by all scenarios to keep their users in step.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstddef>

namespace admit::load {

/// Opens when `arrive` was called as often as expected (0: open from the start) and stays open.
/// Each waiting coroutine is then resumed by a post to its executor. Any thread may arrive and
/// wait.
///
/// Lifetime: the latch must outlive every call of `arrive` and the start of every `wait`. A resumed
/// coroutine may destroy it. Destroying a closed latch destroys the coroutines that wait for it.
class latch {
public:
    explicit latch(std::size_t expected) noexcept;
    ~latch();
    latch(const latch&) = delete;
    latch& operator=(const latch&) = delete;

    /// Counts one arrival; does nothing if the latch is open. Terminates the process if a post
    /// fails for lack of memory.
    void arrive() noexcept;

    /// Expects one more arrival. The latch must not be open.
    void expect_one_more() noexcept { missing_.fetch_add(1); }

    /// Completes by a post, when the latch opens or if it is open already.
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
