// SPDX-License-Identifier: BSL-1.0
#include "engine/inspection.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "lifecycle/expiry.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::core {

namespace {

/// A sweep can count a conversation that ends and its successor in another slot, so the result is
/// capped.
std::size_t capped_to_enabled(const engine_core& core, std::size_t count) noexcept {
    const capacity::snapshot now = core.pool.capacity().read();
    return std::min<std::size_t>(count, std::max(now.limit.total, now.enabled));
}

/// Visits the deadlines of the active conversations, of all users or of one.
template <class Visit>
void for_each_due(const engine_core& core, std::optional<user_tag> user, Visit visit) noexcept {
    const timeouts timeouts = timeouts_of(core);
    core.pool.for_each_taken([&](slot_ref slot) {
        // Only the record of an active conversation is of this engine. A slot that is being filled
        // may still name a lane of a table that is gone.
        if (!slot.record().conversation.read().active()) return;
        // acquire: edge end -> read.
        const lane* const lane = slot.record().user.load(memory_order_acquire);
        if (!user || lane->tag() == *user) visit(deadlines_of(slot, timeouts).first());
    });
}

/// How many conversations are due at an instant; at the end of time all are.
std::size_t count_due(const engine_core& core, std::optional<user_tag> user, nanos at) noexcept {
    std::size_t count = 0;
    for_each_due(core, user, [&](nanos due) { count += due <= at ? 1 : 0; });
    return count;
}

/// The n-th deadline, found by halving, so that nothing is allocated.
nanos nth_due(const engine_core& core, std::optional<user_tag> user, std::size_t n) noexcept {
    nanos first = end_of_time;
    nanos last = 0;
    for_each_due(core, user, [&](nanos due) {
        first = std::min(first, due);
        last = std::max(last, due);
    });
    if (n > 1 && count_due(core, user, last) < n) return end_of_time;
    while (n > 1 && first < last) {
        const nanos middle = first + (last - first) / 2;
        if (count_due(core, user, middle) >= n)
            last = middle;
        else
            first = middle + 1;
    }
    return first;
}

time_point as_time(nanos instant) noexcept { return time_point{duration{instant}}; }

}  // namespace

std::size_t active_count(const engine_core& core) noexcept {
    int taken = 0;
    core.pool.groups().for_each([&](const slot_group& group) {
        for (const slot_word& word : group.slots) taken += std::popcount(word.taken());
    });
    return capped_to_enabled(core, static_cast<std::size_t>(taken));
}

limits read_limits(const engine_core& core) noexcept {
    const count_limits counts = core.pool.capacity().read().limit;
    const auto timeouts = core.settings.read_timeouts();
    const auto waiting = core.settings.read_waiting();
    return {.max_concurrent = counts.total,
            .max_per_user = counts.per_user,
            .idle_timeout = duration{timeouts.idle},
            .max_duration = duration{timeouts.max_duration},
            .max_waiting = waiting.total,
            .max_waiting_per_user = waiting.per_user};
}

stats read_stats(const engine_core& core) noexcept {
    stats result;
    const counters::totals events = core.events.sum();
    const auto of = [&](event kind) { return events[static_cast<std::size_t>(kind)]; };
    result.rejected = {.shutting_down = of(event::rejected_shutting_down),
                       .global_limit = of(event::rejected_global_limit),
                       .invalid_user_id = of(event::rejected_invalid_user_id),
                       .user_limit = of(event::rejected_user_limit),
                       .queue_full = of(event::rejected_queue_full),
                       .user_queue_full = of(event::rejected_user_queue_full),
                       .wait_timeout = of(event::rejected_wait_timeout)};
    std::uint64_t begun = 0;
    core.pool.groups().for_each([&](const slot_group& group) {
        for (const slot_record& record : group.record) {
            const auto seen = record.conversation.read();
            begun += seen.begun();
            if (seen.active()) ++result.active;
        }
    });
    result.admitted = begun - core.begun;
    result.ended = {.completed = 0,
                    .idle = of(event::ended_idle),
                    .timed_out = of(event::ended_timed_out),
                    .error = of(event::ended_error),
                    .drained = of(event::ended_drained),
                    .cancelled = of(event::ended_cancelled)};
    // Completed conversations are not counted: they are what remains. An ending may be counted
    // between the two sweeps, so the difference is kept from going below 0.
    const std::uint64_t accounted = result.active + result.ended.total();
    result.ended.completed = result.admitted - std::min(accounted, result.admitted);
    result.active = capped_to_enabled(core, result.active);
    result.users = core.users.users();
    if (const waiting_room* const room = waiting_room::find(core)) result.waiting = room->waiting();
    result.overstayed = of(event::overstayed);
    if (const timings* const lengths = core.recorded_lengths()) {
        result.hold_times = lengths->read(timings::kind::hold);
        result.wait_times = lengths->read(timings::kind::wait);
    }
    result.limits = read_limits(core);
    return result;
}

