// A count is told, or found to be at its limit, while its lane changes hands. What is said of a
// user is true of that user.
#include "users/lane.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

using admit::core::lane;

lane shared;

// The user 1 has three conversations, which end; then the lane is user 2's, with one or two.
void owners() {
    for (int i = 0; i < 3; ++i) shared.discharge();
    std::uint64_t generation = 0;
    check(shared.reserve(generation), "it counts nothing");
    shared.set_tag(2);
    shared.bind(generation);
}

void told() { check(shared.state_of(2).count() <= 2, "never more than it had"); }
void refused() { check(shared.charge(2, 3) != lane::charged::at_limit, "never at its limit"); }

}  // namespace

int main() {
    std::uint64_t generation = 0;
    shared.reserve(generation);
    shared.set_tag(1);
    shared.bind(generation);
    shared.charge(1, 3);
    shared.charge(1, 3);
    scenario::run<owners, told, refused>();
    return 0;
}
