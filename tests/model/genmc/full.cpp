// A slot is given back while two threads find the engine full. "Full" does not stay over a slot
// whose giver has gone.
#include "model/genmc/last_slot.hpp"

int main() {
    scenario::take_the_slot();
    scenario::run<scenario::give, scenario::propose, scenario::propose>();
    scenario::check_given_back();
    return 0;
}
