// A slot goes from hand to hand: one gives it back, one pays with it and it is put into circulation
// again; whoever takes it has what the one before did in it.
#include "slots/slot_word.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::slot_word slots;
admit::core::plain<int> in_slot;

void use() { in_slot.set(in_slot.get() + 1); }

void payer() {
    use();
    slots.disable(1);
    check(slots.enable() == 1, "what was retired can be put into circulation");
}

void any() {
    if (scenario::take_any(slots) == 0) return;
    use();
    slots.give(1);
}

void this_one() {
    if (!slots.take(1)) return;
    use();
    slots.give(1);
}

}  // namespace

int main() {
    slots.enable();
    slots.take(1);
    scenario::run<payer, any, this_one>();
    check(scenario::take_any(slots) == 1, "nothing is lost");
    return 0;
}
