// SPDX-License-Identifier: BSL-1.0
// How a conversation ends, exactly once. Permits, ids, expiry, drains and shutdown all call `end`.
// An ending gives the user's count back first and the slot second. So a thread that finds the slot
// free also finds the user's count lowered.
#pragma once

#include <admit/permit.hpp>
#include <cstdint>

#include "base/step.hpp"
#include "base/thread_state.hpp"
#include "state/engine_core.hpp"
#include "waiting/serving.hpp"

namespace admit::core {

inline constexpr status last_status = status::cancelled;

/// A status of a caller; a value that is no status counts as an error.
constexpr status valid(status how) noexcept { return how <= last_status ? how : status::error; }

/// The event of an ending. Completed conversations are not counted: they are the remainder of all.
constexpr event ended_as(status how) noexcept {
    return static_cast<event>(static_cast<unsigned>(event::ended_idle) +
                              static_cast<unsigned>(how) - static_cast<unsigned>(status::idle));
}
static_assert(ended_as(status::timed_out) == event::ended_timed_out &&
              ended_as(status::error) == event::ended_error &&
              ended_as(status::drained) == event::ended_drained &&
              ended_as(last_status) == event::ended_cancelled);

/// Gives back what an ended conversation held. Only the thread that ended it may.
inline void return_resources(slot_ref slot, status how, thread_state& thread) noexcept {
    engine_core& core = *slot.group->core;
    if (how != status::completed) core.events.count(ended_as(how), thread.stripe);
    // relaxed: known since the conversation began, or acquired by its ending.
    lane& user = *slot.record().user.load(memory_order_relaxed);
    const bool must_serve = discharge(core, user);
    step("end.discharged");
    give_back(slot, must_serve, thread);
}

/// Ends the conversation of that generation: true for exactly one caller. Lock-free.
inline bool end(slot_ref slot, std::uint64_t generation, status how,
                thread_state& thread) noexcept {
    if (!slot.record().conversation.end(generation)) return false;
    step("end.won");
    return_resources(slot, how, thread);
    return true;
}

}  // namespace admit::core
