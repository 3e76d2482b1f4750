// SPDX-License-Identifier: BSL-1.0
// Three threads reserve one lane in turn; one of them releases it. The tag is that of the last
// reservation: an order of two stores that the project's own checker does not vary.
#include "users/lane.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

admit::core::lane shared;
admit::core::user_tag user_of[4] = {admit::core::no_user};

bool bind_to(admit::core::user_tag user) {
    std::uint64_t generation = 0;
    if (!shared.reserve(generation)) return false;
    shared.set_tag(user);
    shared.bind(shared.read());
    user_of[generation] = user;
    return true;
}

void bind() {
    if (bind_to(1)) shared.discharge();
}

void release() {
    std::uint64_t generation = 0;
    if (!shared.reserve(generation)) return;
    shared.set_tag(2);
    shared.release(generation);
}

void bind_late() { bind_to(3); }

}  // namespace

int main() {
    scenario::run<bind, release, bind_late>();
    check(shared.tag() == user_of[shared.read().generation()], "the tag belongs to the generation");
    return 0;
}
