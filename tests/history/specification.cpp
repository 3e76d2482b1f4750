#include "history/specification.hpp"

#include <algorithm>
#include <bit>

namespace history {

namespace {

std::uint64_t bit(std::uint8_t conversation) { return std::uint64_t{1} << conversation; }

bool placed(const configuration& now, const operation& of) { return now.calls[of.thread].placed; }

bool full(const configuration& now) { return std::popcount(now.active) >= now.in_force.concurrent; }

}  // namespace

specification::specification(const recording& whole, const allowances& allowed)
    : allowed_{allowed}, at_first_{whole.first} {
    for (const operation& each : whole.operations)
        if (each.admitted()) conversations_of_[each.user] |= bit(each.conversation);
}

configuration specification::first() const {
    configuration start;
    start.in_force = at_first_;
    start.least_concurrent = start.most_concurrent = at_first_.concurrent;
    return start;
}

void specification::begin(const operation& of) { in_progress_[of.thread] = &of; }

void specification::finish(const operation& of) { in_progress_[of.thread] = nullptr; }

/// Whether a `set_limits` is in progress, but this.
bool specification::changing(const operation& but) const {
    bool found = false;
    for_each_in_progress([&](const operation& other) {
        found = found || (other.what == action::set_limits && &other != &but);
    });
    return found;
}

void specification::begin(configuration& now, const operation& of) const {
    now.calls[of.thread] = {.saw_open = !now.closed};
    observe(now);
}

bool specification::finish(configuration& now, const operation& of) const {
    const call known = now.calls[of.thread];
    const bool rejection_reason =
        of.reason == admit::errc::user_limit || of.reason == admit::errc::invalid_user_id;
    if (!known.placed || (allowed_.reasons_in_turn && rejection_reason && !known.saw_room))
        return false;
    now.calls[of.thread] = {};
    if (!changing(of)) now.least_concurrent = now.most_concurrent = now.in_force.concurrent;
    return true;
}

std::optional<configuration> specification::place(const configuration& now,
                                                  const operation& of) const {
    if (placed(now, of)) return std::nullopt;
    configuration next = now;
    bool possible = true;
    switch (of.what) {
        case action::admit: possible = admit(next, of); break;
        case action::end: possible = end(next, of); break;
        case action::set_limits: set_limits(next, of); break;
        case action::close: next.closed = true; break;
    }
    if (!possible) return std::nullopt;
    next.calls[of.thread].placed = true;
    observe(next);
    return next;
}

bool specification::admit(configuration& now, const operation& of) const {
    if (!of.admitted()) return refuse(now, of);
    const call known = now.calls[of.thread];
    const int per_user =
        allowed_.judged_on_entry ? std::bit_width(known.user_limits) - 1 : now.in_force.per_user;
    if (!drain_arrivals(now, of) || full(now)) return false;
    if (std::popcount(now.active & conversations_of_[of.user]) >= per_user) return false;
    now.active |= bit(of.conversation);
    return true;
}

/// What the applicant's own reasons ask of `saw_room` is asked when the call returns.
bool specification::refuse(const configuration& now, const operation& of) const {
    if (of.reason == admit::errc::shutting_down) return now.closed;
    if (!drain_arrivals(now, of)) return false;
    if (of.reason == admit::errc::global_limit)
        return slots_taken(now, of) >=
               (allowed_.slots_in_turn ? now.least_concurrent : now.in_force.concurrent);
    if (!allowed_.reasons_in_turn && full(now)) return false;
    if (of.reason == admit::errc::invalid_user_id) return of.user == no_user;
    const int per_user = allowed_.judged_on_entry
                             ? std::countr_zero(now.calls[of.thread].user_limits)
                             : now.in_force.per_user;
    return of_user(now, of.user, of) >= per_user;
}

/// Not closed, as far as the call has to know.
bool specification::drain_arrivals(const configuration& now, const operation& of) const {
    return allowed_.judged_on_entry ? now.calls[of.thread].saw_open : !now.closed;
}

bool specification::end(configuration& now, const operation& of) const {
    const bool was_active = (now.active & bit(of.conversation)) != 0;
    now.active &= ~bit(of.conversation);
    return was_active == of.ended;
}

void specification::set_limits(configuration& now, const operation& of) {
    now.in_force = of.wanted;
    now.least_concurrent = std::min(now.least_concurrent, of.wanted.concurrent);
    now.most_concurrent = std::max(now.most_concurrent, of.wanted.concurrent);
}

/// A user's count at its highest.
int specification::of_user(const configuration& now, std::uint8_t user,
                           const operation& asking) const {
    int count = std::popcount(now.active & conversations_of_[user]);
    for_each_in_progress([&](const operation& other) {
        if (&other == &asking) return;
        const bool attempt = other.what == action::admit && other.user == user &&
                             !(other.admitted() && placed(now, other));
        if (allowed_.own_attempts && attempt) ++count;
        if (ending(now, other) && (conversations_of_[user] & bit(other.conversation)) != 0) ++count;
    });
    return count;
}

/// Slots that count as taken, at the most.
int specification::slots_taken(const configuration& now, const operation& asking) const {
    int count = std::popcount(now.active);
    for_each_in_progress([&](const operation& other) {
        if (&other == &asking || other.what == action::close) return;
        const bool holds_its_own =
            other.what == action::end || (other.admitted() && placed(now, other));
        const bool pays = allowed_.payers && now.calls[other.thread].may_pay && !holds_its_own;
        if (pays || ending(now, other)) ++count;
    });
    return count;
}

/// Whether a call has ended a conversation, and not yet returned.
bool specification::ending(const configuration& now, const operation& of) const {
    return allowed_.ends_under_way && of.what == action::end && of.ended && placed(now, of);
}

bool specification::lowering(const configuration& now) const {
    bool found = std::popcount(now.active) > now.in_force.concurrent;
    for_each_in_progress([&](const operation& other) {
        found = found ||
                (other.what == action::set_limits && other.wanted.concurrent < now.most_concurrent);
    });
    return found;
}

/// Every call in progress sees the configuration as it is now.
void specification::observe(configuration& now) const {
    const bool paying = lowering(now);
    for_each_in_progress([&](const operation& each) {
        call& known = now.calls[each.thread];
        known.user_limits |= static_cast<std::uint8_t>(1U << now.in_force.per_user);
        known.saw_room = known.saw_room || !full(now);
        known.may_pay = known.may_pay || paying;
    });
}

}  // namespace history
