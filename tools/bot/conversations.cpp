// SPDX-License-Identifier: BSL-1.0
#include "bot/conversations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "bot/durations.hpp"

namespace admit::bot {
namespace {

constexpr std::size_t max_own_limits = 1000;
constexpr std::size_t max_unheard_lines = 10;  // of one conversation

/// In a channel a text begins with the nick that it is for.
std::string addressed(const client& to, std::string_view text) {
    if (to.reply_to == to.nick) return std::string{text};
    return fmt::format("{}: {}", to.nick, text);
}

}  // namespace

conversations::conversations(asio::io_context& context, admit::engine& engine, irc_session& session,
                             const config& settings, class log& log)
    : context_{context},
      engine_{engine},
      session_{session},
      config_{settings},
      log_{log},
      own_limits_{settings.own_limits} {}

void conversations::work(const client& from, duration length) {
    auto mine = std::make_shared<request>(context_, ++last_number_, from, "work " + show(length));
    mine->length = length;
    start(mine);
}

void conversations::ask(const client& from, const std::string& topic) {
    auto mine = std::make_shared<request>(context_, ++last_number_, from, "ask");
    mine->asks = true;
    mine->lines.push_back(topic);
    start(mine);
}

void conversations::start(const request_ptr& mine) {
    requests_.push_back(mine);
    const auto own = own_limits_.find(mine->by.user);
    const work_options options{
        .wait_at_most = config_.wait_at_most,
        .max_per_user = own == own_limits_.end() ? std::nullopt : std::optional{own->second},
        .grace = config_.grace};
    auto body = [this, mine](admit::permit& permit) {
        return mine->asks ? converse(mine, permit) : do_work(mine, permit);
    };
    auto finished = [this, mine](const std::exception_ptr& thrown, const outcome& result) {
        finish(mine, thrown, result);
    };
    admit::async_with_permit(
        engine_, mine->by.user, options, body,
        asio::bind_cancellation_slot(mine->cancel.slot(), asio::bind_executor(context_, finished)));

    // The request has its place in line now, unless it was admitted or rejected at once.
    const auto all = places();
    const auto place = all.find(mine.get());
    if (place == all.end()) return;
    mine->told_place = place->second;
    const std::size_t most = engine_.limits().max_concurrent, limit = limit_of(mine->by.user);
    std::string why = "others of yours wait already";
    if (engine_.active_count(mine->by.user) >= limit)
        why = fmt::format("your limit is {}", limit);
    else if (engine_.active_count() >= most)
        why = fmt::format("all {} are busy", most);
    say(mine->by, fmt::format("{}: you are number {} in line", why, place->second));
    log_.write("waiting", {{"request", mine->number},
                           {"user", mine->by.user},
                           {"what", mine->what},
                           {"place", place->second}});
}

void conversations::finish(const request_ptr& mine, const std::exception_ptr& thrown,
                           const outcome& result) {
    requests_.remove(mine);
    session_.forget_notice(mine->number);
    nlohmann::ordered_json fields{
        {"request", mine->number}, {"user", mine->by.user}, {"what", mine->what}};
    if (result) {
        fields["how"] = to_string(result.ended);
        if (!mine->unheard) say(mine->by, ending(*mine, result, thrown != nullptr));
    } else {
        fields["reason"] = result.rejected.message();
        if (!mine->unheard) say(mine->by, rejection(*mine, result.rejected));
    }
    log_.write(result ? "ended" : "rejected", std::move(fields));
    if (requests_.empty() && when_empty_) std::exchange(when_empty_, nullptr)();
}

const conversations::request_ptr* conversations::open_conversation(const client& with) const {
    const auto found = std::find_if(requests_.begin(), requests_.end(), [&](const auto& one) {
        return one->asks && one->by.user == with.user && one->by.nick == with.nick &&
               one->by.reply_to == with.reply_to;
    });
    return found == requests_.end() ? nullptr : &*found;
}

bool conversations::is_asking(const client& from) const {
    return open_conversation(from) != nullptr;
}

bool conversations::hear(const client& from, std::string_view line) {
    const request_ptr* found = open_conversation(from);
    if (found == nullptr) return false;
    request& open = **found;
    if (open.lines.size() >= max_unheard_lines)
        say(from, "too fast, this line is lost");
    else
        open.lines.emplace_back(line);
    open.wake.cancel();
    return true;
}

void conversations::end(request& mine, bool unheard) {
    mine.unheard = mine.unheard || unheard;
    if (unheard) session_.forget_notice(mine.number);
    mine.cancel.emit(asio::cancellation_type::terminal);
}

template <class Which>
std::size_t conversations::end_each(bool unheard, Which which) {
    std::size_t ended = 0;
    for (const request_ptr& one : std::list<request_ptr>{requests_}) {
        if (!which(*one)) continue;
        end(*one, unheard);
        ++ended;
    }
    return ended;
}

std::size_t conversations::cancel(const client& from) {
    return end_each(false, [&](const request& one) {
        return one.by.nick == from.nick && one.by.user == from.user;
    });
}

std::size_t conversations::kick(const std::string& user) {
    // What waits goes first: a slot that comes free must not go to the same user's next request.
    const std::size_t waiting =
        end_each(false, [&](const request& one) { return one.by.user == user && !one.running; });
    return waiting + engine_.end(user, status::cancelled);
}

void conversations::gone(const std::string& nick) {
    end_each(true, [&](const request& one) { return session_.members().same(one.by.nick, nick); });
}

void conversations::seen(const client& from) {
    end_each(true, [&](const request& one) {
        return session_.members().same(one.by.nick, from.nick) && one.by.user != from.user;
    });
}

void conversations::drop_all() {
    end_each(true, [](const request&) { return true; });
}

void conversations::rename(const std::string& from, const std::string& to) {
    for (const request_ptr& one : requests_) {
        if (!session_.members().same(one->by.nick, from)) continue;
        if (one->by.reply_to == one->by.nick) one->by.reply_to = to;
        one->by.nick = to;
    }
}

void conversations::tell_all(const std::string& text) {
    std::set<std::string> told;
    for (const request_ptr& one : requests_)
        if (told.insert(one->by.nick).second) say(one->by, text);
}

std::vector<std::string> conversations::nicks() const {
    std::vector<std::string> out;
    for (const request_ptr& one : requests_)
        if (std::find(out.begin(), out.end(), one->by.nick) == out.end())
            out.push_back(one->by.nick);
    return out;
}

std::optional<std::string> conversations::user_of(std::string_view nick) const {
    for (const request_ptr& one : requests_)
        if (session_.members().same(one->by.nick, nick)) return one->by.user;
    return std::nullopt;
}

void conversations::say(const client& to, std::string_view text) {
    session_.say(to.user, to.reply_to, addressed(to, text));
}

void conversations::notify(const request& mine, std::string_view text) {
    session_.notify(mine.number, mine.by.reply_to, addressed(mine.by, text));
}

std::size_t conversations::limit_of(const std::string& user) const {
    const auto own = own_limits_.find(user);
    return own == own_limits_.end() ? engine_.limits().max_per_user : own->second;
}

bool conversations::set_own_limit(const std::string& user, std::optional<std::size_t> limit) {
    if (!limit) return own_limits_.erase(user), true;
    if (own_limits_.size() >= max_own_limits && !own_limits_.contains(user)) return false;
    own_limits_[user] = *limit;
    return true;
}

/// Where each waiting request stands, from 1. A user's requests stand in the order in which they
/// came, as the engine lists them.
std::map<const conversations::request*, std::size_t> conversations::places() const {
    std::map<std::string, std::deque<std::size_t>> ahead;
    for (const waiter& one : engine_.waiters()) ahead[one.user].push_back(one.ahead);
    std::map<const request*, std::size_t> out;
    for (const request_ptr& one : requests_) {
        const auto of_user = ahead.find(one->by.user);
        if (one->running || of_user == ahead.end() || of_user->second.empty()) continue;
        out[one.get()] = of_user->second.front() + 1;
        of_user->second.pop_front();
    }
    return out;
}

void conversations::tell_places() {
    const auto all = places();
    for (const request_ptr& one : requests_) {
        const auto place = all.find(one.get());
        if (place == all.end() || place->second == one->told_place || one->unheard) continue;
        one->told_place = place->second;
        notify(*one, fmt::format("you are number {} in line now", place->second));
    }
}

void conversations::where(const client& from) {
    const auto all = places();
    bool any = false;
    for (const request_ptr& one : requests_) {
        if (one->by.nick != from.nick || one->by.user != from.user) continue;
        any = true;
        const auto place = all.find(one.get());
        if (one->running)
            say(from, fmt::format("{} has run for {}", one->what, show(clock::now() - one->began)));
        else if (place != all.end())
            say(from, fmt::format("{}: you are number {} in line", one->what, place->second));
    }
    if (!any) say(from, "nothing of yours runs or waits");
}

void conversations::when_empty(std::function<void()> then) {
    if (requests_.empty()) return then();
    when_empty_ = std::move(then);
}

}  // namespace admit::bot
