// SPDX-License-Identifier: BSL-1.0
// A shared object that holds the library or links to it; unload.cpp loads and unloads it.
#include <admit/async.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>

/// Uses an engine, and an operation on a context, in the calling thread. Nothing is left of them.
/// @return Whether all went well.
extern "C" [[gnu::visibility("default")]] bool use() {
    admit::engine engine{{.max_concurrent = 1, .max_per_user = 1}};
    auto first = engine.try_admit("a");
    if (!first || engine.try_admit("b").has_value()) return false;
    boost::asio::io_context context;
    bool admitted = false;
    admit::async_admit(engine, "b", {.wait_at_most = admit::forever},
                       boost::asio::bind_executor(context, [&](auto error, admit::permit permit) {
                           admitted = !error && permit;
                       }));
    first->end();
    context.run();
    return admitted && engine.active_count() == 0 && engine.stats().ended.completed == 2;
}
