// SPDX-License-Identifier: BSL-1.0
#include "history/specification.hpp"

#include <algorithm>
#include <bit>

namespace history {

using admit::errc;

specification::specification(const recording& whole, const allowances& allowed)
    : allowed_{allowed}, at_first_{whole.first} {
    std::uint64_t told = 0;
    for (const operation& each : whole.operations) {
        if (each.kind == action::wait) requests_[each.waiter] = &each;
        if (each.kind == action::report) reports_[each.drain] = &each;
        if (each.kind == action::cut) {
            told_twice_ = told_twice_ || (told & each.told) != 0;
            told |= each.told;
        }
        fate& verdict = fates_[each.waiter];
        const bool drops = each.kind == action::withdraw && each.reason == dropped;
        // A drop that came too late changes nothing: the handler runs.
        const bool first = !verdict.decided || verdict.is(dropped);
        if (first && (each.kind == action::answer || (drops && !verdict.decided)))
            verdict = {.decided = true, .verdict = each.reason};
    }
    for (const operation& each : whole.operations) {
        const fate& verdict = fates_[each.waiter];
        const bool begins =
            each.kind == action::wait ? verdict.is(errc{}) || verdict.is(dropped) : each.admitted();
        if (!begins) continue;
        conversations_of_[each.user] |= bit(each.conversation);
        user_of_[each.conversation] = each.user;
    }
}

configuration specification::first() const {
    configuration start;
    start.in_force = at_first_;
    start.lowest_concurrent = start.highest_concurrent = at_first_.concurrent;
    return start;
}

void specification::begin(const operation& op) { in_progress_[op.thread] = &op; }

void specification::finish(const operation& op) { in_progress_[op.thread] = nullptr; }

void specification::begin(configuration& now, const operation& op) const {
    now.add_caller(op.thread);
    now.calls[op.thread] = {
        .saw_open = !now.closed, .least = now.of_queue(), .most = now.of_queue()};
    if (allowed_.room_hidden && is_attempt(now, op)) hide_room(now, op);
    if (op.kind == action::set_limits && changing(op))
        for_each_in_progress([&](const operation& each) {
            if (each.kind == action::set_limits) now.calls[each.thread].may_mix = true;
        });
    observe(now);
}

/// An attempt may be charged in spite of requests of its user that wait, if a limit of their own,
/// or one that is moved, is lower.
void specification::hide_room(configuration& now, const operation& op) const {
    for (std::uint8_t w = 0; w < max_waiters; ++w) {
        if (!now.waits(w) || requests_[w]->user != op.user) continue;
        if (requests_[w]->own_limit == no_own_limit && !changing(op)) continue;
        now.requests[w].fresh = overlapping(now, op.thread);
        now.requests[w].unclaimed = true;
    }
}

bool specification::finish(configuration& now, const operation& op) const {
    const call known = now.calls[op.thread];
    if (!known.placed || (op.kind == action::cut && told_twice_)) return false;
    const errc reason = op.kind == action::wait ? fates_[op.waiter].verdict : op.reason;
    const bool by_user = reason == errc::user_limit || reason == errc::invalid_user_id;
    const bool saw_room = known.saw_room || known.saw_free_slot;
    if (allowed_.reasons_in_sequence && by_user && !saw_room) return false;
    if (op.kind == action::cut && op.final) now.drains[op.drain].final = true;
    now.calls[op.thread] = {};
    now.remove_caller(op.thread);
    if (!changing(op)) now.lowest_concurrent = now.highest_concurrent = now.in_force.concurrent;
    return true;
}

void specification::place(const configuration& now, const operation& op,
                          configurations& next) const {
    if (now.calls[op.thread].placed) return;
    if (op.kind == action::wait) return wait(now, op, next);
    if (op.kind == action::cut) return cut(now, op, next);
    configuration after = now;
    if (!take_effect(after, op)) return;
    after.calls[op.thread].placed = true;
    const bool raise =
        op.kind == action::set_limits && after.in_force.per_user > now.in_force.per_user;
    settle(now, after, op.thread, raise);
    next.push_back(after);
    if (!allowed_.limits_mixed || !now.calls[op.thread].may_mix) return;
    const auto mix = [&](limits other) {
        after.in_force.waiting = other.waiting;
        after.in_force.waiting_per_user = other.waiting_per_user;
        observe(after);
        next.push_back(after);
    };
    mix(now.in_force);
    for_each_in_progress([&](const operation& each) {
        if (each.kind == action::set_limits) mix(each.new_limits);
    });
}

bool specification::take_effect(configuration& now, const operation& op) const {
    switch (op.kind) {
        case action::admit: return op.admitted() ? admit(now, op) : reject(now, op, op.reason);
        case action::end: return end(now, op);
        case action::set_limits: return set_limits(now, op);
        case action::drain: now.drains[op.drain].started = true; [[fallthrough]];
        case action::close: now.closed = true; return true;
        case action::withdraw: return withdraw(now, op);
        default: return false;
    }
}

bool specification::admit(configuration& now, const operation& op) const {
    if (!may_enter(now, op) || full(now) || op.user == no_user) return false;
    const int limit = op.own_limit != no_own_limit ? op.own_limit
                      : allowed_.judged_on_entry
                          ? std::bit_width(now.calls[op.thread].user_limits) - 1
                          : now.in_force.per_user;
    // It counts on its user before it takes its slot, and so before requests that came meanwhile.
    const int came_later = allowed_.room_hidden ? std::popcount(now.calls[op.thread].came) : 0;
    const int waiting = waiting_of(now, op.user) - came_later;
    if (active_of(now, op.user) + waiting >= limit) return false;
    now.active |= bit(op.conversation);
    return true;
}

/// `finish` checks `saw_room` for the reasons that concern the user, when the call returns.
bool specification::reject(configuration& now, const operation& op, errc reason) const {
    if (reason == errc::shutting_down) return now.closed;
    if (!may_enter(now, op)) return false;
    if (reason == errc::global_limit) return reject_for_global_limit(now, op);
    if (!allowed_.reasons_in_sequence && full(now) && !now.calls[op.thread].saw_free_slot)
        return false;
    if (reason == errc::invalid_user_id) return op.user == no_user;
    return reason == errc::user_limit && reaches_user_limit(now, op);
}

/// Whether the call may take the engine for open.
bool specification::may_enter(const configuration& now, const operation& op) const {
    return allowed_.judged_on_entry ? now.calls[op.thread].saw_open : !now.closed;
}

bool specification::reaches_global_limit(const configuration& now, const operation& op) const {
    const hands in_hand = slots_in_hand(now, op);
    return slots_taken(now, op) + in_hand.waits + in_hand.attempts >= lowest_limit(now);
}

/// An attempt that kept out another is not itself kept out by others, so that two attempts do not
/// reject each other.
bool specification::reject_for_global_limit(configuration& now, const operation& op) const {
    if (slots_taken(now, op) + slots_in_hand(now, op).waits >= lowest_limit(now)) return true;
    if (now.calls[op.thread].holds_slot || !reaches_global_limit(now, op)) return false;
    for_each_in_progress([&](const operation& other) {
        if (&other != &op && may_hold_slot(now, other) && !waits_for_slot(other))
            now.calls[other.thread].holds_slot = true;
    });
    return true;
}

bool specification::reaches_user_limit(const configuration& now, const operation& op) const {
    const int limit = op.own_limit != no_own_limit ? op.own_limit
                      : allowed_.judged_on_entry
                          ? std::countr_zero(now.calls[op.thread].user_limits)
                          : now.in_force.per_user;
    return count_of_user(now, op.user, op) >= limit;
}

bool specification::end(configuration& now, const operation& op) const {
    const bool was_active = (now.active & bit(op.conversation)) != 0;
    now.active &= ~bit(op.conversation);
    if (was_active && allowed_.slot_undecided && waiting_of(now, user_of_[op.conversation]) > 0)
        now.hold_slot(overlapping(now, op.thread));
    return was_active == op.ended;
}

bool specification::set_limits(configuration& now, const operation& op) const {
    now.in_force = op.new_limits;
    now.lowest_concurrent = std::min(now.lowest_concurrent, op.new_limits.concurrent);
    now.highest_concurrent = std::max(now.highest_concurrent, op.new_limits.concurrent);
    return true;
}

/// Notes what a step has changed. `cause` is the caller behind the step.
void specification::settle(const configuration& before, configuration& after, std::uint8_t cause,
                           bool raise) const {
    const bool claims_later = raise && allowed_.gradual_claims;
    const unsigned newly_ready = ready(after) & ~ready(before);
    for (std::uint8_t w = 0; w < max_waiters; ++w) {
        const bool came = after.waits(w) && !before.waits(w);
        const bool left = before.waits(w) && !after.waits(w);
        if (came || left)
            for_each_in_progress([&](const operation& each) {
                std::uint8_t& seen = after.calls[each.thread].came;
                if (each.user == requests_[w]->user)
                    seen = static_cast<std::uint8_t>(came ? seen | 1U << w : seen & ~(1U << w));
            });
        if (!came && (newly_ready >> w & 1) == 0) continue;
        if (allowed_.claim_held_twice && (newly_ready >> w & 1) != 0)
            if (const overlap until = overlapping(after, cause); !until.over())
                after.hold_slot(until);
        if (came && allowed_.room_hidden)
            if (const operation* const attempt = attempt_of(after, requests_[w]->user)) {
                after.requests[w].fresh = overlapping(after, attempt->thread);
                after.requests[w].unclaimed = true;
                continue;
            }
        if (!allowed_.turn && !claims_later) continue;
        after.requests[w].fresh = overlapping(after, cause);
        after.requests[w].unclaimed = claims_later && !after.requests[w].fresh.over();
    }
    for (std::uint8_t user = 0; user < max_waiting_users; ++user)
        if (!eligible(after, user)) after.passed[user] = 0;
    for (drain_state& each : after.drains)
        if (each.started && !each.finished) each.members |= after.active;
    observe(after);
}

/// Every call in progress sees the present configuration.
void specification::observe(configuration& now) const {
    const bool shrinking = limit_going_down(now);
    const bool is_full = full(now);
    int begun = 0;  // admissions in progress
    for_each_in_progress([&](const operation& each) {
        const bool begins = each.kind == action::admit || each.kind == action::wait;
        if (begins && now.calls[each.thread].placed && !is_attempt(now, each)) ++begun;
    });
    const bool in_transit = allowed_.reason_in_transit && (ready(now) != 0 || begun > 0) &&
                            now.active_count() - begun < now.in_force.concurrent;
    for_each_in_progress([&](const operation& each) {
        call& known = now.calls[each.thread];
        known.user_limits |= static_cast<std::uint8_t>(1U << now.in_force.per_user);
        known.saw_room = known.saw_room || !is_full;
        known.saw_free_slot = known.saw_free_slot || in_transit;
        known.may_shrink = known.may_shrink || shrinking;
        if (each.kind != action::wait || known.placed) return;
        known.saw_limit =
            known.saw_limit || reaches_global_limit(now, each) || reaches_user_limit(now, each);
        const queue_limits queue = now.of_queue();
        if (!allowed_.judged_on_entry) known.least = known.most = queue;
        known.least = {std::min(known.least.all, queue.all),
                       std::min(known.least.of_user, queue.of_user)};
        known.most = {std::max(known.most.all, queue.all),
                      std::max(known.most.of_user, queue.of_user)};
        known.saw_queue_room = known.saw_queue_room || now.queue_length() < known.most.all;
    });
}

}  // namespace history
