// SPDX-License-Identifier: BSL-1.0
// The bot: one thread, one context, one engine, and the parts between them. Made by main.cpp.
#pragma once

#include <admit/async.hpp>
#include <boost/asio.hpp>
#include <string>

#include "bot/commands.hpp"
#include "bot/config.hpp"
#include "bot/conversations.hpp"
#include "bot/irc_session.hpp"
#include "bot/log.hpp"
#include "bot/metrics_server.hpp"

namespace admit::bot {

class irc_bot : private listener {
public:
    irc_bot(const config& settings, std::string config_path);

    /// Until a signal or an operator ends it. False: a second signal cut the drain off.
    bool run();

private:
    void on_text(const message& line) override { commands_.take(line); }
    void on_rename(const std::string& from, const std::string& to) override {
        talks_.rename(from, to);
    }
    void on_gone(const std::string& nick) override { talks_.gone(nick); }
    void on_connection_lost() override { talks_.drop_all(); }

    asio::awaitable<void> tell_places();
    asio::awaitable<void> look_for_nicks();
    void wait_for_signal();
    void read_limits_again();
    void drain();
    void stop();

    asio::io_context context_{1};
    config config_;
    std::string config_path_;
    log log_;
    admit::engine engine_;
    metrics_server metrics_;
    irc_session session_;
    conversations talks_;
    commands commands_;
    asio::signal_set signals_;
    asio::cancellation_signal stop_expiring_;
    asio::steady_timer places_due_;
    asio::steady_timer nicks_due_;
    bool draining_ = false;
    bool cut_off_ = false;
};

}  // namespace admit::bot
