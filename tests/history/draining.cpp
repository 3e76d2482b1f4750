// SPDX-License-Identifier: BSL-1.0
// What drains do, what happens at one instant, and what holds at rest.
#include <bit>

#include "history/specification.hpp"

namespace history {

/// Conversations are told to end one after the other within the call.
void specification::cut(const configuration& now, const operation& op, configurations& next) const {
    const std::uint64_t left = op.told & ~now.told;
    for (std::uint8_t each = 0; each < max_conversations; ++each) {
        if (left != 0 && (left & now.active & bit(each)) == 0) continue;
        configuration after = now;
        if (left != 0) after.told |= bit(each);
        if (left != 0 && op.ends_told) after.active &= ~bit(each);
        after.calls[op.thread].placed = (op.told & ~after.told) == 0;
        settle(now, after, op.thread, false);
        next.push_back(after);
        if (left == 0) return;
    }
}

bool specification::finish_drain(configuration& now, std::uint8_t drain) const {
    const operation* const report = reports_[drain];
    drain_state& state = now.drains[drain];
    if (report == nullptr || (report->reason == admit::errc{} && now.active != 0)) return false;
    const int completed = std::popcount(state.members & ~now.told & ~now.active);
    state.finished = true;
    return report->completed == operation::unknown || report->completed == completed;
}

bool specification::happen(configuration& now, const operation& op) const {
    if (op.kind == action::rest) return is_at_rest(now, op);
    if (op.kind == action::report) {
        drain_state& drain = now.drains[op.drain];
        if (!drain.finished || drain.reported) return false;
        return drain.reported = true;
    }
    request& answered = now.requests[op.waiter];
    const phase reached = answered.state;
    if (reached != phase::granted && reached != phase::decided && reached != phase::timed)
        return false;
    answered = {.state = phase::over, .fresh = {}};
    if (reached == phase::timed) now.remove_caller(timer_of(op.waiter));
    return true;
}

bool specification::is_at_rest(const configuration& now, const operation& op) const {
    bool idle = true;
    for_each_in_progress([&](const operation&) { idle = false; });
    for (const request& each : now.requests)
        idle = idle && (each.state == phase::absent || each.state == phase::waits ||
                        each.state == phase::over);
    if (!idle || (now.closed && now.queue_length() != 0)) return false;
    if (now.active_count() < now.in_force.concurrent && ready(now) != 0) return false;
    const auto agrees = [](int counted, int right) {
        return counted == operation::unknown || counted == right;
    };
    return agrees(op.counted_active, now.active_count()) &&
           agrees(op.counted_waiting, now.queue_length()) && drains_at_rest(now);
}

bool specification::drains_at_rest(const configuration& now) const {
    for (const drain_state& each : now.drains) {
        if (!each.started) continue;
        if (each.finished != each.reported) return false;
        if (each.reported) continue;
        if (now.active == 0) return false;  // nothing is left to wait for
        if (each.final && (now.active & ~now.told) != 0) return false;
    }
    return true;
}

}  // namespace history
