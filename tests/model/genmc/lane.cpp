// SPDX-License-Identifier: BSL-1.0
// The lane of an idle user is bound to another user, while both are charged. Neither user is
// counted in the other user's lane.
#include "users/lane.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

using admit::core::lane;

constexpr admit::core::user_tag idle = 1;
constexpr admit::core::user_tag newcomer = 2;

lane shared;
std::uint64_t generation;
bool bound;
bool charged_idle;
bool charged_newcomer;

void bind() {
    if (!shared.reserve(generation)) return;
    shared.set_tag(newcomer);
    shared.bind(shared.read());
    bound = true;
}

void charge_idle() { charged_idle = shared.charge(idle, 5) == lane::charged::yes; }
void charge_newcomer() { charged_newcomer = shared.charge(newcomer, 5) == lane::charged::yes; }

}  // namespace

int main() {
    shared.reserve(generation);
    shared.set_tag(idle);
    shared.bind(shared.read());
    shared.discharge();
    scenario::run<bind, charge_idle, charge_newcomer>();
    check(bound != charged_idle, "the lane is bound to one of them");
    check(!charged_newcomer || bound, "a user without a lane is not charged");
    check(shared.tag() == (bound ? newcomer : idle), "the tag is that of the bound user");
    check(shared.read().count() == 1U + (charged_newcomer ? 1U : 0U), "every charge is counted");
    return 0;
}
