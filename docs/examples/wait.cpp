// SPDX-License-Identifier: BSL-1.0
// Users who wait for a slot: one gets it, one gives up after 10 ms. Explained in
// docs/guide/wait.md.
#include <admit/async.hpp>
#include <boost/asio.hpp>
#include <chrono>
#include <iostream>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> talk(admit::engine& engine, std::string user, admit::duration patience) {
    auto permit = engine.try_admit(user);  // the fast way, when there is room
    if (!permit) {
        auto waiting = admit::async_admit(engine, user, {.wait_at_most = patience},
                                          asio::as_tuple(asio::use_awaitable));
        auto [error, granted] = co_await std::move(waiting);
        if (error) {
            std::cout << user << ": " << error.message() << '\n';
            co_return;
        }
        permit = std::move(granted);
    }
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer work{executor, 50ms};
    auto working = work.async_wait(asio::use_awaitable);
    co_await std::move(working);
    std::cout << user << ": done\n";
}  // the permit's destructor ends the conversation, and the engine admits the next waiter

int main() {
    asio::io_context context;
    admit::engine engine{admit::limits{.max_concurrent = 1, .max_per_user = 1}};
    asio::co_spawn(context, talk(engine, "alice", 0s), asio::detached);
    asio::co_spawn(context, talk(engine, "bob", 10s), asio::detached);
    asio::co_spawn(context, talk(engine, "carol", 10ms), asio::detached);
    context.run();
    return engine.stats().admitted == 2 ? 0 : 1;
}
