// A slot is given back while a waiter comes to be owed one: the giver sees the demand, or the
// server the slot.
#include "slots/owed_slots.hpp"
#include "slots/slot_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::owed_slots demand;
admit::core::slot_word slots;
int laid_aside[2];

void earmark(int me) {
    if (slots.take(1)) {
        if (demand.pay())
            laid_aside[me] = 1;
        else
            slots.give(1);
    }
}

void giver() {
    slots.give(1);
    if (demand.any()) earmark(0);
}

void server() {
    demand.add();
    if (slots.free() != 0) earmark(1);
}

}  // namespace

int main() {
    slots.enable();
    slots.take(1);
    scenario::run<giver, server>();
    check(laid_aside[0] + laid_aside[1] == 1, "the waiter gets the slot");
    return 0;
}
