// SPDX-License-Identifier: BSL-1.0
// The bot's life on the network: connects, registers, joins, answers pings, connects again. What
// users send goes to a `listener`, which is bot.cpp.
#pragma once

#include <memory>
#include <random>
#include <string>

#include "bot/connection.hpp"
#include "bot/log.hpp"
#include "bot/outbox.hpp"
#include "bot/roster.hpp"

namespace admit::bot {

/// Hears of what happens on the network. Called on the thread of the context.
class listener {
public:
    virtual ~listener() = default;
    virtual void on_text(const message& line) = 0;  // a PRIVMSG
    virtual void on_rename(const std::string& from, const std::string& to) = 0;
    virtual void on_gone(const std::string& nick) = 0;
    virtual void on_connection_lost() = 0;
};

class irc_session {
public:
    irc_session(asio::io_context& context, const config& settings, class log& log, listener& to);

    /// Runs until `stop`, and connects again as often as it takes.
    asio::awaitable<void> run();
    /// Says what is unsent but for places and steps, then QUIT. The connection ends at the latest
    /// after `patience` and the time that these lines take, a minute in all.
    void stop(duration patience);

    /// A NOTICE to a nick or a channel, in the turn of the user. Long texts are cut.
    void say(const std::string& user, const std::string& target, std::string_view text);
    /// A NOTICE that a later one of the same key replaces, and that is dropped first.
    void notify(std::size_t key, const std::string& target, std::string_view text);
    void forget_notice(std::size_t key) { outbox_.forget_notice(key); }
    /// Asks the server which of these nicks are still there; those that are not are `on_gone`.
    void ask_for(std::vector<std::string> nicks);

    roster& members() { return roster_; }
    bool encrypted() const { return connection_ && connection_->encrypted(); }

private:
    asio::awaitable<void> run_once();
    asio::awaitable<void> pause(duration length);
    asio::awaitable<void> write_lines(std::shared_ptr<connection> to);
    asio::awaitable<void> keep_alive(std::shared_ptr<connection> to);
    void greet();
    void handle(const message& line);
    void handle_numeric(const message& line);
    void handle_departure(const message& line);
    void join_channels();
    void take_other_nick();
    void send(std::string line);

    asio::io_context& context_;
    const config& config_;
    class log& log_;
    listener& listener_;
    roster roster_;
    outbox outbox_;
    asio::steady_timer more_to_send_;
    asio::steady_timer retry_;
    asio::steady_timer deadline_;
    std::shared_ptr<connection> connection_;
    std::mt19937 random_{std::random_device{}()};
    std::string tried_nick_;
    std::vector<std::string> asked_for_;  // the nicks of the last ISON
    std::size_t next_asked_ = 0;
    clock::time_point registered_at_{};
    bool registered_ = false;
    bool stopping_ = false;
    bool heard_ = false;   // a line since the last tick of `keep_alive`
    bool pinged_ = false;  // on this connection
};

}  // namespace admit::bot
