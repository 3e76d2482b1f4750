// SPDX-License-Identifier: BSL-1.0
// Helpers that the tests of the Asio operations (tests/async) share.
#pragma once

#include <doctest/doctest.h>
#include <admit/async.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "support/engines.hpp"

namespace support {

namespace asio = boost::asio;

/// The arguments of a handler of `async_admit`, and the number of its calls.
struct answer {
    int times = 0;
    boost::system::error_code error;
    admit::permit granted;

    bool has_permit() const { return times == 1 && !error && granted; }
    bool refused_as(boost::system::error_code reason) const {
        return times == 1 && error == reason && !granted;
    }
};

/// A handler that stores its arguments in `got`.
inline auto into(answer& got) {
    return [&got](boost::system::error_code error, admit::permit granted) {
        ++got.times;
        got.error = error;
        got.granted = std::move(granted);
    };
}

/// One `async_admit` on a context, with a signal that cancels the operation.
class waiter {
public:
    template <class Executor>
    waiter(const Executor& executor, admit::engine& engine, std::string_view user,
           admit::duration wait_at_most = admit::forever) {
        admit::async_admit(
            engine, user, {.wait_at_most = wait_at_most},
            asio::bind_executor(executor, asio::bind_cancellation_slot(signal_.slot(), into(got))));
    }
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;

    bool waits() const { return got.times == 0; }
    void cancel(asio::cancellation_type type = asio::cancellation_type::terminal) {
        signal_.emit(type);
    }

    answer got;

private:
    asio::cancellation_signal signal_;
};

/// Several waiters.
using waiters = std::vector<std::unique_ptr<waiter>>;

/// The number of waiters that hold a permit.
inline std::size_t granted(const waiters& all) {
    std::size_t count = 0;
    for (const auto& each : all)
        if (each->got.has_permit()) ++count;
    return count;
}

/// Suspends the calling coroutine for `length`.
inline asio::awaitable<void> pause(admit::duration length) {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, length};
    co_await timer.async_wait(asio::use_awaitable);
}

/// Checks that no conversation is active, no operation waits, and every slot is free.
inline void check_at_rest(admit::engine& engine) {
    const auto stats = engine.stats();
    CHECK(stats.active == 0);
    CHECK(stats.users == 0);
    CHECK(stats.waiting == 0);
    CHECK(stats.admitted == stats.ended.total());
    CHECK(engine.active_count() == 0);
    const std::size_t capacity = engine.limits().max_concurrent;
    CHECK(admit_strangers(engine, capacity + 1).size() == capacity);
}

}  // namespace support
