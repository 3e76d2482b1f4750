// One slot and the gate before it: who gives the slot back, and who finds that there is none.
#pragma once

#include "model/genmc/scenario.hpp"
#include "slots/gate.hpp"
#include "slots/slot_word.hpp"

namespace scenario {

inline admit::core::gate gate;
inline admit::core::slot_word slots;
inline admit::core::slot_mask slot;

/// The slot is in circulation, and taken.
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

/// Whoever was there has gone.
inline void check_given_back() {
    check(slots.free() == slot, "the slot is free");
    check(!gate.read().full(), "and the gate does not deny it");
}

}  // namespace scenario
