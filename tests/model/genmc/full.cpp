// SPDX-License-Identifier: BSL-1.0
// A slot is given back while two threads find the engine full. The gate does not say "full" after
// the giver has returned.
#include "model/genmc/last_slot.hpp"

int main() {
    scenario::take_the_slot();
    scenario::run<scenario::give, scenario::propose, scenario::propose>();
    scenario::check_given_back();
    return 0;
}
