// SPDX-License-Identifier: BSL-1.0
// Expiry: ends conversations that were idle, or active, for too long. `engine::expire` and
// async_expire call `expire`; permits and inspection compute deadlines. A group of slots is visited
// only when its bound has passed: no conversation in the group, nor any that begins later, is due
// before its bound. docs/design.md#expiry explains why that stays true.
#pragma once

#include <admit/stats.hpp>
#include <algorithm>

#include "base/thread_state.hpp"
#include "state/engine_core.hpp"

namespace admit::core {

/// Ends the conversations that are due at the instant `due_at`, or requests their end from their
/// supervisors. Lock-free.
expired expire(engine_core& core, nanos due_at, thread_state& thread) noexcept;

/// When a conversation is due, for being idle or for its age.
struct deadlines {
    nanos idle;
    nanos max_duration;

    nanos first() const noexcept { return std::min(idle, max_duration); }
};

/// The timeouts in force, plus the clock's resolution: the clock may be behind by that much, and no
/// conversation may end early.
timeouts timeouts_of(const engine_core& core) noexcept;

/// The deadlines of the conversation in a slot, or of an earlier conversation in the slot, which
/// are earlier: a touch and a start read the clock while they hold the slot.
inline deadlines deadlines_of(slot_ref slot, const timeouts& timeouts) noexcept {
    // acquire: edge end -> read.
    const nanos started = slot.started().load(memory_order_acquire);
    const nanos active = std::max(slot.last_activity().read().last(), started);
    return {.idle = after(active, timeouts.idle),
            .max_duration = after(started, timeouts.max_duration)};
}

/// How long until the conversation of that generation is due; 0 if it has ended, the end of time
/// without timeouts.
inline nanos remaining(slot_ref slot, std::uint64_t generation) noexcept {
    const engine_core& core = *slot.group->core;
    const nanos due = deadlines_of(slot, timeouts_of(core)).first();
    // Read after the deadlines, so that they are not those of a later conversation.
    if (!slot.record().conversation.read().active_as(generation)) return 0;
    return due == end_of_time ? end_of_time : std::max<nanos>(due - core.now(), 0);
}

}  // namespace admit::core
