// SPDX-License-Identifier: BSL-1.0
#include "bot/irc_session.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace admit::bot {
namespace {

constexpr auto use_error = asio::as_tuple(asio::use_awaitable);
constexpr duration longest_stop = std::chrono::minutes{1};

}  // namespace

irc_session::irc_session(asio::io_context& context, const config& settings, class log& log,
                         listener& to)
    : context_{context},
      config_{settings},
      log_{log},
      listener_{to},
      outbox_{token_bucket{settings.burst, settings.lines_per_second}},
      more_to_send_{context},
      retry_{context},
      deadline_{context} {}

asio::awaitable<void> irc_session::run() {
    duration delay = config_.reconnect_min;
    while (!stopping_) {
        std::string reason = "the server ended the connection";
        try {
            auto once = run_once();
            co_await std::move(once);
        } catch (const std::exception& failed) {
            reason = failed.what();
        }
        connection_->close();
        more_to_send_.cancel();
        // A server that lets the bot in and closes at once is as busy as one that is away.
        if (registered_ && clock::now() - registered_at_ > config_.reconnect_max)
            delay = config_.reconnect_min;
        registered_ = false;
        outbox_.clear();
        roster_.reset({});
        listener_.on_connection_lost();
        log_.write("disconnected", {{"reason", reason}});
        if (stopping_) break;
        // Bots that lost the same server must not come back in the same instant.
        std::uniform_real_distribution<double> jitter{0.5, 1.0};
        auto waiting = pause(duration{
            static_cast<duration::rep>(jitter(random_) * static_cast<double>(delay.count()))});
        co_await std::move(waiting);
        delay = std::min(delay * 2, config_.reconnect_max);
    }
    deadline_.cancel();
}

asio::awaitable<void> irc_session::pause(duration length) {
    retry_.expires_after(length);
    auto waiting = retry_.async_wait(use_error);
    co_await std::move(waiting);
}

asio::awaitable<void> irc_session::run_once() {
    connection_ = std::make_shared<connection>(context_.get_executor(), config_);
    const auto current = connection_;
    deadline_.expires_after(config_.connect_timeout);
    deadline_.async_wait([current](error_code error) {
        if (!error) current->close();
    });
    auto opening = current->open();
    co_await std::move(opening);
    greet();
    asio::co_spawn(context_, write_lines(current), fails_loudly{});
    asio::co_spawn(context_, keep_alive(current), fails_loudly{});
    for (;;) {
        auto reading = current->read_line();
        const auto line = co_await std::move(reading);
        if (!line) break;
        heard_ = true;
        if (const auto read = parse(*line)) handle(*read);
    }
}

void irc_session::greet() {
    tried_nick_ = config_.nick;
    roster_.reset(tried_nick_);
    pinged_ = false;
    asked_for_.clear();
    send(make_line("CAP", {"REQ"}, "multi-prefix"));
    if (config_.accounts) send(make_line("CAP", {"REQ"}, "account-tag"));
    send(make_line("CAP", {"END"}));
    if (!config_.password.empty()) send(make_line("PASS", {}, config_.password));
    send(make_line("NICK", {tried_nick_}));
    send(make_line("USER", {config_.user, "0", "*"}, "admit-ircbot"));
}

asio::awaitable<void> irc_session::write_lines(std::shared_ptr<connection> to) {
    while (to->is_open()) {
        const auto now = clock::now();
        if (auto line = outbox_.next(now)) {
            auto writing = to->write_line(std::move(*line));
            const bool written = co_await std::move(writing);
            if (!written) to->close();
            continue;
        }
        if (outbox_.empty() && stopping_) break;
        more_to_send_.expires_at(outbox_.empty() ? clock::time_point::max()
                                                 : now + outbox_.wait(now));
        auto waiting = more_to_send_.async_wait(use_error);
        co_await std::move(waiting);
    }
    if (!to->is_open()) co_return;
    auto leaving = to->write_line(make_line("QUIT", {}, "goodbye"));
    co_await std::move(leaving);
    to->close();
}

/// Pings the server, ends a connection that gives no sign of life, and mends what was lost: the
/// nick, and channels that could not be joined.
asio::awaitable<void> irc_session::keep_alive(std::shared_ptr<connection> to) {
    while (to->is_open()) {
        heard_ = false;
        auto waiting = to->pause(config_.ping_every);
        co_await std::move(waiting);
        if (!to->is_open()) break;
        if (!registered_) continue;  // `deadline_` watches over the registration
        if (pinged_ && !heard_) {
            log_.write("silent");
            to->close();
            break;
        }
        pinged_ = true;
        send(make_line("PING", {}, "admit"));
        if (!roster_.same(roster_.my_nick(), config_.nick)) send(make_line("NICK", {config_.nick}));
        join_channels();
    }
}

