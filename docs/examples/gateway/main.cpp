// SPDX-License-Identifier: BSL-1.0
// A TCP gateway to a bot: each client talks by lines, in a conversation under a permit. Operators
// watch it and change its limits on a second port. One thread; docs/guide/gateway.md has the
// protocol.
#include <admit/async.hpp>
#include <boost/asio.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <set>
#include <string>

#include "client.hpp"
#include "connection.hpp"
#include "operator.hpp"

namespace gateway {

constexpr std::size_t max_connections = 1024;  // a rejected user keeps its connection

class server {
public:
    server(std::uint16_t client_port, std::uint16_t operator_port, admit::duration deadline)
        : deadline_{deadline},
          clients_{context_, {asio::ip::address_v4::loopback(), client_port}},
          operators_{context_, {asio::ip::address_v4::loopback(), operator_port}} {}

    void run() {
        std::cout << "clients " << clients_.local_endpoint().port() << ", operators "
                  << operators_.local_endpoint().port() << std::endl;
        asio::co_spawn(context_, accept(clients_, true), asio::detached);
        asio::co_spawn(context_, accept(operators_, false), asio::detached);
        auto stopped = [](error_code) {};
        admit::async_expire(engine_, 50ms,
                            asio::bind_cancellation_slot(stop_expiring_.slot(),
                                                         asio::bind_executor(context_, stopped)));
        signals_.async_wait([this](error_code error, int) {
            if (!error) drain();
        });
        context_.run();
    }

private:
    asio::awaitable<void> accept(tcp::acceptor& acceptor, bool of_clients) {
        asio::steady_timer pause{context_};
        while (acceptor.is_open()) {
            auto accepting = acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
            auto [error, socket] = co_await std::move(accepting);
            if (error) {  // out of file descriptors, say: try again a little later
                pause.expires_after(100ms);
                auto waiting = pause.async_wait(asio::use_awaitable);
                co_await std::move(waiting);
            } else if (connections_.size() < max_connections) {
                auto lines = std::make_shared<connection>(std::move(socket));
                connections_.insert(lines);
                asio::co_spawn(context_, serve(lines, of_clients), asio::detached);
            }
        }
    }

    asio::awaitable<void> serve(std::shared_ptr<connection> lines, bool of_client) {
        if (of_client) {
            auto peer = std::make_shared<client>(lines, engine_, context_);
            auto serving = peer->serve();
            co_await std::move(serving);
        } else {
            auto serving = serve_operator(lines, engine_);
            co_await std::move(serving);
        }
        lines->close_when_sent();
        connections_.erase(lines);
        if (connections_.empty()) last_words_.cancel();
    }

    // Clients may still connect, and are told that the gateway shuts down.
    void drain() {
        std::cout << "draining" << std::endl;
        auto drained = [this](error_code, const admit::drain_report& report) {
            std::cout << report.completed << " ended in time, " << report.cut.size() << " cut off"
                      << std::endl;
            stop();
        };
        admit::async_drain(engine_, {.deadline = deadline_},
                           asio::bind_executor(context_, drained));
    }

    void stop() {
        stop_expiring_.emit(asio::cancellation_type::terminal);
        clients_.close();
        operators_.close();
        for (const auto& lines : connections_) lines->close_when_sent();
        if (connections_.empty()) return;
        last_words_.expires_after(1s);  // for peers that do not read; then the rest is dropped
        last_words_.async_wait([this](error_code error) {
            if (!error) context_.stop();
        });
    }

    asio::io_context context_{1};
    admit::engine engine_{admit::limits{.max_concurrent = 20, .max_per_user = 1}};
    admit::duration deadline_;
    asio::cancellation_signal stop_expiring_;
    asio::signal_set signals_{context_, SIGTERM, SIGINT};
    asio::steady_timer last_words_{context_};
    std::set<std::shared_ptr<connection>> connections_;
    tcp::acceptor clients_, operators_;
};

}  // namespace gateway

int main(int argc, char** argv) {
    using gateway::number;
    const auto client_port = number(argc > 1 ? argv[1] : "");
    const auto operator_port = number(argc > 2 ? argv[2] : "");
    const auto deadline = number(argc > 3 ? argv[3] : "10");
    if (argc > 4 || !client_port || *client_port > 65535 || !operator_port ||
        *operator_port > 65535 || !deadline) {
        std::cerr << "usage: gateway CLIENT_PORT OPERATOR_PORT [DRAIN_SECONDS]; port 0 is any\n";
        return 2;
    }
    try {
        gateway::server{static_cast<std::uint16_t>(*client_port),
                        static_cast<std::uint16_t>(*operator_port), std::chrono::seconds{*deadline}}
            .run();
    } catch (const std::exception& failed) {
        std::cerr << "gateway: " << failed.what() << '\n';
        return 1;
    }
}
