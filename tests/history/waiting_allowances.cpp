// SPDX-License-Identifier: BSL-1.0
// Each allowance of the specification for waiting explains a history written by hand, which has no
// explanation without it.
#include <doctest/doctest.h>

#include <string>

#include "history/by_hand.hpp"

using namespace history::by_hand;
using admit::errc;
using history::aborted;
using history::allowances;
using history::limits;
using history::operation;

namespace {

constexpr limits one_each{.concurrent = 1, .per_user = 1};

/// Explained with all allowances, and not without this one.
void needs(bool allowances::*allowance, limits first, const operations& seen) {
    CAPTURE(history::to_string({.first = first, .operations = seen}));
    CHECK(explained(first, seen));
    allowances all_but_one;
    all_but_one.*allowance = false;
    CHECK_FALSE(explained(first, seen, all_but_one));
}

/// A call of the third thread that changes nothing.
operation long_call(span when) { return ended(2, when, 63, false); }

}  // namespace

TEST_CASE("slot_undecided: a thread that serves holds the slot of an ended conversation") {
    const limits two{.concurrent = 2, .per_user = 2};
    const operations seen{admitted(0, {1, 2}, 0, 0), admitted(0, {3, 4}, 0, 1),
                          waits(0, {5, 6}, 0, {.user = 0, .own_limit = 1}), ended(0, {8, 9}, 0),
                          refused(1, {10, 11}, 1, errc::global_limit)};
    needs(&allowances::slot_undecided, two, with(seen, {long_call({7, 12})}));
    CHECK_FALSE(explained(two, seen));
}

TEST_CASE("grant_under_way: a granted request counts once more until its handler runs") {
    const limits three{.concurrent = 3, .per_user = 3};
    const operations seen{admitted(0, {1, 2}, 0, 0), admitted(0, {3, 4}, 1, 1),
                          admitted(0, {5, 6}, 2, 2), waits(0, {7, 8}, 0, {.user = 0}),
                          ended(0, {9, 10}, 1),      withdrawn(0, {11, 12}, 0, aborted),
                          ended(0, {13, 14}, 2)};
    const operation rejection = refused(0, {15, 16}, 0, errc::user_limit);
    needs(&allowances::grant_under_way, three, with(seen, {rejection, answered(17, 0)}));
    CHECK_FALSE(explained(three, with(seen, {answered(11, 0), rejection})));
}

TEST_CASE("reason_in_transit: the slot is free, the request has a claim, and a limit is named") {
    const operations seen{admitted(0, {1, 2}, 0, 0), waits(0, {3, 4}, 0, {.user = 1}),
                          ended(0, {5, 6}, 0), refused(0, {7, 8}, 1, errc::user_limit)};
    needs(&allowances::reason_in_transit, one_each, seen);
    const operations granted{admitted(0, {1, 2}, 0, 0), waits(0, {3, 4}, 0, {.user = 1}),
                             ended(0, {5, 6}, 0), answered(7, 0),
                             refused(0, {8, 9}, 1, errc::user_limit)};
    CHECK_FALSE(explained(one_each, granted));
}

TEST_CASE("gradual_claims: requests claim slots one by one after the limit per user went up") {
    const limits two{.concurrent = 2, .per_user = 1};
    const operations seen{admitted(0, {1, 2}, 0, 0), waits(0, {3, 4}, 0, {.user = 0}),
                          new_limits(0, {6, 7}, 2, 2), admitted(0, {8, 9}, 1, 1)};
    needs(&allowances::gradual_claims, two, with(seen, {long_call({5, 10})}));
    CHECK_FALSE(explained(two, seen));
}

TEST_CASE("turn: a grant overlooks a request that came while the grant's call was in progress") {
    const limits many{.concurrent = 1, .per_user = 5};
    for (const unsigned user : {1U, 2U}) {
        const operations seen{admitted(0, {1, 2}, 0, 0), waits(0, {3, 4}, 0, {.user = 1}),
                              waits(0, {6, 7}, 1, {.user = user, .priority = 1}),
                              ended(0, {8, 9}, 0), answered(10, 0)};
        needs(&allowances::turn, many, with(seen, {long_call({5, 11})}));
        CHECK_FALSE(explained(many, seen));
    }
}

TEST_CASE("slot_in_hand: a slot is on its way to a request that has no place yet") {
    const auto seen = [](unsigned returns) {
        return operations{admitted(0, {1, 2}, 0, 0),
                          waits(1, {3, returns}, 0, {.user = 1}),
                          ended(0, {4, 5}, 0),
                          refused(0, {6, 7}, 2, errc::global_limit),
                          waits(0, {9, 10}, 1, {.user = 1}),
                          answered(12, 1),
                          rests(13, 1, 1)};
    };
    needs(&allowances::slot_in_hand, one_each, seen(11));
    CHECK_FALSE(explained(one_each, seen(8)));
    // Two attempts do not keep each other out.
    CHECK_FALSE(explained(one_each, {refused(0, {1, 3}, 0, errc::global_limit),
                                     refused(1, {2, 4}, 1, errc::global_limit)}));
}

TEST_CASE("room_hidden: an attempt counts on its user before a request, and takes its slot later") {
    const auto seen = [](unsigned begins) {
        return operations{waits(1, {2, 3}, 0, {.user = 0}), admitted(1, {4, 5}, 1, 1),
                          ended(1, {6, 7}, 1), admitted(0, {begins, 9}, 0, 0), rests(10, 1, 1)};
    };
    needs(&allowances::room_hidden, one_each, seen(1));
    CHECK_FALSE(explained(one_each, seen(8)));
}

TEST_CASE("limits_mixed: limits of two calls that overlap are in force") {
    operation lower = new_limits(0, {1, 4}, 1, 1);
    lower.new_limits.waiting = 1;
    const auto seen = [&](unsigned begins) {
        return operations{lower,
                          new_limits(1, {begins, 6}, 2, 1),
                          admitted(0, {7, 8}, 0, 0),
                          admitted(0, {9, 10}, 1, 1),
                          waits(0, {11, 12}, 0, {.user = 2}),
                          waits(0, {13, 14}, 1, {.user = 3}),
                          answered(15, 1, errc::queue_full)};
    };
    needs(&allowances::limits_mixed, one_each, seen(2));
    CHECK_FALSE(explained(one_each, seen(5)));
}

TEST_CASE("leaving_under_way: the slot that a request had a claim to is still on its way") {
    const limits two{.concurrent = 2, .per_user = 1};
    const operations seen{admitted(0, {1, 2}, 0, 0),
                          admitted(0, {3, 4}, 1, 1),
                          waits(0, {5, 6}, 0, {.user = 2}),
                          ended(0, {8, 9}, 0),
                          withdrawn(0, {10, 11}, 0, aborted),
                          answered(12, 0, aborted),
                          refused(0, {13, 14}, 0, errc::global_limit)};
    needs(&allowances::leaving_under_way, two, with(seen, {long_call({7, 15})}));
    CHECK_FALSE(explained(two, seen));
}
