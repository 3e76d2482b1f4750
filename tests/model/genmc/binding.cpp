// SPDX-License-Identifier: BSL-1.0
// Two threads bind one user in a home of two lanes, a third thread binds another user. Each user
// gets one lane, which counts every charge. The steps are those of `user_table::charge`; they are
// restated because GenMC does not support how the table allocates its buckets.
#include "users/home_word.hpp"
#include "users/lane.hpp"

#include "model/genmc/scenario.hpp"

namespace {

using admit::core::home_word;
using admit::core::lane;
using admit::core::user_tag;
using scenario::check;

home_word home;
lane lanes[2];

void finish(const home_word::snapshot& seen) {
    if (seen.generation == 0) return;
    const lane::snapshot now = lanes[seen.lane].read();
    if (now.reserved() && now.generation() == seen.generation) lanes[seen.lane].bind(now);
}

lane* look(user_tag user) {
    for (lane& each : lanes)
        if (!each.read().reserved() && each.tag() == user) return &each;
    return nullptr;
}

unsigned reserve(user_tag user, std::uint64_t& generation) {
    for (unsigned i = 0; i < 2; ++i)
        if (lanes[i].reserve(generation)) {
            lanes[i].set_tag(user);
            return i;
        }
    return 2;
}

bool charge(user_tag user) {
    std::uint64_t generation = 0;
    unsigned reserved = 2;
    for (;;) {
        const home_word::snapshot seen = home.read();
        finish(seen);
        if (lane* const found = look(user)) {
            if (found->charge(user, 5) == lane::charged::not_here) continue;
            if (reserved != 2) lanes[reserved].release(generation);
            return true;
        }
        if (reserved == 2) reserved = reserve(user, generation);
        if (reserved == 2) return false;  // no lane is free
        const home_word::snapshot next{.generation = generation, .lane = reserved};
        if (!home.replace(seen, next)) continue;
        finish(next);
        return true;
    }
}

bool charged[3];

void first() { charged[0] = charge(1); }
void second() { charged[1] = charge(1); }
void other() { charged[2] = charge(2); }

unsigned count_of(user_tag user) {
    return lanes[0].state_of(user).count() + lanes[1].state_of(user).count();
}

}  // namespace

int main() {
    scenario::run<first, second, other>();
    check(lanes[0].tag() != lanes[1].tag() || lanes[0].tag() == 0, "each user has one lane");
    check(count_of(1) == unsigned{charged[0]} + unsigned{charged[1]},
          "every charge of user 1 is counted");
    check(count_of(2) == unsigned{charged[2]}, "every charge of user 2 is counted");
    return 0;
}
