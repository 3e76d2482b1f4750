// The lane of a user who is away is bound to another, while both are charged. Nobody is counted in
// a lane of the other.
#include "users/lane.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using scenario::check;

using admit::core::lane;

constexpr admit::core::user_tag away = 1;
constexpr admit::core::user_tag newcomer = 2;

lane shared;
std::uint64_t generation;
bool bound;
bool charged_away;
bool charged_newcomer;

void bind() {
    if (!shared.reserve(generation)) return;
    shared.set_tag(newcomer);
    shared.bind(generation);
    bound = true;
}

void charge_away() { charged_away = shared.charge(away, 5) == lane::charged::yes; }
void charge_newcomer() { charged_newcomer = shared.charge(newcomer, 5) == lane::charged::yes; }

}  // namespace

int main() {
    shared.reserve(generation);
    shared.set_tag(away);
    shared.bind(generation);
    shared.discharge();
    scenario::run<bind, charge_away, charge_newcomer>();
    check(bound != charged_away, "the lane is bound to one of them");
    check(!charged_newcomer || bound, "no count for somebody who is not bound");
    check(shared.tag() == (bound ? newcomer : away), "the tag is its user's");
    check(shared.read().count() == 1U + (charged_newcomer ? 1U : 0U), "all that was charged");
    return 0;
}
