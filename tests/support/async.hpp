// What the tests of the Asio operations have in common.
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

/// What a handler of `async_admit` was called with, and how often it was.
struct answer {
    int times = 0;
    boost::system::error_code error;
    admit::permit granted;

    bool has_permit() const { return times == 1 && !error && granted; }
    bool refused_as(boost::system::error_code why) const {
        return times == 1 && error == why && !granted;
    }
};

/// The handler that writes it down.
inline auto into(answer& got) {
    return [&got](boost::system::error_code error, admit::permit granted) {
        ++got.times;
        got.error = error;
        got.granted = std::move(granted);
    };
}

/// One `async_admit` on a context, with the signal to cancel it by.
class waiter {
public:
    template <class Executor>
    waiter(const Executor& executor, admit::engine& engine, std::string_view user,
           admit::duration at_most = admit::forever) {
        admit::async_admit(
            engine, user, {.wait_at_most = at_most},
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

/// Several of them.
using waiters = std::vector<std::unique_ptr<waiter>>;

/// How many have been granted what they wait for, and hold it.
inline std::size_t granted(const waiters& all) {
    std::size_t count = 0;
    for (const auto& each : all)
        if (each->got.has_permit()) ++count;
    return count;
}

/// Suspends a coroutine.
inline asio::awaitable<void> pause(admit::duration length) {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, length};
    co_await timer.async_wait(asio::use_awaitable);
}

/// Nobody is active or waits, and all room is there again.
inline void check_at_rest(admit::engine& engine) {
    const auto stats = engine.stats();
    CHECK(stats.active == 0);
    CHECK(stats.users == 0);
    CHECK(stats.waiting == 0);
    CHECK(stats.admitted == stats.ended.total());
    CHECK(engine.active_count() == 0);
    const std::size_t room = engine.limits().max_concurrent;
    CHECK(admit_strangers(engine, room + 1).size() == room);
}

}  // namespace support
