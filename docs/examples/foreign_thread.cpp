// SPDX-License-Identifier: BSL-1.0
// Waiting for a slot from a thread that runs no io_context. Explained in
// docs/guide/foreign_loop.md.
#include <admit/async.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <iostream>

using namespace std::chrono_literals;

int main() {
    admit::engine engine{admit::limits{.max_concurrent = 1, .max_per_user = 1}};
    auto alice = engine.try_admit("@alice:example.org");

    std::promise<void> called;
    auto admitted = [&](boost::system::error_code error, admit::permit permit) {
        std::cout << "bob: " << (error ? error.message() : "admitted") << '\n';
        permit.end();
        called.set_value();
    };
    admit::async_admit(engine, "@bob:example.org", {.wait_at_most = 5s}, admitted);
    alice->end();  // the engine admits bob
    called.get_future().wait();

    std::future<admit::permit> carol = admit::async_admit(
        engine, "@carol:example.org", {.wait_at_most = 5s}, boost::asio::use_future);
    const admit::permit permit = carol.get();  // throws system_error when carol is rejected
    std::cout << "carol: " << (permit ? "admitted" : "no permit") << '\n';
    return permit ? 0 : 1;
}
