// SPDX-License-Identifier: BSL-1.0
// One slot and its gate: a thread that gives the slot back, a thread that finds the engine full.
// Scenarios `full` and `churn` use it.
#pragma once

#include "model/genmc/scenario.hpp"
#include "slots/gate.hpp"
#include "slots/slot_word.hpp"

namespace scenario {

inline admit::core::gate gate;
inline admit::core::slot_word slots;
inline admit::core::slot_mask slot;

/// Enables the slot and takes it.
inline void take_the_slot() {
    slots.enable();
    slot = take_any(slots);
}

inline void give() {
    slots.give(slot);
    if (gate.read().room_denied()) gate.reopen();
}

inline void propose() {
    const auto proposal = gate.propose_full();
    if (proposal.full() || slots.free() != 0) return;
    gate.confirm_full(proposal);
}

/// What holds after all threads have returned.
inline void check_given_back() {
    check(slots.free() == slot, "the slot is free");
    check(!gate.read().full(), "the gate is not full");
}

}  // namespace scenario
