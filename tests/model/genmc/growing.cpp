// SPDX-License-Identifier: BSL-1.0
// A thread finds the engine full while another adds a group and enables a slot of it. The first
// thread reads the new count of groups, or the second one reopens the gate. The count is restated
// with the orders of slots/group_table.hpp, as for a group that does not change the summary's
// height.
#include "slots/gate.hpp"
#include "slots/slot_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::gate gate;
admit::core::atomic<unsigned> groups{1};
admit::core::slot_word words[2];

void grow() {
    unsigned one = 1;
    groups.compare_exchange_strong(one, 2, admit::core::memory_order_seq_cst,
                                   admit::core::memory_order_relaxed);
    words[1].enable();
    if (gate.read().room_denied()) gate.reopen();
}

void propose() {
    const auto proposal = gate.propose_full();
    const unsigned known = groups.load(admit::core::memory_order_seq_cst);
    for (unsigned i = 0; i < known; ++i)
        if (words[i].free() != 0) return;
    gate.confirm_full(proposal);
}

}  // namespace

int main() {
    scenario::run<grow, propose>();
    check(!gate.read().full(), "the gate is not full while a slot is free");
    return 0;
}