void irc_session::handle(const message& line) {
    const bool of_operator =
        line.command == "NICK" && roster_.is_operator(config_.control_channel, line.nick);
    roster_.apply(line);
    if (line.command == "PING") {
        send(make_line("PONG", {}, line.param(0)));
    } else if (line.command == "PRIVMSG") {
        if (!line.address.empty()) listener_.on_text(line);
    } else if (line.command == "NICK") {
        listener_.on_rename(line.nick, std::string{line.param(0)});
        // Whether the new nick is an operator is the server's to say.
        if (of_operator) send(make_line("NAMES", {config_.control_channel}));
    } else if (line.command == "JOIN" && roster_.same(line.nick, roster_.my_nick())) {
        log_.write("joined", {{"channel", line.param(0)}});
        send(make_line("WHO", {line.param(0)}));  // it tells the addresses of the members
    } else if (line.command.size() == 3 && line.command[0] >= '0' && line.command[0] <= '9') {
        handle_numeric(line);
    } else {
        handle_departure(line);
    }
}

void irc_session::handle_departure(const message& line) {
    if (line.command == "QUIT") listener_.on_gone(line.nick);
    if (line.command == "KILL") listener_.on_gone(std::string{line.param(0)});
    if (line.command == "KICK" && roster_.same(line.param(1), roster_.my_nick()))
        log_.write("kicked", {{"channel", line.param(0)}});
}

void irc_session::handle_numeric(const message& line) {
    const std::string& number = line.command;
    if (number == "001") {
        deadline_.cancel();
        registered_ = true;
        registered_at_ = clock::now();
        log_.write("connected", {{"nick", line.param(0)}});
    } else if (number == "376" || number == "422") {  // the end of the greeting
        join_channels();
    } else if (number == "432" || number == "433" || number == "436" || number == "437") {
        if (!registered_) take_other_nick();
    } else if (number == "401") {
        listener_.on_gone(std::string{line.param(1)});
    } else if (number == "303") {
        const std::string there = ' ' + roster_.folded(line.param(1)) + ' ';
        const auto asked = std::exchange(asked_for_, {});
        for (const std::string& nick : asked)
            if (there.find(' ' + roster_.folded(nick) + ' ') == std::string::npos)
                listener_.on_gone(nick);
    }
}

void irc_session::join_channels() {
    for (const std::string& channel : config_.channels)
        if (!roster_.in_channel(channel)) send(make_line("JOIN", {channel}));
}

void irc_session::take_other_nick() {
    // The nick may be ours still, of a connection that the server has not missed yet.
    const std::string suffix = fmt::format("{:02}", random_() % 100);
    tried_nick_ = config_.nick.substr(0, 9 - suffix.size()) + suffix;
    send(make_line("NICK", {tried_nick_}));
}

void irc_session::send(std::string line) {
    outbox_.protocol(std::move(line));
    more_to_send_.cancel();
}

void irc_session::say(const std::string& user, const std::string& target, std::string_view text) {
    if (!registered_) return;
    if (!outbox_.answer(user, make_line("NOTICE", {target}, text, prefix_room))) return;
    more_to_send_.cancel();
}

void irc_session::notify(std::size_t key, const std::string& target, std::string_view text) {
    if (!registered_) return;
    outbox_.notice(key, make_line("NOTICE", {target}, text, prefix_room));
    more_to_send_.cancel();
}

void irc_session::ask_for(std::vector<std::string> nicks) {
    // An answer says no nick that it is for, so one question is open at a time.
    if (!registered_ || nicks.empty() || !asked_for_.empty()) return;
    // Another part of them each time, if they are many.
    const std::size_t first = next_asked_ % nicks.size();
    std::rotate(nicks.begin(), nicks.begin() + static_cast<std::ptrdiff_t>(first), nicks.end());
    nicks.resize(fitting(nicks));
    next_asked_ = first + nicks.size();
    // One parameter: a server reads only so many of them, and would not answer for the rest.
    std::string all;
    for (const std::string& nick : nicks) all += nick + ' ';
    send(make_line("ISON", {}, all));
    asked_for_ = std::move(nicks);
}

void irc_session::stop(duration patience) {
    stopping_ = true;
    retry_.cancel();
    more_to_send_.cancel();
    if (!connection_) return;
    if (!registered_) return connection_->close();
    outbox_.drop_notices();
    const double lines_s = static_cast<double>(outbox_.unsent()) / config_.lines_per_second;
    deadline_.expires_after(std::min<duration>(
        patience + std::chrono::seconds{static_cast<long>(std::min(lines_s, 60.0))}, longest_stop));
    deadline_.async_wait([current = connection_](error_code error) {
        if (!error) current->close();
    });
}

}  // namespace admit::bot
