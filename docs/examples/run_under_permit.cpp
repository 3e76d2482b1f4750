// SPDX-License-Identifier: BSL-1.0
// A coroutine that runs in a conversation; the second user waits for the first one's slot.
// Explained in docs/guide/run.md.
#include <admit/async.hpp>
#include <boost/asio.hpp>
#include <chrono>
#include <iostream>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> talk(admit::engine& engine, std::string user) {
    auto body = [&](admit::permit& permit) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        asio::steady_timer thinking{executor, 10ms};
        auto thought = thinking.async_wait(asio::use_awaitable);
        co_await std::move(thought);  // throws when the conversation's time is up
        permit.touch();
        std::cout << "answered " << user << '\n';
    };
    auto work = admit::async_with_permit(engine, user, {.wait_at_most = 2s, .grace = 5s}, body,
                                         asio::use_awaitable);
    const admit::outcome outcome = co_await std::move(work);
    if (!outcome)
        std::cout << user << ": " << outcome.rejected.message() << '\n';
    else
        std::cout << user << ": " << admit::to_string(outcome.ended) << '\n';
}

int main() {
    asio::io_context context;
    admit::engine engine{admit::limits{.max_concurrent = 1, .max_per_user = 1}};
    asio::co_spawn(context, talk(engine, "alice"), asio::detached);
    asio::co_spawn(context, talk(engine, "bob"), asio::detached);  // waits for alice
    context.run();
    return engine.stats().ended.completed == 2 ? 0 : 1;
}
