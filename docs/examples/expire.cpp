// SPDX-License-Identifier: BSL-1.0
// A conversation that goes quiet is expired, and its body says goodbye. Explained in
// docs/guide/expire.md.
#include <admit/async.hpp>
#include <boost/asio.hpp>
#include <chrono>
#include <iostream>

namespace asio = boost::asio;
using namespace std::chrono_literals;

// Stands for what a bot does with its network: it takes a while, and can be cancelled.
asio::awaitable<void> pause(admit::duration length) {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, length};
    auto waiting = timer.async_wait(asio::use_awaitable);
    co_await std::move(waiting);
}

asio::awaitable<void> chat(admit::permit& permit) {
    bool cancelled = false;
    try {
        auto reading = pause(1h);  // the user writes nothing
        co_await std::move(reading);
    } catch (const boost::system::system_error&) {
        cancelled = true;  // a catch block cannot await: go on behind it
    }
    if (!cancelled) co_return;
    co_await asio::this_coro::reset_cancellation_state();  // without this every co_await throws
    auto sending = pause(1ms);
    co_await std::move(sending);
    std::cout << "bot: I end this, you are " << admit::to_string(*permit.ending()) << '\n';
}

int main() {
    asio::io_context context;
    admit::engine engine{
        admit::limits{.max_concurrent = 10, .max_per_user = 1, .idle_timeout = 50ms}};

    asio::cancellation_signal stop;
    auto stopped = [](boost::system::error_code) {};
    admit::async_expire(
        engine, 10ms,
        asio::bind_cancellation_slot(stop.slot(), asio::bind_executor(context, stopped)));

    auto ended = [&](std::exception_ptr, admit::outcome outcome) {
        std::cout << "ended: " << admit::to_string(outcome.ended) << '\n';
        stop.emit(asio::cancellation_type::terminal);
    };
    admit::async_with_permit(engine, "alice", {.grace = 5s}, chat,
                             asio::bind_executor(context, ended));
    context.run();
    return engine.stats().ended.idle == 1 ? 0 : 1;
}
