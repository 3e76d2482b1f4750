// SPDX-License-Identifier: BSL-1.0
// A slot is given back while another thread adds an owed slot for a waiter. The giver sees that a
// slot is owed, or the server sees the free slot.
#include "slots/owed_slots.hpp"
#include "slots/slot_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::owed_slots owed;
admit::core::slot_word slots;
int earmarked[2];

void earmark(int index) {
    if (slots.take(1)) {
        if (owed.pay())
            earmarked[index] = 1;
        else
            slots.give(1);
    }
}

void giver() {
    slots.give(1);
    if (owed.any()) earmark(0);
}

void server() {
    owed.add();
    if (slots.free() != 0) earmark(1);
}

}  // namespace

int main() {
    slots.enable();
    slots.take(1);
    scenario::run<giver, server>();
    check(earmarked[0] + earmarked[1] == 1, "the waiter gets the slot");
    return 0;
}
