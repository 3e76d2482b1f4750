// SPDX-License-Identifier: BSL-1.0
#include "bot/connection.hpp"

namespace admit::bot {
namespace {

constexpr std::size_t max_input = 8192 + 512;  // a line with all tags that IRCv3 allows
constexpr std::size_t at_once = 4096;
constexpr auto use_error = asio::as_tuple(asio::use_awaitable);

}  // namespace

connection::connection(const asio::any_io_executor& executor, const config& to)
    : config_{to}, resolver_{executor}, socket_{executor}, tick_{executor} {}

asio::awaitable<void> connection::open() {
    auto resolving =
        resolver_.async_resolve(config_.host, std::to_string(config_.port), asio::use_awaitable);
    const auto addresses = co_await std::move(resolving);
    auto connecting = asio::async_connect(socket_, addresses, asio::use_awaitable);
    co_await std::move(connecting);
    socket_.set_option(tcp::no_delay{true});
#ifdef ADMIT_BOT_TLS
    if (!config_.tls) co_return;
    if (config_.ca_file.empty())
        tls_.set_default_verify_paths();
    else
        tls_.load_verify_file(config_.ca_file);
    stream_.emplace(socket_, tls_);
    stream_->set_verify_mode(asio::ssl::verify_peer);
    stream_->set_verify_callback(asio::ssl::host_name_verification{config_.host});
    SSL_set_min_proto_version(stream_->native_handle(), TLS1_2_VERSION);
    // The macro SSL_set_tlsext_host_name has a cast in the style of C.
    std::string name = config_.host;
    SSL_ctrl(stream_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             name.data());
    auto handshake = stream_->async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_await std::move(handshake);
#endif
}

asio::awaitable<bool> connection::read_more() {
    const std::size_t before = input_.size();
    input_.resize(before + at_once);
    const auto room = asio::buffer(input_) + before;
#ifdef ADMIT_BOT_TLS
    if (config_.tls) {
        auto reading = stream_->async_read_some(room, use_error);
        auto [error, size] = co_await std::move(reading);
        input_.resize(before + size);
        co_return !error;
    }
#endif
    auto reading = socket_.async_read_some(room, use_error);
    auto [error, size] = co_await std::move(reading);
    input_.resize(before + size);
    co_return !error;
}

asio::awaitable<std::optional<std::string>> connection::read_line() {
    std::size_t seen = 0;
    for (;;) {
        const std::size_t end = input_.find('\n', seen);
        if (end != std::string::npos) {
            std::string line = input_.substr(0, end);
            input_.erase(0, end + 1);
            co_return line;
        }
        seen = input_.size();
        if (closed_ || seen > max_input) co_return std::nullopt;
        auto reading = read_more();
        const bool more = co_await std::move(reading);
        if (!more) co_return std::nullopt;
    }
}

asio::awaitable<bool> connection::write_line(std::string line) {
    line += "\r\n";
#ifdef ADMIT_BOT_TLS
    if (config_.tls) {
        auto writing = asio::async_write(*stream_, asio::buffer(line), use_error);
        auto [error, size] = co_await std::move(writing);
        co_return !error;
    }
#endif
    auto writing = asio::async_write(socket_, asio::buffer(line), use_error);
    auto [error, size] = co_await std::move(writing);
    co_return !error;
}

asio::awaitable<void> connection::pause(duration length) {
    if (closed_) co_return;
    tick_.expires_after(length);
    auto waiting = tick_.async_wait(use_error);
    co_await std::move(waiting);
}

void connection::close() {
    closed_ = true;
    tick_.cancel();
    resolver_.cancel();
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
}

}  // namespace admit::bot
