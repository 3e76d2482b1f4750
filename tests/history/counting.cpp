// SPDX-License-Identifier: BSL-1.0
// What counts as taken when a call is judged.
#include <algorithm>
#include <bit>

#include "history/specification.hpp"

namespace history {

/// Whether another `set_limits` than `but` is in progress.
bool specification::changing(const operation& but) const {
    bool found = false;
    for_each_in_progress([&](const operation& other) {
        found = found || (other.kind == action::set_limits && &other != &but);
    });
    return found;
}

/// Whether calls may hold slots in order to lower the limit.
bool specification::limit_going_down(const configuration& now) const {
    bool found = now.active_count() > now.in_force.concurrent;
    for_each_in_progress([&](const operation& other) {
        found = found || (other.kind == action::set_limits &&
                          other.new_limits.concurrent < now.highest_concurrent);
    });
    return found;
}

/// The highest limit per user by which a call in progress may go.
unsigned specification::highest_user_limit(const configuration& now) const {
    unsigned highest = now.in_force.per_user;
    if (!allowed_.judged_on_entry) return highest;
    for_each_in_progress([&](const operation& each) {
        const int seen = std::bit_width(now.calls[each.thread].user_limits) - 1;
        highest = std::max(highest, static_cast<unsigned>(std::max(seen, 0)));
    });
    return highest;
}

/// Whether the conversations and the claims of requests leave no slot.
bool specification::full(const configuration& now) const {
    return now.active_count() + ready_with_claim(now) >= now.in_force.concurrent;
}

/// Whether the call counts against its user though it has begun no conversation and waits for none.
bool specification::is_attempt(const configuration& now, const operation& op) const {
    if (op.kind != action::admit && op.kind != action::wait) return false;
    if (!now.calls[op.thread].placed) return true;
    if (op.kind == action::admit) return !op.admitted();
    const phase reached = now.requests[op.waiter].state;
    return reached == phase::decided && !fates_[op.waiter].is({});
}

/// How many conversations of a set the call has ended, if it has not returned.
int specification::ends_in_progress(const configuration& now, const operation& op,
                                    std::uint64_t of) const {
    if (!allowed_.ends_in_progress) return 0;
    if (op.kind == action::cut && op.ends_told) return std::popcount(op.told & now.told & of);
    const bool ended = op.kind == action::end && op.ended && now.calls[op.thread].placed;
    return ended && (bit(op.conversation) & of) != 0 ? 1 : 0;
}

/// The highest count that the engine may see of a user.
int specification::count_of_user(const configuration& now, std::uint8_t user,
                                 const operation& judged_call) const {
    int count = active_of(now, user) + waiting_of(now, user);
    if (allowed_.grant_under_way) count += granted(now, user);
    for_each_in_progress([&](const operation& other) {
        if (&other == &judged_call) return;
        if (allowed_.attempts_count && other.user == user && is_attempt(now, other)) ++count;
        count += ends_in_progress(now, other, conversations_of_[user]);
    });
    return count;
}

/// The highest number of slots that may count as taken.
int specification::slots_taken(const configuration& now, const operation& judged_call) const {
    int count = now.active_count() + std::popcount(ready(now, highest_user_limit(now)));
    for_each_in_progress([&](const operation& other) {
        if (&other == &judged_call || other.kind == action::close) return;
        const bool begun = now.calls[other.thread].placed && !is_attempt(now, other);
        const bool needs_its_slot =
            other.kind == action::end || (other.begins_conversation() && begun);
        const int ends = ends_in_progress(now, other, ~std::uint64_t{0});
        if (allowed_.shrinking_holds_slots && now.calls[other.thread].may_shrink && !needs_its_slot)
            ++count;
        count += ends;
    });
    for (const overlap& each : now.held) {
        if (each.over()) continue;
        const bool counted = allowed_.ends_in_progress && each.cause_in_progress() &&
                             each.cause < max_threads &&
                             in_progress_[each.cause]->kind == action::end;
        if (!counted) ++count;
    }
    return count;
}

/// The lowest limit on all by which a call in progress may go.
int specification::lowest_limit(const configuration& now) const {
    return allowed_.gradual_growth ? now.lowest_concurrent : now.in_force.concurrent;
}

/// Whether the call, which has not taken effect, may hold a slot that a request gets.
bool specification::may_hold_slot(const configuration& now, const operation& op) const {
    if (!allowed_.slot_in_hand || now.calls[op.thread].placed) return false;
    const bool is_wait = op.kind == action::wait;
    if (!is_wait && op.kind != action::admit) return false;
    return waits_for_slot(op) || (is_wait ? fates_[op.waiter].is(admit::errc::global_limit)
                                          : op.reason == admit::errc::global_limit);
}

specification::hands specification::slots_in_hand(const configuration& now,
                                                  const operation& judged_call) const {
    hands count;
    for_each_in_progress([&](const operation& other) {
        if (&other == &judged_call || !may_hold_slot(now, other)) return;
        ++(waits_for_slot(other) ? count.waits : count.attempts);
    });
    return count;
}

/// The calls that overlap what happens now, within a call of `cause`.
overlap specification::overlapping(const configuration& now, std::uint8_t cause) const {
    unsigned found = 0;
    for_each_in_progress([&](const operation& each) { found |= 1U << each.thread; });
    for (std::uint8_t w = 0; w < max_waiters; ++w)
        if (now.requests[w].state == phase::timed) found |= 1U << timer_of(w);
    overlap result{.in_progress = static_cast<callers>(found), .cause = cause};
    if (result.over()) result.cause = 0;
    return result;
}

}  // namespace history
