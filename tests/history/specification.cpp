// SPDX-License-Identifier: BSL-1.0
#include "history/specification.hpp"

#include <algorithm>
#include <bit>

namespace history {

namespace {

std::uint64_t bit(std::uint8_t conversation) { return std::uint64_t{1} << conversation; }

bool placed(const configuration& now, const operation& op) { return now.calls[op.thread].placed; }

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
    start.lowest_concurrent = start.highest_concurrent = at_first_.concurrent;
    return start;
}

void specification::begin(const operation& op) { in_progress_[op.thread] = &op; }

void specification::finish(const operation& op) { in_progress_[op.thread] = nullptr; }

/// Whether another `set_limits` than `but` is in progress.
bool specification::changing(const operation& but) const {
    bool found = false;
    for_each_in_progress([&](const operation& other) {
        found = found || (other.kind == action::set_limits && &other != &but);
    });
    return found;
}

void specification::begin(configuration& now, const operation& op) const {
    now.calls[op.thread] = {.saw_open = !now.closed};
    observe(now);
}

bool specification::finish(configuration& now, const operation& op) const {
    const call known = now.calls[op.thread];
    const bool rejection_reason =
        op.reason == admit::errc::user_limit || op.reason == admit::errc::invalid_user_id;
    if (!known.placed || (allowed_.reasons_in_sequence && rejection_reason && !known.saw_room))
        return false;
    now.calls[op.thread] = {};
    if (!changing(op)) now.lowest_concurrent = now.highest_concurrent = now.in_force.concurrent;
    return true;
}

std::optional<configuration> specification::place(const configuration& now,
                                                  const operation& op) const {
    if (placed(now, op)) return std::nullopt;
    configuration next = now;
    bool possible = true;
    switch (op.kind) {
        case action::admit: possible = admit(next, op); break;
        case action::end: possible = end(next, op); break;
        case action::set_limits: set_limits(next, op); break;
        case action::close: next.closed = true; break;
    }
    if (!possible) return std::nullopt;
    next.calls[op.thread].placed = true;
    observe(next);
    return next;
}

bool specification::admit(configuration& now, const operation& op) const {
    if (!op.admitted()) return refuse(now, op);
    const call known = now.calls[op.thread];
    const int per_user =
        allowed_.judged_on_entry ? std::bit_width(known.user_limits) - 1 : now.in_force.per_user;
    if (!may_enter(now, op) || full(now)) return false;
    if (std::popcount(now.active & conversations_of_[op.user]) >= per_user) return false;
    now.active |= bit(op.conversation);
    return true;
}

/// `finish` checks `saw_room` for the reasons that concern the user, when the call returns.
bool specification::refuse(const configuration& now, const operation& op) const {
    if (op.reason == admit::errc::shutting_down) return now.closed;
    if (!may_enter(now, op)) return false;
    if (op.reason == admit::errc::global_limit)
        return slots_taken(now, op) >=
               (allowed_.gradual_growth ? now.lowest_concurrent : now.in_force.concurrent);
    if (!allowed_.reasons_in_sequence && full(now)) return false;
    if (op.reason == admit::errc::invalid_user_id) return op.user == no_user;
    const int per_user = allowed_.judged_on_entry
                             ? std::countr_zero(now.calls[op.thread].user_limits)
                             : now.in_force.per_user;
    return count_of_user(now, op.user, op) >= per_user;
}

/// Whether the call may take the engine for open.
bool specification::may_enter(const configuration& now, const operation& op) const {
    return allowed_.judged_on_entry ? now.calls[op.thread].saw_open : !now.closed;
}

bool specification::end(configuration& now, const operation& op) const {
    const bool was_active = (now.active & bit(op.conversation)) != 0;
    now.active &= ~bit(op.conversation);
    return was_active == op.ended;
}

void specification::set_limits(configuration& now, const operation& op) {
    now.in_force = op.new_limits;
    now.lowest_concurrent = std::min(now.lowest_concurrent, op.new_limits.concurrent);
    now.highest_concurrent = std::max(now.highest_concurrent, op.new_limits.concurrent);
}

/// The highest count that the engine may see of a user.
int specification::count_of_user(const configuration& now, std::uint8_t user,
                                 const operation& judged_call) const {
    int count = std::popcount(now.active & conversations_of_[user]);
    for_each_in_progress([&](const operation& other) {
        if (&other == &judged_call) return;
        const bool attempt = other.kind == action::admit && other.user == user &&
                             !(other.admitted() && placed(now, other));
        if (allowed_.attempts_count && attempt) ++count;
        if (ending(now, other) && (conversations_of_[user] & bit(other.conversation)) != 0) ++count;
    });
    return count;
}

/// The highest number of slots that may count as taken.
int specification::slots_taken(const configuration& now, const operation& judged_call) const {
    int count = std::popcount(now.active);
    for_each_in_progress([&](const operation& other) {
        if (&other == &judged_call || other.kind == action::close) return;
        const bool needs_its_slot =
            other.kind == action::end || (other.admitted() && placed(now, other));
        const bool holds_for_shrinking =
            allowed_.shrinking_holds_slots && now.calls[other.thread].may_shrink && !needs_its_slot;
        if (holds_for_shrinking || ending(now, other)) ++count;
    });
    return count;
}

/// Whether a call has ended a conversation and has not returned yet.
bool specification::ending(const configuration& now, const operation& op) const {
    return allowed_.ends_in_progress && op.kind == action::end && op.ended && placed(now, op);
}

/// Whether calls may hold slots in order to lower the limit.
bool specification::limit_going_down(const configuration& now) const {
    bool found = std::popcount(now.active) > now.in_force.concurrent;
    for_each_in_progress([&](const operation& other) {
        found = found || (other.kind == action::set_limits &&
                          other.new_limits.concurrent < now.highest_concurrent);
    });
    return found;
}

/// Every call in progress sees the present configuration.
void specification::observe(configuration& now) const {
    const bool shrinking = limit_going_down(now);
    for_each_in_progress([&](const operation& each) {
        call& known = now.calls[each.thread];
        known.user_limits |= static_cast<std::uint8_t>(1U << now.in_force.per_user);
        known.saw_room = known.saw_room || !full(now);
        known.may_shrink = known.may_shrink || shrinking;
    });
}

}  // namespace history
