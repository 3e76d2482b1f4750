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

/// Gives back what an ended conversation held. Only the thread that ended it may.
inline void return_resources(slot_ref slot, status how, thread_state& thread) noexcept {
    engine_core& core = *slot.group->core;
    if (how != status::completed) {  // completed conversations are the remainder of all
        const auto kind = static_cast<unsigned>(event::ended_idle) + static_cast<unsigned>(how) -
                          static_cast<unsigned>(status::idle);
        core.events.count(static_cast<event>(kind), thread.stripe);
    }
    // relaxed: known since the conversation began, or acquired by its ending.
    lane& user = *slot.record().user.load(memory_order_relaxed);
    const bool waiters = user.discharge().waiting() > 0;
    step("end.discharged");
    if (waiters) [[unlikely]]
        return hand_over(slot, thread);
    give_back(slot, false, thread);
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
