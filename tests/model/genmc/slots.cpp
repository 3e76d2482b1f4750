// SPDX-License-Identifier: BSL-1.0
// A slot is disabled and enabled again, while two threads take it and give it back. Each holder
// sees what the holder before it wrote.
#include "slots/slot_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::slot_word slots;
admit::core::plain<int> in_slot;

void use() { in_slot.set(in_slot.get() + 1); }

void disabler() {
    use();
    slots.disable(1);
    check(slots.enable() == 1, "a disabled slot can be enabled");
}

void take_a_free_slot() {
    if (scenario::take_any(slots) == 0) return;
    use();
    slots.give(1);
}

void take_this_slot() {
    if (!slots.take(1)) return;
    use();
    slots.give(1);
}

}  // namespace

int main() {
    slots.enable();
    slots.take(1);
    scenario::run<disabler, take_a_free_slot, take_this_slot>();
    check(scenario::take_any(slots) == 1, "the slot is free in the end");
    return 0;
}
