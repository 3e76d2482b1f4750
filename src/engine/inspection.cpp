#include "engine/inspection.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "lifecycle/expiry.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::core {

namespace {

/// While slots move, a sweep may meet a slot at its old and another at its new holder.
std::size_t capped_to_enabled(const engine_core& core, std::size_t count) noexcept {
    const capacity::snapshot now = core.pool.capacity().read();
    return std::min<std::size_t>(count, std::max(now.limit.total, now.enabled));
}

time_point as_time(nanos instant) noexcept { return time_point{duration{instant}}; }

/// Fills a line of a listing; false if the slot's conversation ended while it was being read.
bool describe(const engine_core& core, slot_ref slot, conversation& line) {
    const slot_record& record = slot.record();
    const auto before = record.conversation.read();
    if (!before.active()) return false;
    const activity::snapshot activity = slot.last_activity().read();
    // acquire: edge end -> read; whatever of a later conversation was read, its beginning or at
    // least this one's end is seen in `after`.
    const nanos started = slot.started().load(memory_order_acquire);
    line.user = record.name.read(slot.group->name_tail(slot.index));
    // relaxed: written before anybody could reach the engine.
    line.id = {.engine = core.number.load(memory_order_relaxed),
               .generation = before.generation,
               .slot = slot.number()};
    line.started = as_time(started);
    line.last_activity = as_time(std::max(activity.last(), started));
    const auto after = record.conversation.read();
    return after.generation == before.generation;
}

}  // namespace

std::size_t active_count(const engine_core& core) noexcept {
    int taken = 0;
    core.pool.groups().for_each([&](const slot_group& group) {
        for (const slot_word& word : group.slots) taken += std::popcount(word.taken());
    });
    return capped_to_enabled(core, static_cast<std::size_t>(taken));
}

stats read_stats(const engine_core& core) noexcept {
    stats result;
    const counters::totals events = core.events.sum();
    const auto of = [&](event what) { return events[static_cast<std::size_t>(what)]; };
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
                    .drained = of(event::ended_drained)};
    // What ended and was not counted has completed. An ending is counted after the conversation's
    // word has changed, and the counts were read first; but no order is asked of them.
    const std::uint64_t accounted = result.active + result.ended.total();
    result.ended.completed = result.admitted - std::min(accounted, result.admitted);
    result.active = capped_to_enabled(core, result.active);
    result.users = core.users.users();
    if (const waiting_room* const room = waiting_room::find(core)) result.waiting = room->waiting();
    result.overstayed = of(event::overstayed);
    return result;
}

std::vector<conversation> list(const engine_core& core, std::optional<std::string_view> user) {
    std::vector<conversation> lines;
    core.pool.for_each_taken([&](slot_ref slot) {
        conversation line;
        if (describe(core, slot, line) && (!user || line.user == *user))
            lines.push_back(std::move(line));
    });
    return lines;
}

nanos earliest_room(engine_core& core, user_tag who, const thread_state& thread) noexcept {
    const bool own = core.users.state_of(who).count() >= core.pool.capacity().read().limit.per_user;
    if (!own && core.pool.any_free(thread.home)) return 0;
    const timeouts timeouts = timeouts_of(core);
    nanos earliest = end_of_time;
    core.pool.for_each_taken([&](slot_ref slot) {
        // Only an active conversation's record is of this engine; one that is being filled may
        // still name a lane of a table that is gone.
        if (!slot.record().conversation.read().active()) return;
        // acquire: edge end -> read.
        const lane* user = slot.record().user.load(memory_order_acquire);
        if (own && user->tag() != who) return;
        earliest = std::min(earliest, deadlines_of(slot, timeouts).first());
    });
    return earliest;
}

}  // namespace admit::core
