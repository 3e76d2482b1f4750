// SPDX-License-Identifier: BSL-1.0
// Contexts are destroyed, and engines are closed, while operations wait in them.
#include <admit/async.hpp>
#include <atomic>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <string>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/stress.hpp"
#include "support/threads.hpp"

namespace asio = boost::asio;
using admit::permit;
using support::counts;
using namespace std::chrono_literals;

TEST_CASE("contexts are destroyed while other threads grant slots to their waiters") {
    for (int round = 0; round < support::repetitions(400, 60) * support::stress_rounds(); ++round) {
        admit::engine engine{counts(2, 1)};
        std::atomic<int> alive{0};
        const auto handler = [&alive](boost::system::error_code, permit) { --alive; };
        support::run_together(3, [&](unsigned thread) {
            if (thread == 2) {
                for (int i = 0; i < 50; ++i) {
                    auto held = engine.try_admit("ender");
                    if (held) held->end();
                }
                return;
            }
            asio::io_context io;
            for (int i = 0; i < 10; ++i)
                admit::async_admit(engine, support::user_number(thread),
                                   {.wait_at_most = i % 2 == 0 ? admit::forever : 1h},
                                   asio::bind_executor(io, handler));
            io.poll();
            // The context is destroyed with waiters, with undelivered grants, or with neither.
        });
        CHECK(engine.stats().waiting == 0);
        CHECK(engine.stats().users == 0);
        CHECK(engine.active_count() == 0);
        CHECK(support::admit_strangers(engine, 3).size() == 2);
    }
}

TEST_CASE("contexts are destroyed while another thread ends their conversations") {
    for (int round = 0; round < support::repetitions(300, 40) * support::stress_rounds(); ++round) {
        admit::engine engine{counts(20, 10)};
        std::atomic<int> contexts_left{2};
        support::run_together(3, [&](unsigned thread) {
            if (thread == 2) {
                while (contexts_left != 0)
                    for (const auto& each : engine.conversations())
                        engine.end(each.id, admit::status::error);
                return;
            }
            {
                asio::io_context io;
                auto body = [](permit&) -> asio::awaitable<void> {
                    auto executor = co_await asio::this_coro::executor;
                    asio::steady_timer timer{executor, 1h};
                    co_await timer.async_wait(asio::use_awaitable);
                };
                for (int i = 0; i < 10; ++i)
                    admit::async_with_permit(
                        engine, support::user_number(thread), {}, body,
                        asio::bind_executor(io, [](std::exception_ptr, const admit::outcome&) {}));
                io.poll();
                // The context is destroyed with bodies that run, that are asked to end, or that are
                // done.
            }
            --contexts_left;
        });
        CHECK(engine.stats().users == 0);
        CHECK(engine.active_count() == 0);
        CHECK(support::admit_strangers(engine, 21).size() == 20);
    }
}

TEST_CASE("an engine is closed while waiters arrive") {
    for (int round = 0; round < support::repetitions(200, 30) * support::stress_rounds(); ++round) {
        constexpr unsigned waiting_threads = 2;
        constexpr int each = 20;
        admit::engine engine{counts(1, 1)};
        std::atomic<int> answers{0};
        support::run_together(waiting_threads + 1, [&](unsigned thread) {
            if (thread == waiting_threads) {
                std::this_thread::yield();
                engine.close();
                return;
            }
            asio::io_context io;
            for (int i = 0; i < each; ++i) {
                admit::async_admit(
                    engine, support::user_number(thread), {.wait_at_most = admit::forever},
                    asio::bind_executor(io, [&](boost::system::error_code, permit) { ++answers; }));
                if (i % 4 == 0) io.poll();
            }
            io.restart();
            io.run();  // returns when all operations have completed
        });
        CHECK(answers == static_cast<int>(waiting_threads) * each);
        CHECK(engine.stats().waiting == 0);
        CHECK(engine.active_count() == 0);
    }
}
