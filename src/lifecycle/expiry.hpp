// Ends what was idle or active for too long.
//
// A group of slots is looked at only when something in it can be due: the last look left behind the
// earliest deadline of its conversations, and of any that might begin later. That bound stays true,
// because touches only move deadlines away. For slots that were not taken it is the time before
// the look plus the shortest timeout, since a conversation reads the clock after taking its slot;
// a slot that was just being filled or emptied leaves "look again".
//
// Of what is not due only the times are read, sixteen bytes a slot that lie close together. They
// may be those of an earlier conversation in the slot, and are then earlier: a touch and a start
// read the clock while they hold the slot.
#pragma once

#include <admit/stats.hpp>
#include <algorithm>

#include "base/thread_state.hpp"
#include "state/engine_core.hpp"

namespace admit::core {

/// One pass that ends what is due at the instant `due_at`, or has its supervisor told to.
/// Lock-free.
expired expire(engine_core& core, nanos due_at, thread_state& thread) noexcept;

/// When the conversation that a slot holds is due, for being idle or for its age.
struct deadlines {
    nanos idle;
    nanos max_duration;

    nanos first() const noexcept { return idle < max_duration ? idle : max_duration; }
};

/// The timeouts in force. The clock may be behind by its resolution; so that nothing is early, they
/// are longer by it.
timeouts timeouts_of(const engine_core& core) noexcept;

/// Of the conversation in a slot, or of one that was there before.
inline deadlines deadlines_of(slot_ref slot, const timeouts& timeouts) noexcept {
    // acquire: edge end -> read.
    const nanos started = slot.started().load(memory_order_acquire);
    const nanos active = std::max(slot.last_activity().read().last(), started);
    return {.idle = after(active, timeouts.idle),
            .max_duration = after(started, timeouts.max_duration)};
}

}  // namespace admit::core
