// A slot is given back while two threads find the engine full. "Full" does not stay over a slot
// whose giver has gone.
#include "core/gate.hpp"
#include "core/slot_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::gate gate;
admit::core::slot_word slots;
admit::core::slot_mask slot;

void giver() {
    slots.give(slot);
    if (gate.read().room_denied()) gate.reopen();
}

void proposer() {
    const auto proposal = gate.propose_full();
    if (proposal.full() || slots.free() != 0) return;
    gate.confirm_full(proposal);
}

}  // namespace

int main() {
    slots.circulate(1);
    slot = scenario::take_any(slots);
    scenario::run<giver, proposer, proposer>();
    check(slots.free() == slot, "the slot is free");
    check(!gate.read().full(), "and the gate does not deny it");
    return 0;
}
