// SPDX-License-Identifier: BSL-1.0
// A slot is given back while two threads find its node of the summary empty. The node does not say
// "empty" after the giver has returned.
#include "slots/slot_word.hpp"
#include "slots/summary.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::summary_word node;
admit::core::slot_word slots;
admit::core::slot_mask slot;

void giver() {
    slots.give(slot);
    node.reopen(0);
}

void proposer() {
    const auto proposal = node.propose_empty(0);
    if (proposal.is_empty(0) || slots.free() != 0) return;
    node.confirm_empty(0, proposal);
}

}  // namespace

int main() {
    node.reopen_all();
    slots.enable();
    slot = scenario::take_any(slots);
    scenario::run<giver, proposer, proposer>();
    check(slots.free() == slot, "the slot is free");
    check(!node.read().is_empty(0), "the node is not empty");
    return 0;
}
