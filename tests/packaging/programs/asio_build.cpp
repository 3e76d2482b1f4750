// SPDX-License-Identifier: BSL-1.0
// Starts one operation. mismatch_test.py compiles it for another Asio than the library's.
#ifdef OTHER_VERSION
#include <boost/asio/version.hpp>
#undef BOOST_ASIO_VERSION
#define BOOST_ASIO_VERSION OTHER_VERSION
#endif
#include <admit/async.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

int main() {
    admit::engine engine;
    boost::asio::io_context context;
    bool drained = false;
    admit::async_drain(engine, {}, boost::asio::bind_executor(context, [&](auto, const auto&) {
                           drained = true;
                       }));
    context.run();
    std::puts(drained ? "drained" : "not drained");
    return drained ? 0 : 1;
}
