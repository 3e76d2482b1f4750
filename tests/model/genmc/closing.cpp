// Who closes the gate and finds a slot held is told of the end of the last one, by who gives it
// back or retires it.
#include "slots/gate.hpp"
#include "slots/slot_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::gate gate;
admit::core::slot_word slots;
bool at_rest;
bool told[2];

void closer() {
    gate.close();
    at_rest = slots.none_taken();
}

void giver() {
    slots.give(1);
    told[0] = gate.read().closed();
}

void payer() {
    slots.disable(2);
    told[1] = gate.read().closed();
}

}  // namespace

int main() {
    slots.enable();
    slots.enable();
    slots.take(1);
    slots.take(2);
    scenario::run<closer, giver, payer>();
    check(at_rest || told[0] || told[1], "somebody hears of the last one");
    return 0;
}
