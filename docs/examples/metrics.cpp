// SPDX-License-Identifier: BSL-1.0
// Figures for Prometheus at http://127.0.0.1:9464/metrics, or at the address that is given, while
// users come and go. Explained in docs/guide/monitoring.md.
#include <prometheus/exposer.h>
#include <admit/async.hpp>
#include <admit/metrics.hpp>
#include <boost/asio.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;

// A user who comes again and again, and waits if the bot is full.
asio::awaitable<void> visit(admit::engine& engine, std::string user, admit::duration length) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor};
    auto talk = [&](admit::permit&) -> asio::awaitable<void> {
        timer.expires_after(length);
        auto talking = timer.async_wait(asio::use_awaitable);
        co_await std::move(talking);
    };
    for (;;) {
        auto work = admit::async_with_permit(engine, user, {.wait_at_most = 100ms}, talk,
                                             asio::use_awaitable);
        co_await std::move(work);
        timer.expires_after(20ms);
        auto pause = timer.async_wait(asio::use_awaitable);
        co_await std::move(pause);
    }
}

void run(const std::string& address) {
    asio::io_context context;
    admit::engine engine{
        admit::limits{.max_concurrent = 2, .max_per_user = 1, .max_duration = 300ms},
        {.histograms = true}};

    auto figures = std::make_shared<admit::metrics>();
    figures->add(engine, "bot");
    prometheus::Exposer exposer{address};
    exposer.RegisterCollectable(figures);

    std::cout << "http://127.0.0.1:" << exposer.GetListeningPorts().at(0) << "/metrics\n";
    admit::async_expire(engine, 100ms, asio::bind_executor(context, [](auto) {}));
    for (const char* user : {"alice", "bob", "carol", "dave"})
        asio::co_spawn(context, visit(engine, user, 50ms), asio::detached);
    asio::co_spawn(context, visit(engine, "erin", 1h), asio::detached);  // until max_duration

    asio::signal_set signals{context, SIGTERM, SIGINT};
    signals.async_wait([&](boost::system::error_code, int) { context.stop(); });
    std::cout << "ready" << std::endl;
    context.run();
}

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? argv[1] : "127.0.0.1:9464");
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
