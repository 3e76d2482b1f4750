// SPDX-License-Identifier: BSL-1.0
// Users with limits of their own, a more urgent request, and a list of the requests that wait.
// Explained in docs/guide/wait.md.
#include <admit/async.hpp>
#include <boost/asio.hpp>
#include <iostream>
#include <string>

namespace asio = boost::asio;

/// The limit on a user, by the user's role.
std::size_t max_for(const std::string& user) { return user == "admin" ? admit::unlimited : 1; }

void ask(asio::io_context& context, admit::engine& engine, std::string user, unsigned priority) {
    const admit::wait_options options{
        .wait_at_most = admit::forever, .max_per_user = max_for(user), .priority = priority};
    admit::async_admit(
        engine, user, options,
        asio::bind_executor(context, [user](boost::system::error_code error, admit::permit) {
            if (!error) std::cout << user << ": your turn\n";
        }));  // the permit ends with the handler, and the engine admits the next waiter
}

int main() {
    asio::io_context context;
    admit::engine engine{admit::limits{.max_concurrent = 1, .max_per_user = 1}};
    auto first = engine.try_admit("admin", {.max_per_user = max_for("admin")});
    ask(context, engine, "alice", 0);
    ask(context, engine, "bob", 0);
    ask(context, engine, "admin", 1);
    for (const admit::waiter& each : engine.waiters())
        std::cout << each.user << ": " << each.ahead << " before you\n";
    first->end();
    context.run();
    return engine.stats().admitted == 4 ? 0 : 1;
}
