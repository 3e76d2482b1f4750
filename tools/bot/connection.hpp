// SPDX-License-Identifier: BSL-1.0
// A connection to a server, by TCP or TLS, that reads and writes whole lines. Used by
// irc_session.cpp.
#pragma once

#include <boost/asio.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#ifdef ADMIT_BOT_TLS
#include <boost/asio/ssl.hpp>
#endif

#include "bot/config.hpp"

namespace admit::bot {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

#ifdef ADMIT_BOT_TLS
constexpr bool tls_built_in = true;
#else
constexpr bool tls_built_in = false;
#endif

/// For `co_spawn`: what a coroutine of the bot throws is a fault, and ends the program.
struct fails_loudly {
    void operator()(const std::exception_ptr& thrown) const {
        if (thrown) std::rethrow_exception(thrown);
    }
};

class connection {
public:
    connection(const asio::any_io_executor& executor, const config& to);

    /// Resolves, connects and shakes hands. Throws `boost::system::system_error`.
    asio::awaitable<void> open();
    /// The next line without its end; nothing when the connection has ended or the line is too
    /// long.
    asio::awaitable<std::optional<std::string>> read_line();
    /// False: the connection has ended.
    asio::awaitable<bool> write_line(std::string line);
    /// Waits that long, or until the connection is closed.
    asio::awaitable<void> pause(duration length);
    /// Ends what is under way, from outside.
    void close();

    bool is_open() const { return !closed_; }
    bool encrypted() const { return config_.tls; }

private:
    /// False: the connection has ended.
    asio::awaitable<bool> read_more();

    const config& config_;
    tcp::resolver resolver_;
    tcp::socket socket_;
    asio::steady_timer tick_;
#ifdef ADMIT_BOT_TLS
    asio::ssl::context tls_{asio::ssl::context::tls_client};
    std::optional<asio::ssl::stream<tcp::socket&>> stream_;
#endif
    std::string input_;
    bool closed_ = false;
};

}  // namespace admit::bot
