// SPDX-License-Identifier: BSL-1.0
// A thread closes the gate and then looks for taken slots, while the last two slots are given back
// and disabled. If the closer finds a taken slot, one of the holders sees that the gate is closed.
#include "slots/gate.hpp"
#include "slots/slot_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::gate gate;
admit::core::slot_word slots;
bool idle;
bool saw_closed[2];

void closer() {
    gate.close();
    idle = slots.none_taken();
}

void giver() {
    slots.give(1);
    saw_closed[0] = gate.read().closed();
}

void disabler() {
    slots.disable(2);
    saw_closed[1] = gate.read().closed();
}

}  // namespace

int main() {
    slots.enable();
    slots.enable();
    slots.take(1);
    slots.take(2);
    scenario::run<closer, giver, disabler>();
    check(idle || saw_closed[0] || saw_closed[1], "the closer or a holder sees the last slot");
    return 0;
}
