// The engine is found full while a slot of a new group is put into circulation: whoever decides
// that knows of the group, or is found out. The counting is restated, with the orders of
// slots/slot_pool.hpp; a wide top has more groups without another height.
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
    check(!gate.read().full(), "a slot is free");
    return 0;
}
