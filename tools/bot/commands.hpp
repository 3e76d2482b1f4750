// SPDX-License-Identifier: BSL-1.0
// What users and operators can say to the bot. bot.cpp hands each line here.
#pragma once

#include <admit/engine.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/config.hpp"
#include "bot/conversations.hpp"
#include "bot/irc_session.hpp"
#include "bot/log.hpp"

namespace admit::bot {

class commands {
public:
    /// `drain` is called for the command `!drain`.
    commands(admit::engine& engine, irc_session& session, conversations& talks,
             const config& settings, class log& log, std::function<void()> drain)
        : engine_{engine},
          session_{session},
          talks_{talks},
          config_{settings},
          log_{log},
          drain_{std::move(drain)} {}

    /// A PRIVMSG to the bot or to a channel of its.
    void take(const message& line);

private:
    using words = std::vector<std::string>;

    client sender_of(const message& line) const;
    void obey(const message& line, const client& from, const words& said);
    void obey_operator(const message& line, const client& from, const words& said);
    void work(const client& from, const words& said);
    void authorise(const message& line, const client& from, std::string_view password);
    void set_limits(const client& from, const words& said);
    void set_limit_of(const client& from, const words& said);
    void kick(const client& from, const words& said);
    bool is_operator(const message& line) const;
    std::string user_named(const std::string& name) const;
    std::string statistics() const;

    admit::engine& engine_;
    irc_session& session_;
    conversations& talks_;
    const config& config_;
    class log& log_;
    std::function<void()> drain_;
    token_bucket password_tries_{5, 1.0 / 12};  // five at once, then five a minute, of all users
};

}  // namespace admit::bot
