// The engine is found full while a slot is given back, taken by another thread and given back by
// it: seq_cst and weaker operations follow each other on the word of the slots.
#include "core/gate.hpp"
#include "core/slot_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::gate gate;
admit::core::slot_word slots;

void give() {
    slots.give(1);
    if (gate.read().room_denied()) gate.reopen();
}

void cycle() {
    if (gate.read().full() || scenario::take_any(slots) == 0) return;
    give();
}

void propose() {
    const auto proposal = gate.propose_full();
    if (proposal.full() || slots.free() != 0) return;
    gate.confirm_full(proposal);
}

}  // namespace

int main() {
    slots.circulate(1);
    slots.take(1);
    scenario::run<give, cycle, propose>();
    check(slots.free() == 1, "the slot is free");
    check(!gate.read().full(), "and the gate does not deny it");
    return 0;
}
