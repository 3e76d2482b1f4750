// SPDX-License-Identifier: BSL-1.0
// What the bot has yet to say, and when it may: one token bucket for the connection. Filled by the
// bot, emptied by irc_session.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace admit::bot {

using clock = std::chrono::steady_clock;

/// Tokens come at a steady rate, up to `burst` of them; each line takes one.
class token_bucket {
public:
    token_bucket(double burst, double per_second)
        : burst_{burst}, per_second_{per_second}, tokens_{burst} {}

    /// How long until there is a token; 0 if there is one.
    clock::duration wait(clock::time_point now);
    /// Takes a token, if there is one.
    bool take(clock::time_point now);

private:
    void refill(clock::time_point now);

    double burst_, per_second_, tokens_;
    clock::time_point filled_{};
};

/// Lines of three urgencies. Lines of the protocol go first. Answers come next: users take turns,
/// and each has room for a few, so that a user who floods the bot does not displace the answers to
/// others. Notices come last: a newer one replaces an unsent one of the same key.
class outbox {
public:
    explicit outbox(token_bucket bucket) : bucket_{std::move(bucket)} {}

    void protocol(std::string line);
    /// False: too many answers are unsent, of this user or in all, and the line is dropped.
    bool answer(const std::string& user, std::string line);
    void notice(std::size_t key, std::string line);
    void forget_notice(std::size_t key) { notices_.erase(key); }
    void drop_notices() { notices_.clear(); }
    void clear();

    /// How many lines are unsent.
    std::size_t unsent() const { return protocol_.size() + unsent_ + notices_.size(); }
    bool empty() const { return protocol_.empty() && turns_.empty() && notices_.empty(); }
    /// The next line, if the bucket has a token.
    std::optional<std::string> next(clock::time_point now);
    /// How long until `next` may give a line that waits for a token.
    clock::duration wait(clock::time_point now) { return bucket_.wait(now); }

    static constexpr std::size_t max_of_user = 8;
    static constexpr std::size_t max_answers = 2000;
    static constexpr std::size_t max_notices = 200;

private:
    std::string take_answer();

    token_bucket bucket_;
    std::deque<std::string> protocol_;
    std::map<std::string, std::deque<std::string>> answers_;
    std::deque<std::string> turns_;  // the users that have unsent answers
    std::size_t unsent_ = 0;         // answers
    std::map<std::size_t, std::string> notices_;
};

}  // namespace admit::bot
