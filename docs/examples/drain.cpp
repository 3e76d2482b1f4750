// SPDX-License-Identifier: BSL-1.0
// A bot that drains on SIGTERM: one conversation ends in time, one is cut off and says goodbye.
// Explained in docs/guide/drain.md.
#include <admit/async.hpp>
#include <boost/asio.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;

// Stands for what a bot does with its network: it takes a while, and can be cancelled.
asio::awaitable<void> pause(admit::duration length) {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, length};
    auto waiting = timer.async_wait(asio::use_awaitable);
    co_await std::move(waiting);
}

asio::awaitable<void> talk(admit::engine& engine, std::string user, const bool& leave) {
    auto body = [&](admit::permit& permit) -> asio::awaitable<void> {
        bool cancelled = false;
        try {
            while (!leave) {
                auto step = pause(5ms);
                co_await std::move(step);
                permit.touch();
            }
        } catch (const boost::system::system_error&) {
            cancelled = true;
        }
        if (cancelled) {
            co_await asio::this_coro::reset_cancellation_state();
            auto sending = pause(1ms);
            co_await std::move(sending);
        }
        std::cout << (cancelled ? "cut off, goodbye " : "goodbye ") << user << '\n';
    };
    auto work = admit::async_with_permit(engine, user, {.grace = 5s}, body, asio::use_awaitable);
    const admit::outcome outcome = co_await std::move(work);
    if (!outcome) std::cout << user << ": " << outcome.rejected.message() << '\n';
}

int main() {
    asio::io_context context;
    admit::engine engine{admit::limits{.max_concurrent = 2, .max_per_user = 1}};
    bool stopping = false;
    const bool never_leaves = false;

    asio::signal_set signals{context, SIGTERM, SIGINT};
    signals.async_wait([&](boost::system::error_code error, int) {
        if (error) return;
        stopping = true;  // alice's body takes note; bob's does not
        auto drained = [](boost::system::error_code, const admit::drain_report& report) {
            std::cout << report.completed << " ended in time, " << report.cut.size() << " cut off, "
                      << report.overstayed << " overstayed\n";
        };
        admit::async_drain(engine, {.deadline = 2s}, asio::bind_executor(context, drained));
        asio::co_spawn(context, talk(engine, "carol", stopping), asio::detached);  // too late
    });

    asio::co_spawn(context, talk(engine, "alice", stopping), asio::detached);
    asio::co_spawn(context, talk(engine, "bob", never_leaves), asio::detached);
    std::cout << "ready" << std::endl;
    context.run();  // until the engine is drained
    return engine.active_count() == 0 ? 0 : 1;
}