nanos first_due(const engine_core& core) noexcept {
    const timeouts timeouts = timeouts_of(core);
    nanos first = end_of_time;
    core.pool.for_each_taken([&](slot_ref slot) {
        const auto before = slot.record().conversation.read();
        if (!before.active()) return;
        const nanos due = deadlines_of(slot, timeouts).first();
        // Read after the deadlines, so that they are not those of a later conversation.
        const auto after = slot.record().conversation.read();
        if (after.active_as(before.generation())) first = std::min(first, due);
    });
    return first;
}

std::uint64_t ended_uncut(const engine_core& core) noexcept {
    std::uint64_t ended = 0;
    core.pool.groups().for_each([&](const slot_group& group) {
        for (const slot_record& record : group.record) {
            const auto seen = record.conversation.read();
            ended += seen.ended() - seen.cut();
        }
    });
    return ended;
}

bool describe(const engine_core& core, slot_ref slot, conversation& found) {
    const slot_record& record = slot.record();
    const auto before = record.conversation.read();
    if (!before.active()) return false;
    const activity::snapshot activity = slot.last_activity().read();
    // acquire: edge end -> read. If anything of a later conversation was read, `after` shows that
    // this conversation has ended.
    const nanos started = slot.started().load(memory_order_acquire);
    found.user = record.name.read(slot.group->name_tail(slot.index));
    // relaxed: written before any other thread could reach the engine.
    found.id = {.engine = core.number.load(memory_order_relaxed),
                .generation = before.generation(),
                .slot = slot.number()};
    found.started = as_time(started);
    found.last_activity = as_time(std::max(activity.last(), started));
    const auto after = record.conversation.read();
    return after.active_as(before.generation());
}

std::vector<conversation> list(const engine_core& core, std::optional<std::string_view> user) {
    std::vector<conversation> found;
    core.pool.for_each_taken([&](slot_ref slot) {
        conversation each;
        if (describe(core, slot, each) && (!user || each.user == *user))
            found.push_back(std::move(each));
    });
    return found;
}

nanos earliest_room(engine_core& core, user_tag tag, const thread_state& thread) noexcept {
    const count_limits limit = core.pool.capacity().read().limit;
    if (limit.total == 0 || limit.per_user == 0) return end_of_time;
    const std::size_t of_user = core.users.state_of(tag).active();
    if (of_user < limit.per_user && core.pool.any_free(thread.home)) return 0;
    const std::size_t of_all = count_due(core, std::nullopt, end_of_time);
    nanos room = 0;
    if (of_user >= limit.per_user) room = nth_due(core, tag, of_user - limit.per_user + 1);
    if (of_all >= limit.total)
        room = std::max(room, nth_due(core, std::nullopt, of_all - limit.total + 1));
    return room;
}

std::optional<nanos> expected_wait(engine_core& core, user_tag tag,
                                   std::optional<std::uint32_t> own_limit,
                                   const thread_state& thread) noexcept {
    const count_limits limit = core.pool.capacity().read().limit;
    const std::size_t user_limit = own_limit.value_or(limit.per_user);
    const timings* const lengths = core.recorded_lengths();
    if (lengths == nullptr || limit.total == 0 || user_limit == 0) return std::nullopt;
    const lane::snapshot user = core.users.state_of(tag);
    const std::size_t of_user = user.active() + user.waiting();
    const bool full = !core.pool.any_free(thread.home);
    if (of_user < user_limit && !full) return 0;
    const std::optional<nanos> mean = lengths->recent_mean(timings::kind::hold);
    if (!mean) return std::nullopt;
    // The time until `taken`, by `active` conversations and those that come first, is below a
    // limit.
    const auto time_below = [&](std::size_t wanted, std::size_t taken, std::size_t active) {
        const std::size_t endings = taken + 1 - std::min(wanted, taken);
        // A conversation may have been shorter than the clock can tell.
        return std::max(static_cast<double>(*mean), 1.0) * static_cast<double>(endings) /
               static_cast<double>(std::max<std::size_t>(active, 1));
    };
    double wait = 1;
    if (of_user >= user_limit) wait = time_below(user_limit, of_user, user.active());
    if (full) {
        const std::size_t active = active_count(core);
        // A slot is owed to each request that only lacks one.
        const std::size_t taken = active + core.pool.owed().read().owed;
        wait = std::max(wait, time_below(limit.total, taken, active));
    }
    return static_cast<nanos>(std::clamp(wait, 1.0, static_cast<double>(end_of_time / 2)));
}

}  // namespace admit::core
