// SPDX-License-Identifier: BSL-1.0
// The same with Boost.Asio. Under AddressSanitizer it shows that the library and its user were
// compiled for the same Asio: what one allocates the other frees.
#include <admit/async.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdio>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

int admitted = 0;

asio::awaitable<void> talk(admit::permit&) {
    ++admitted;
    co_return;
}

asio::awaitable<void> converse(admit::engine& engine, admit::duration wait_at_most) {
    auto work = admit::async_with_permit(engine, "a", {.wait_at_most = wait_at_most}, &talk,
                                         asio::use_awaitable);
    const admit::outcome out = co_await std::move(work);
    if (!out) std::fputs("rejected\n", stderr);
}

}  // namespace

int main() {
    admit::engine engine{admit::limits{.max_concurrent = 1, .max_per_user = 1}};
    auto first = engine.try_admit("a");
    asio::io_context context;
    asio::co_spawn(context, converse(engine, 1ms), asio::detached);
    context.run();
    if (first) first->end();
    context.restart();
    asio::co_spawn(context, converse(engine, 1h), asio::detached);
    context.run();
    std::puts(admitted == 1 ? "admitted one of two" : "wrong");
    return admitted == 1 ? 0 : 1;
}
