// SPDX-License-Identifier: BSL-1.0
// The members of the bot's channels and what the server says of them. irc_session.cpp feeds it with
// every line; bot.cpp asks it for operators and addresses. docs/guide/bot.md#operators
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "bot/irc_message.hpp"

namespace admit::bot {

class roster {
public:
    /// A new connection: nothing is known.
    void reset(std::string_view my_nick);
    /// Takes note of a line of the server.
    void apply(const message& line);

    std::string folded(std::string_view name) const { return fold(name, casemap_); }
    bool same(std::string_view a, std::string_view b) const { return folded(a) == folded(b); }
    const std::string& my_nick() const { return my_nick_; }

    bool in_channel(std::string_view channel) const;
    /// Whether the nick is in a channel of the bot, so that the bot sees it go.
    bool visible(std::string_view nick) const;
    /// Whether the server gave the nick operator status in this channel.
    bool is_operator(std::string_view channel, std::string_view nick) const;
    /// `user@host` of a nick in one of the channels.
    std::optional<std::string> address_of(std::string_view nick) const;

    /// Remembers that the sender proved to be an operator, until it renames, parts or quits.
    void authorise(const message& sender);
    bool is_authorised(const message& sender) const;

private:
    using members = std::map<std::string, std::set<char>, std::less<>>;  // nick: its modes

    void read_features(const message& line);
    void read_names(const message& line);
    void read_modes(const message& line);
    void join(const message& line);
    void leave(std::string_view channel, std::string_view nick);
    void quit(std::string_view nick);
    void rename(std::string_view from, std::string_view to);
    bool takes_parameter(char mode, bool adding) const;

    casemap casemap_ = casemap::rfc1459;
    std::string my_nick_;
    std::string prefix_modes_, prefix_signs_;   // "ov" and "@+", highest first
    std::string list_modes_, parameter_modes_;  // with a parameter: always, and when set
    std::map<std::string, members, std::less<>> channels_;
    std::map<std::string, std::string, std::less<>> addresses_;   // of visible nicks
    std::map<std::string, std::string, std::less<>> authorised_;  // nick: its mask
};

}  // namespace admit::bot
