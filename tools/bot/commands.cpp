// SPDX-License-Identifier: BSL-1.0
#include "bot/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "bot/durations.hpp"

namespace admit::bot {
namespace {

constexpr std::string_view help =
    "!work 3s, !ask ..., !cancel, !where, !stats; operators: !limits 50 5, !limit-of alice 10, "
    "!kick alice, !drain";

constexpr bool for_operators(std::string_view verb) {
    return verb == "!limits" || verb == "!limit-of" || verb == "!kick" || verb == "!drain";
}

/// Takes as long for a wrong secret as for a right one, whatever its beginning.
bool same_secret(std::string_view said, std::string_view secret) {
    unsigned difference = said.size() == secret.size() ? 0 : 1;
    for (std::size_t i = 0; i < said.size(); ++i)
        difference |= static_cast<unsigned char>(said[i] ^ secret[i % secret.size()]);
    return difference == 0;
}

}  // namespace

client commands::sender_of(const message& line) const {
    const bool in_private = session_.members().same(line.param(0), session_.members().my_nick());
    const bool by_account = config_.accounts && !line.account.empty();
    return {line.nick, by_account ? "account:" + line.account : line.address,
            in_private ? line.nick : session_.members().folded(line.param(0))};
}

void commands::take(const message& line) {
    const client from = sender_of(line);
    std::string_view text = line.param(1);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const bool in_private = from.reply_to == from.nick;
    if (text.starts_with('\1') || text.empty()) return;  // CTCP
    talks_.seen(from);
    if (text.front() != '!') {
        if (!talks_.hear(from, text) && in_private) talks_.say(from, std::string{help});
        return;
    }
    std::istringstream in{std::string{text}};
    words said;
    for (std::string word; in >> word;) said.push_back(word);
    if (said.front() == "!auth")
        authorise(line, from, in_private ? text.substr(5) : std::string_view{});
    else if (for_operators(said.front()))
        obey_operator(line, from, said);
    else
        obey(line, from, said);
}

void commands::obey(const message& line, const client& from, const words& said) {
    const std::string& verb = said.front();
    if (verb == "!work") {
        work(from, said);
    } else if (verb == "!ask") {
        const std::string_view text = line.param(1);
        const std::size_t topic = text.find_first_not_of(' ', text.find(verb) + verb.size());
        if (topic == text.npos)
            talks_.say(from, "what about? !ask and a few words");
        else if (talks_.is_asking(from))
            talks_.say(from, "we are talking already; say bye first");
        else
            talks_.ask(from, std::string{text.substr(topic)});
    } else if (verb == "!cancel") {
        if (talks_.cancel(from) == 0) talks_.say(from, "nothing of yours runs or waits");
    } else if (verb == "!where") {
        talks_.where(from);
    } else if (verb == "!stats") {
        talks_.say(from, statistics());
    } else if (from.reply_to == from.nick) {  // in a channel it may be another bot's
        talks_.say(from, std::string{help});
    }
}

void commands::work(const client& from, const words& said) {
    const auto length = said.size() == 2 ? read_duration(said[1]) : std::nullopt;
    const duration longest = engine_.limits().max_duration;
    if (!length || *length <= duration::zero() || *length > longest)
        return talks_.say(
            from, fmt::format("!work and a time such as 3s, from 1ms to {}", show(longest)));
    talks_.work(from, *length);
}

std::string commands::statistics() const {
    const admit::stats now = engine_.stats();
    return fmt::format(
        "{} of {} active, {} users, {} waiting; {} admitted, {} rejected; ended: {} completed, "
        "{} idle, {} timed out, {} cancelled, {} drained",
        now.active, now.limits.max_concurrent, now.users, now.waiting, now.admitted,
        now.rejected.total(), now.ended.completed, now.ended.idle, now.ended.timed_out,
        now.ended.cancelled, now.ended.drained);
}

bool commands::is_operator(const message& line) const {
    const roster& members = session_.members();
    return members.is_authorised(line) || (!config_.control_channel.empty() &&
                                           members.is_operator(config_.control_channel, line.nick));
}

void commands::authorise(const message& line, const client& from, std::string_view password) {
    password.remove_prefix(std::min(password.find_first_not_of(' '), password.size()));
    std::string answer = "you are an operator now";
    if (from.reply_to != from.nick)
        answer = "never say a password in a channel";
    else if (config_.operator_password.empty())
        answer = "no password is configured";
    else if (!session_.encrypted())
        answer = "not without TLS between the server and me";
    else if (!session_.members().visible(from.nick))
        answer = "join one of my channels first, so that I see you leave";
    else if (!password_tries_.take(clock::now()))
        answer = "too many tries, wait a minute";
    else if (!same_secret(password, config_.operator_password))
        answer = "no";
    else
        session_.members().authorise(line);
    log_.write("auth", {{"mask", line.mask()}, {"answer", answer}});
    talks_.say(from, answer);
}

void commands::obey_operator(const message& line, const client& from, const words& said) {
    const bool allowed = is_operator(line);
    log_.write("operator",
               {{"mask", line.mask()}, {"command", said.front()}, {"allowed", allowed}});
    if (!allowed) return talks_.say(from, "that is for operators");
    const std::string& verb = said.front();
    if (verb == "!limits") return set_limits(from, said);
    if (verb == "!limit-of") return set_limit_of(from, said);
    if (verb == "!kick") return kick(from, said);
    talks_.say(from, "draining");
    drain_();
}

void commands::set_limits(const client& from, const words& said) {
    admit::limits limits = engine_.limits();
    const auto all = said.size() == 3 ? read_number(said[1]) : std::nullopt;
    const auto of_user = said.size() == 3 ? read_number(said[2]) : std::nullopt;
    if (said.size() > 1 && (!all || !of_user))
        return talks_.say(from, "!limits ALL OF_A_USER, two whole numbers");
    if (said.size() > 1) {
        limits.max_concurrent = *all;
        limits.max_per_user = *of_user;
        try {
            engine_.set_limits(limits);
        } catch (const std::invalid_argument& refused) {
            return talks_.say(from, refused.what());
        }
        log_.write("limits", {{"max_concurrent", limits.max_concurrent},
                              {"max_per_user", limits.max_per_user}});
    }
    talks_.say(from, fmt::format("the limits are {} for all and {} for a user",
                                 limits.max_concurrent, limits.max_per_user));
}

/// `user@host` or an account as it is; a nick by the address that the server gave.
std::string commands::user_named(const std::string& name) const {
    if (name.find('@') != name.npos || name.starts_with("account:")) return name;
    if (const auto user = talks_.user_of(name)) return *user;
    return session_.members().address_of(name).value_or("");
}

void commands::set_limit_of(const client& from, const words& said) {
    const bool removes = said.size() == 3 && said[2] == "default";
    const auto limit = said.size() == 3 ? read_number(said[2]) : std::nullopt;
    if (!removes && (!limit || *limit > admit::limits::most_concurrent))
        return talks_.say(from, "!limit-of NICK 10, or user@host for NICK, or default for 10");
    const std::string user = user_named(said[1]);
    if (user.empty()) return talks_.say(from, fmt::format("I do not see {}", said[1]));
    if (!talks_.set_own_limit(user, limit))
        return talks_.say(from, "too many users have limits of their own");
    log_.write("limit_of", {{"user", user}, {"limit", talks_.limit_of(user)}});
    talks_.say(from, fmt::format("the limit of {} is {}", user, talks_.limit_of(user)));
}

void commands::kick(const client& from, const words& said) {
    if (said.size() != 2) return talks_.say(from, "!kick NICK, or user@host");
    const std::string user = user_named(said[1]);
    if (user.empty()) return talks_.say(from, fmt::format("I do not see {}", said[1]));
    const std::size_t ended = talks_.kick(user);
    log_.write("kick", {{"user", user}, {"ended", ended}});
    talks_.say(from, fmt::format("ended {} of {}", ended, user));
}

}  // namespace admit::bot
