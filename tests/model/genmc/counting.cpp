// SPDX-License-Identifier: BSL-1.0
// A thread reads a user's count, another charges the user, while the lane changes from user 1 to
// user 2. Neither takes the count of user 1 for that of user 2.
#include "users/lane.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

using admit::core::lane;

lane shared;

// The three conversations of user 1 end. Then user 2 has the lane, with a count of one or two.
void change_user() {
    for (int i = 0; i < 3; ++i) shared.discharge();
    std::uint64_t generation = 0;
    check(shared.reserve(generation), "the lane counts nothing");
    shared.set_tag(2);
    shared.bind(shared.read());
}

void read_count() { check(shared.state_of(2).count() <= 2, "not the count of user 1"); }
void charge() {
    check(shared.charge(2, 3) != lane::charged::at_limit, "not at the limit of user 1");
}

}  // namespace

int main() {
    std::uint64_t generation = 0;
    shared.reserve(generation);
    shared.set_tag(1);
    shared.bind(shared.read());
    shared.charge(1, 3);
    shared.charge(1, 3);
    scenario::run<change_user, read_count, charge>();
    return 0;
}
