// SPDX-License-Identifier: BSL-1.0
// A thread finds the engine full while a slot is given back, taken by another thread, and given
// back again. So seq_cst and weaker operations follow each other on the word of the slots.
#include "model/genmc/last_slot.hpp"

namespace {

void cycle() {
    if (scenario::gate.read().full() || scenario::take_any(scenario::slots) == 0) return;
    scenario::give();
}

}  // namespace

int main() {
    scenario::take_the_slot();
    scenario::run<scenario::give, cycle, scenario::propose>();
    scenario::check_given_back();
    return 0;
}
