// SPDX-License-Identifier: BSL-1.0
// A connection that reads and writes whole lines; client.hpp and operator.hpp talk over it.
#pragma once

#include <boost/asio.hpp>
#include <charconv>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace gateway {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t max_line = 4096;  // bytes: a longer line ends the connection
constexpr std::size_t max_unsent = 64;  // lines: a peer that does not read is cut off

// A whole number from 0 to 4,294,967,295 and nothing else.
inline std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

class connection : public std::enable_shared_from_this<connection> {
public:
    explicit connection(tcp::socket socket) : socket_{std::move(socket)} {}

    // False: the peer has gone, or sent a line that is too long.
    asio::awaitable<bool> read_line(std::string& line) {
        auto reading = asio::async_read_until(socket_, asio::dynamic_buffer(input_, max_line), '\n',
                                              asio::as_tuple(asio::use_awaitable));
        auto [error, size] = co_await std::move(reading);
        if (error) co_return false;
        line = input_.substr(0, size - 1);
        input_.erase(0, size);
        if (line.ends_with('\r')) line.pop_back();
        co_return true;
    }

    // Never waits: lines are sent in order, as fast as the peer reads them.
    void say(std::string line) {
        if (closing_) return;
        if (unsent_.size() >= max_unsent) return abort();
        unsent_.push_back(std::move(line) + '\n');
        if (unsent_.size() == 1) send_first();
    }

    void close_when_sent() {
        closing_ = true;
        if (unsent_.empty()) abort();
    }

private:
    void send_first() {
        auto sent = [self = shared_from_this()](error_code error, std::size_t) {
            self->unsent_.pop_front();
            if (error) return self->abort();
            if (!self->unsent_.empty()) return self->send_first();
            if (self->closing_) self->abort();
        };
        asio::async_write(socket_, asio::buffer(unsent_.front()), std::move(sent));
    }

    void abort() {
        closing_ = true;
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }

    tcp::socket socket_;
    std::string input_;
    std::deque<std::string> unsent_;
    bool closing_ = false;
};

}  // namespace gateway
