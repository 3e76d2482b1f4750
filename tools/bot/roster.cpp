// SPDX-License-Identifier: BSL-1.0
#include "bot/roster.hpp"

#include <algorithm>

namespace admit::bot {

void roster::reset(std::string_view my_nick) {
    *this = roster{};
    my_nick_ = my_nick;
    prefix_modes_ = "ov";  // until the server says otherwise, as RFC 2812
    prefix_signs_ = "@+";
    list_modes_ = "beIk";
    parameter_modes_ = "l";
}

void roster::apply(const message& line) {
    const std::string& what = line.command;
    if (what == "001") my_nick_ = line.param(0);
    if (what == "005") read_features(line);
    if (what == "353") read_names(line);
    if (what == "352" && visible(line.param(5)))
        addresses_[folded(line.param(5))] =
            std::string{line.param(2)} + '@' + std::string{line.param(3)};
    if (what == "JOIN") join(line);
    if (what == "PART") leave(line.param(0), line.nick);
    if (what == "KICK") leave(line.param(0), line.param(1));
    if (what == "QUIT") quit(line.nick);
    if (what == "KILL") quit(line.param(0));
    if (what == "NICK") rename(line.nick, line.param(0));
    if (what == "MODE") read_modes(line);
}

void roster::read_features(const message& line) {
    for (const std::string& one : line.params) {
        const std::size_t equals = one.find('=');
        if (equals == std::string::npos) continue;
        const std::string name = one.substr(0, equals), value = one.substr(equals + 1);
        // By an unknown mapping more names are different, and none has another's rights.
        if (name == "CASEMAPPING")
            casemap_ = value == "rfc1459"          ? casemap::rfc1459
                       : value == "strict-rfc1459" ? casemap::strict_rfc1459
                                                   : casemap::ascii;
        const std::size_t close = value.find(')');
        if (name == "PREFIX" && value.starts_with('(') && close != std::string::npos) {
            prefix_modes_ = value.substr(1, close - 1);
            prefix_signs_ = value.substr(close + 1);
        }
        const std::size_t lists = value.find(','), always = value.find(',', lists + 1);
        if (name == "CHANMODES" && lists != std::string::npos && always != std::string::npos) {
            list_modes_ = value.substr(0, always);  // types A and B; the comma does no harm
            parameter_modes_ = value.substr(always + 1, value.find(',', always + 1) - always - 1);
        }
    }
}

void roster::read_names(const message& line) {
    const auto channel = channels_.find(folded(line.param(2)));
    if (channel == channels_.end()) return;
    std::string_view names = line.param(3);
    while (!names.empty()) {
        std::string_view name = names.substr(0, names.find(' '));
        names.remove_prefix(std::min(name.size() + 1, names.size()));
        std::set<char> modes;
        for (; !name.empty(); name.remove_prefix(1)) {
            const std::size_t sign = prefix_signs_.find(name.front());
            if (sign == std::string::npos || sign >= prefix_modes_.size()) break;
            modes.insert(prefix_modes_[sign]);
        }
        if (!name.empty()) channel->second[folded(name)] = modes;
    }
}

bool roster::takes_parameter(char mode, bool adding) const {
    const auto in = [mode](const std::string& modes) { return modes.find(mode) != modes.npos; };
    return in(prefix_modes_) || in(list_modes_) || (adding && in(parameter_modes_));
}

void roster::read_modes(const message& line) {
    const auto channel = channels_.find(folded(line.param(0)));
    if (channel == channels_.end()) return;
    bool adding = true;
    std::size_t next = 2;
    for (const char mode : line.param(1)) {
        if (mode == '+' || mode == '-') {
            adding = mode == '+';
            continue;
        }
        if (!takes_parameter(mode, adding)) continue;
        const std::string_view parameter = line.param(next++);
        const auto member = channel->second.find(folded(parameter));
        if (prefix_modes_.find(mode) == prefix_modes_.npos || member == channel->second.end())
            continue;
        if (adding)
            member->second.insert(mode);
        else
            member->second.erase(mode);
    }
}

void roster::join(const message& line) {
    const std::string channel = folded(line.param(0));
    if (same(line.nick, my_nick_)) channels_[channel].clear();  // its names follow
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    found->second[folded(line.nick)].clear();
    if (!line.address.empty()) addresses_[folded(line.nick)] = line.address;
}

void roster::leave(std::string_view channel, std::string_view nick) {
    const std::string gone = folded(nick);
    authorised_.erase(gone);
    const auto found = channels_.find(folded(channel));
    if (found == channels_.end()) return;
    if (same(nick, my_nick_))
        channels_.erase(found);
    else
        found->second.erase(gone);
    // Of a nick that the bot no longer sees, what was known may belong to another user tomorrow.
    std::erase_if(addresses_, [this](const auto& one) { return !visible(one.first); });
    std::erase_if(authorised_, [this](const auto& one) { return !visible(one.first); });
}

void roster::quit(std::string_view nick) {
    const std::string gone = folded(nick);
    for (auto& [channel, nicks] : channels_) nicks.erase(gone);
    addresses_.erase(gone);
    authorised_.erase(gone);
}

void roster::rename(std::string_view from, std::string_view to) {
    const std::string before = folded(from), after = folded(to);
    if (same(from, my_nick_)) my_nick_ = to;
    authorised_.erase(before);
    authorised_.erase(after);
    for (auto& [channel, nicks] : channels_)
        if (nicks.erase(before) > 0) nicks[after].clear();  // its modes: when the server says them
    if (auto address = addresses_.extract(before); !address.empty())
        addresses_[after] = std::move(address.mapped());
}

bool roster::in_channel(std::string_view channel) const {
    return channels_.contains(folded(channel));
}

bool roster::visible(std::string_view nick) const {
    const std::string name = folded(nick);
    return std::any_of(channels_.begin(), channels_.end(),
                       [&](const auto& channel) { return channel.second.contains(name); });
}

bool roster::is_operator(std::string_view channel, std::string_view nick) const {
    const auto found = channels_.find(folded(channel));
    if (found == channels_.end()) return false;
    const auto member = found->second.find(folded(nick));
    if (member == found->second.end()) return false;
    const std::size_t lowest = prefix_modes_.find('o');  // what ranks above it stands before it
    if (lowest == std::string::npos) return false;
    return std::any_of(member->second.begin(), member->second.end(),
                       [&](char mode) { return prefix_modes_.find(mode) <= lowest; });
}

std::optional<std::string> roster::address_of(std::string_view nick) const {
    const auto found = addresses_.find(folded(nick));
    if (found == addresses_.end()) return std::nullopt;
    return found->second;
}

void roster::authorise(const message& sender) { authorised_[folded(sender.nick)] = sender.mask(); }

bool roster::is_authorised(const message& sender) const {
    const auto found = authorised_.find(folded(sender.nick));
    return found != authorised_.end() && found->second == sender.mask();
}

}  // namespace admit::bot
