// SPDX-License-Identifier: BSL-1.0
// How requests come, are granted, and leave; and what drains do.
#include <bit>

#include "history/specification.hpp"

namespace history {

using admit::errc;

/// The first step of a waiting request. The history tells only the verdict, so that several
/// configurations may follow.
void specification::wait(const configuration& now, const operation& op,
                         configurations& next) const {
    const fate& end = fates_[op.waiter];
    const auto add = [&](auto change) {
        configuration after = now;
        if (!change(after)) return;
        after.calls[op.thread].placed = true;
        settle(now, after, op.thread, false);
        next.push_back(after);
    };
    const auto decide = [&](bool decided, configuration& after) {
        after.requests[op.waiter].state = phase::decided;
        return decided;
    };
    if (waits_for_slot(op)) add([&](configuration& after) { return append(after, op); });
    if (end.is(errc{}) || end.is(dropped))
        add([&](configuration& after) { return decide(admit(after, op), after); });
    else if (end.decided)
        add([&](configuration& after) {
            return decide(reject_arrival(after, op, end.verdict), after);
        });
}

/// Whether the call's request may join the queue, by its verdict.
bool specification::waits_for_slot(const operation& op) const {
    const fate& end = fates_[op.waiter];
    return op.kind == action::wait &&
           (!end.decided || end.is(errc{}) || end.is(errc::shutting_down) ||
            end.is(errc::wait_timeout) || end.is(aborted) || end.is(dropped));
}

bool specification::append(configuration& now, const operation& op) const {
    const call& known = now.calls[op.thread];
    const bool kept_out = allowed_.reasons_in_sequence
                              ? known.saw_limit
                              : reaches_global_limit(now, op) || reaches_user_limit(now, op);
    if (!may_enter(now, op) || !kept_out || op.user >= max_waiting_users) return false;
    if (now.queue_length() >= known.most.all) return false;
    if (waiting_of(now, op.user) >= known.most.of_user) return false;
    now.requests[op.waiter] = {.state = phase::waits, .stamp = now.arrivals++, .fresh = {}};
    return true;
}

/// Whether a request may be rejected without a wait.
bool specification::reject_arrival(configuration& now, const operation& op, errc reason) const {
    if (reason != errc::queue_full && reason != errc::user_queue_full)
        return reject(now, op, reason);
    const call& known = now.calls[op.thread];
    const bool kept_out = allowed_.reasons_in_sequence
                              ? known.saw_limit
                              : reaches_global_limit(now, op) || reaches_user_limit(now, op);
    if (!may_enter(now, op) || !kept_out) return false;
    const auto under_way = [&](std::optional<std::uint8_t> user) {
        return allowed_.grant_under_way ? granted(now, user) : 0;
    };
    // Other waits that have not returned may count as attempts.
    const auto attempts = [&](std::optional<std::uint8_t> user) {
        int count = 0;
        for_each_in_progress([&](const operation& other) {
            if (allowed_.turn && &other != &op && other.kind == action::wait &&
                (!user || other.user == *user) && is_attempt(now, other))
                ++count;
        });
        return count;
    };
    if (reason == errc::queue_full)
        return now.queue_length() + under_way({}) + attempts({}) >= known.least.all;
    const bool room =
        allowed_.reasons_in_sequence ? known.saw_queue_room : now.queue_length() < known.most.all;
    return room &&
           waiting_of(now, op.user) + under_way(op.user) + attempts(op.user) >= known.least.of_user;
}

bool specification::withdraw(configuration& now, const operation& op) const {
    const bool decides = fates_[op.waiter].is(op.reason);
    switch (now.requests[op.waiter].state) {
        case phase::waits:
            return decides && leave(now, op.waiter,
                                    op.reason == dropped ? phase::over : phase::decided, op.thread);
        case phase::granted:
        case phase::decided:
            if (!decides || op.reason != dropped) return true;
            // What was granted to a request that is dropped is given back.
            now.active &= ~bit(requests_[op.waiter]->conversation);
            now.requests[op.waiter] = {.state = phase::over, .fresh = {}};
            return true;
        default: return true;  // the other verdict stands
    }
}

/// Takes a request out of the queue.
bool specification::leave(configuration& now, std::uint8_t waiter, phase next,
                          std::uint8_t cause) const {
    const bool had_claim = (ready(now) >> waiter & 1) != 0;
    now.requests[waiter] = {.state = next, .fresh = {}};
    if (allowed_.leaving_under_way && had_claim) now.hold_slot(overlapping(now, cause));
    return true;
}

/// A time-out that no recorder sees, or the rejection by a closed engine.
bool specification::reject_waiting(configuration& now, std::uint8_t waiter) const {
    if (fates_[waiter].is(errc::wait_timeout) && requests_[waiter]->times_out)
        return leave(now, waiter, phase::timed, timer_of(waiter));
    if (fates_[waiter].is(errc::shutting_down) && now.closed)
        return leave(now, waiter, phase::decided, no_caller);
    return false;
}

bool specification::grant(configuration& now, std::uint8_t waiter) const {
    if (!fates_[waiter].is(errc{}) && !fates_[waiter].is(dropped)) return false;
    bool open = !now.closed;
    if (allowed_.judged_on_entry)
        for_each_in_progress(
            [&](const operation& each) { open = open || now.calls[each.thread].saw_open; });
    const std::uint8_t user = requests_[waiter]->user;
    const unsigned limit = limit_of(waiter, highest_user_limit(now));
    if (!open || now.active_count() >= now.in_force.concurrent) return false;
    if (static_cast<unsigned>(active_of(now, user)) >= limit) return false;
    if (!is_first(now, waiter) || !in_turn(now, waiter)) return false;
    for (std::uint8_t other = 0; other < max_waiting_users; ++other)
        if (other != user && eligible(now, other) && !overlooked(now, other))
            now.passed[other] = static_cast<std::uint8_t>(now.passed[other] | 1U << user);
    now.passed[user] = 0;
    now.requests[waiter] = {.state = phase::granted, .fresh = {}};
    now.active |= bit(requests_[waiter]->conversation);
    return true;
}

/// Whether the request is the first of its user. One of a higher priority that came later may be
/// overlooked for a while.
bool specification::is_first(const configuration& now, std::uint8_t waiter) const {
    const line queue = line_of(now, requests_[waiter]->user);
    for (unsigned i = 0; i < queue.length; ++i) {
        const std::uint8_t each = queue.waiters[i];
        if (each == waiter) return true;
        const request& other = now.requests[each];
        const bool came_later = other.stamp > now.requests[waiter].stamp;
        if (!allowed_.turn || other.fresh.over() || !came_later) return false;
    }
    return false;
}

bool specification::in_turn(const configuration& now, std::uint8_t waiter) const {
    const operation& asked = *requests_[waiter];
    for (std::uint8_t other = 0; other < max_waiting_users; ++other) {
        if (other == asked.user || !eligible(now, other) || overlooked(now, other)) continue;
        const std::uint8_t of_other = requests_[line_of(now, other).waiters[0]]->priority;
        const bool passed = (now.passed[other] >> asked.user & 1) != 0;
        if (of_other > asked.priority || (of_other == asked.priority && passed)) return false;
    }
    return true;
}

void specification::step(const configuration& now, configurations& next) const {
    const auto add = [&](auto change, std::uint8_t cause) {
        configuration after = now;
        if (!change(after)) return;
        settle(now, after, cause, false);
        next.push_back(after);
    };
    for (std::uint8_t w = 0; w < max_waiters; ++w) {
        if (!now.waits(w)) continue;
        add([&](configuration& after) { return grant(after, w); }, no_caller);
        add([&](configuration& after) { return reject_waiting(after, w); }, timer_of(w));
    }
    for (std::uint8_t d = 0; d < max_drains; ++d)
        if (now.drains[d].started && !now.drains[d].finished)
            add([&](configuration& after) { return finish_drain(after, d); }, no_caller);
}

}  // namespace history
