// SPDX-License-Identifier: BSL-1.0
// Tests of the specification of waiting and draining: histories written by hand. Correct ones are
// explained; each with a planted mistake of an engine is not.
#include <doctest/doctest.h>

#include "history/by_hand.hpp"

using namespace history::by_hand;
using admit::errc;
using history::aborted;
using history::dropped;
using history::limits;
using history::operation;

namespace {

constexpr limits one_each{.concurrent = 1, .per_user = 1};

}  // namespace

TEST_CASE("a request waits, and then has exactly one end") {
    const operations waiting{admitted(0, {1, 2}, 0, 0), waits_a_while(1, {3, 4}, 0, {.user = 1}),
                             rests(5, 1, 1)};
    CHECK(explained(one_each, waiting));
    CHECK(explained(one_each, with(waiting, {ended(0, {6, 7}, 0), answered(8, 0), rests(9, 1, 0),
                                             ended(0, {10, 11}, 10), rests(12, 0, 0)})));
    CHECK(explained(one_each, with(waiting, {answered(6, 0, errc::wait_timeout), rests(7, 1, 0)})));
    CHECK(explained(one_each, with(waiting, {closed(0, {6, 7}), answered(8, 0, errc::shutting_down),
                                             rests(9, 1, 0)})));
    CHECK(explained(one_each, with(waiting, {withdrawn(0, {6, 7}, 0, aborted),
                                             answered(8, 0, aborted), rests(9, 1, 0)})));
    CHECK(explained(one_each, with(waiting, {withdrawn(0, {6, 7}, 0, dropped), rests(8, 1, 0)})));
    // A cancellation that comes after the grant changes nothing; a drop gives the slot back.
    CHECK(explained(one_each, with(waiting, {ended(0, {6, 7}, 0), withdrawn(0, {8, 9}, 0, aborted),
                                             answered(10, 0), rests(11, 1, 0)})));
    CHECK(explained(one_each, with(waiting, {ended(0, {6, 7}, 0), withdrawn(0, {8, 9}, 0, dropped),
                                             rests(10, 0, 0), admitted(0, {11, 12}, 0, 1)})));
    // None of these without its cause.
    CHECK_FALSE(explained(one_each, with(waiting, {answered(6, 0)})));
    CHECK_FALSE(explained(one_each, with(waiting, {answered(6, 0, errc::shutting_down)})));
    CHECK_FALSE(explained(one_each, with(waiting, {answered(6, 0, aborted)})));
    CHECK_FALSE(explained(one_each, with(waiting, {withdrawn(0, {6, 7}, 0, aborted), rests(8)})));
    CHECK_FALSE(explained(one_each, with(waiting, {closed(0, {6, 7}), rests(8)})));
    const operations without_end{admitted(0, {1, 2}, 0, 0), waits(1, {3, 4}, 0, {.user = 1}),
                                 answered(5, 0, errc::wait_timeout)};
    CHECK_FALSE(explained(one_each, without_end));
}

TEST_CASE("a request that finds room, or may not wait, is answered without a wait") {
    CHECK(explained(one_each, {waits(0, {1, 2}, 0, {.user = 1}), answered(3, 0), rests(4, 1, 0)}));
    CHECK(explained(one_each, {admitted(0, {1, 2}, 0, 0), waits(1, {3, 4}, 0, {.user = 1}),
                               answered(5, 0, errc::global_limit), rests(6, 1, 0)}));
    CHECK(explained(one_each, {closed(0, {1, 2}), waits(1, {3, 4}, 0, {.user = 1}),
                               answered(5, 0, errc::shutting_down), rests(6, 0, 0)}));
    CHECK_FALSE(explained(one_each, {waits(0, {1, 2}, 0, {.user = 1}), rests(3)}));
    CHECK_FALSE(explained(one_each,
                          {waits(0, {1, 2}, 0, {.user = 1}), answered(3, 0, errc::global_limit)}));
}

TEST_CASE("a queue is full when so many wait, and no longer: a stale wait that counts is found") {
    const limits short_queue{.concurrent = 1, .per_user = 1, .waiting = 2, .waiting_per_user = 1};
    const operations waiting{admitted(0, {1, 2}, 0, 0), waits(1, {3, 4}, 0, {.user = 1})};
    const auto second = [](unsigned user, errc reason) {
        return operations{waits(1, {20, 21}, 1, {.user = user}), answered(22, 1, reason)};
    };
    const auto third = [](errc reason) {
        return operations{waits(1, {23, 24}, 2, {.user = 0}), answered(25, 2, reason)};
    };
    const auto judge = [&](const operations& more) {
        return explained(short_queue, with(waiting, more));
    };
    const operations other{waits(1, {20, 21}, 1, {.user = 2})};
    CHECK(judge(second(1, errc::user_queue_full)));
    CHECK(judge(with(other, third(errc::queue_full))));
    CHECK_FALSE(judge(third(errc::queue_full)));
    CHECK_FALSE(judge(second(2, errc::user_queue_full)));
    CHECK_FALSE(judge({waits(1, {20, 21}, 1, {.user = 1}), rests(22)}));
    CHECK_FALSE(judge(with(other, {waits(1, {23, 24}, 2, {.user = 0}), rests(25)})));
    const operations left{withdrawn(0, {5, 6}, 0, aborted), answered(7, 0, aborted)};
    CHECK_FALSE(judge(with(left, second(1, errc::user_queue_full))));
    CHECK_FALSE(judge(with(with(left, other), third(errc::queue_full))));
    const operations served{ended(0, {5, 6}, 0), answered(7, 0)};
    CHECK_FALSE(judge(with(served, second(1, errc::user_queue_full))));
}

TEST_CASE("a try_admit that overtakes is found") {
    const limits wide{.concurrent = 5, .per_user = 1};
    const operations of_user{admitted(0, {1, 2}, 0, 0), waits(1, {3, 4}, 0, {.user = 0}),
                             ended(0, {5, 6}, 0)};
    CHECK(explained(wide, with(of_user, {refused(0, {7, 8}, 0, errc::user_limit)})));
    CHECK_FALSE(explained(wide, with(of_user, {admitted(0, {7, 8}, 0, 1)})));
    // One with a higher limit of its own may pass, as it would have passed before.
    operation exempt = admitted(0, {7, 8}, 0, 1);
    exempt.own_limit = 2;
    CHECK(explained(wide, with(of_user, {exempt})));
    const operations of_other{admitted(0, {1, 2}, 0, 0), waits(1, {3, 4}, 0, {.user = 1}),
                              ended(0, {5, 6}, 0)};
    CHECK(explained(one_each, with(of_other, {refused(0, {7, 8}, 2, errc::global_limit)})));
    CHECK_FALSE(explained(one_each, with(of_other, {admitted(0, {7, 8}, 2, 1)})));
    // Its own user's limit and the full engine kept the request out at once.
    const operations by_both{admitted(0, {1, 2}, 0, 0), waits(1, {3, 4}, 0, {.user = 0}),
                             ended(0, {5, 6}, 0)};
    CHECK_FALSE(explained(one_each, with(by_both, {admitted(0, {7, 8}, 2, 1)})));
    // A request that its user's limit keeps out holds up no other user.
    CHECK_FALSE(explained(wide, {admitted(0, {1, 2}, 0, 0), waits(1, {3, 4}, 0, {.user = 0}),
                                 refused(0, {5, 6}, 1, errc::global_limit)}));
}

TEST_CASE("a grant that is lost or doubled is found") {
    const operations granted{admitted(0, {1, 2}, 0, 0), waits(1, {3, 4}, 0, {.user = 1}),
                             waits(1, {5, 6}, 1, {.user = 2}), ended(0, {7, 8}, 0)};
    CHECK(explained(one_each, with(granted, {answered(9, 0), rests(10, 1, 1)})));
    CHECK_FALSE(explained(one_each, with(granted, {rests(9)})));
    CHECK_FALSE(explained(one_each, with(granted, {answered(9, 0), answered(10, 1)})));
    CHECK_FALSE(explained(one_each, with(granted, {answered(9, 0), answered(10, 0)})));
    // What was granted to a request that went is the next one's.
    const operations gone = with(granted, {withdrawn(0, {9, 10}, 0, dropped)});
    CHECK(explained(one_each, with(gone, {answered(11, 1), rests(12, 1, 0)})));
    CHECK_FALSE(explained(one_each, with(gone, {rests(11)})));
    // Also when limits make room, and at counts that are wrong.
    const operations raised{admitted(0, {1, 2}, 0, 0), waits(1, {3, 4}, 0, {.user = 0}),
                            new_limits(0, {5, 6}, 2, 2)};
    CHECK(explained(one_each, with(raised, {answered(7, 0), rests(8, 2, 0)})));
    CHECK_FALSE(explained(one_each, with(raised, {rests(7)})));
    CHECK_FALSE(explained(one_each, with(granted, {answered(9, 0), rests(10, 0, 1)})));
    CHECK_FALSE(explained(one_each, with(granted, {answered(9, 0), rests(10, 1, 2)})));
}

TEST_CASE("a grant out of turn is found") {
    const limits many{.concurrent = 1, .per_user = 5};
    const operations queue{admitted(0, {1, 2}, 0, 0),
                           waits(1, {3, 4}, 0, {.user = 1}),
                           waits(1, {5, 6}, 1, {.user = 1}),
                           waits(1, {7, 8}, 2, {.user = 2}),
                           ended(0, {9, 10}, 0),
                           answered(11, 0),
                           ended(0, {12, 13}, 10)};
    CHECK(explained(many, with(queue, {answered(14, 2), ended(0, {15, 16}, 12), answered(17, 1)})));
    CHECK_FALSE(explained(many, with(queue, {answered(14, 1)})));
}

TEST_CASE("a lower priority that is granted before a higher one is found") {
    const limits many{.concurrent = 1, .per_user = 5};
    const auto queue = [](unsigned user_of_second) {
        return operations{
            admitted(0, {1, 2}, 0, 0), waits(1, {3, 4}, 0, {.user = 1, .priority = 1}),
            waits(1, {5, 6}, 1, {.user = user_of_second, .priority = 2}), ended(0, {7, 8}, 0)};
    };
    for (const unsigned user : {1U, 2U}) {
        CHECK(explained(many, with(queue(user), {answered(9, 1), rests(10, 1, 1)})));
        CHECK_FALSE(explained(many, with(queue(user), {answered(9, 0)})));
    }
}

TEST_CASE("within one user a grant out of order is found") {
    const limits many{.concurrent = 1, .per_user = 5};
    const operations queue{admitted(0, {1, 2}, 0, 0), waits(1, {3, 4}, 0, {.user = 1}),
                           waits(1, {5, 6}, 1, {.user = 1}), ended(0, {7, 8}, 0)};
    CHECK(explained(many, with(queue, {answered(9, 0)})));
    CHECK_FALSE(explained(many, with(queue, {answered(9, 1)})));
    // The limit of the first one counts, and those behind it wait.
    const operations behind{admitted(0, {1, 2}, 1, 0),
                            waits(1, {3, 4}, 0, {.user = 1, .own_limit = 1}),
                            waits(1, {5, 6}, 1, {.user = 1, .own_limit = 2}), rests(7, 1, 2)};
    const limits wide{.concurrent = 3, .per_user = 5};
    CHECK(explained(wide, behind));
    CHECK(explained(wide, with(behind, {ended(0, {8, 9}, 0), answered(10, 0), answered(11, 1)})));
    CHECK_FALSE(explained(wide, with(behind, {answered(8, 1)})));
}

TEST_CASE("a drain that misses one is found") {
    const limits two{.concurrent = 2, .per_user = 2};
    const operations begun{admitted(0, {1, 2}, 0, 0), admitted(0, {3, 4}, 1, 1),
                           starts_drain(1, {5, 6})};
    CHECK(explained(two, with(begun, {ended(0, {7, 8}, 0), ended(0, {9, 10}, 1), reports(11, 2),
                                      rests(12, 0, 0)})));
    CHECK(explained(two, with(begun, {ended(0, {7, 8}, 0), tells(1, {9, 10}, {1}), reports(11, 1),
                                      rests(12, 0, 0)})));
    CHECK(explained(two, with(begun, {tells(1, {7, 8}, {0, 1}), reports(9, 0), rests(10)})));
    CHECK_FALSE(explained(two, with(begun, {tells(1, {7, 8}, {0}), rests(9)})));
    CHECK_FALSE(explained(two, with(begun, {tells(1, {7, 8}, {0}), reports(9, 1)})));
    CHECK_FALSE(explained(two, with(begun, {tells(1, {7, 8}, {0, 1}), rests(9)})));
    CHECK_FALSE(explained(two, with(begun, {admitted(0, {7, 8}, 1, 2)})));
    // An admission that was under way when the engine closed belongs to the drain.
    const operations late{starts_drain(1, {2, 3}), admitted(0, {1, 10}, 0, 0)};
    CHECK(explained(two, with(late, {tells(1, {11, 12}, {0}), reports(13, 0), rests(14)})));
    CHECK_FALSE(explained(two, with(late, {tells(1, {4, 5}, {}), rests(14)})));
}

TEST_CASE("the report of a drain adds up") {
    const limits two{.concurrent = 2, .per_user = 2};
    const operations begun{admitted(0, {1, 2}, 0, 0), admitted(0, {3, 4}, 1, 1),
                           starts_drain(1, {5, 6}, 0), starts_drain(1, {7, 8}, 1)};
    const auto told = [&](int first, int second) {
        return explained(two, with(begun, {tells(1, {9, 10}, {0}, 0), tells(1, {11, 12}, {1}, 1),
                                           reports(13, first, 0), reports(14, second, 1)}));
    };
    CHECK(told(0, 0));
    CHECK_FALSE(told(1, 0));
    CHECK_FALSE(told(0, 1));
    CHECK_FALSE(explained(two, with(begun, {tells(1, {9, 10}, {0, 1}, 0),
                                            tells(1, {11, 12}, {1}, 1), reports(13, 0, 0)})));
    // A cancelled drain counts what is still active neither as completed nor as cut.
    CHECK(explained(two, with(begun, {ended(0, {9, 10}, 0), reports(11, 1, 0, aborted)})));
    CHECK_FALSE(explained(two, with(begun, {ended(0, {9, 10}, 0), reports(11, 2, 0, aborted)})));
    // What has a supervisor is active until it ends.
    operation asks_to_end = tells(1, {9, 10}, {0, 1}, 0);
    asks_to_end.ends_told = false;
    CHECK(explained(two, with(begun, {asks_to_end, ended(0, {11, 12}, 0), ended(0, {13, 14}, 1),
                                      reports(15, 0, 0), reports(16, 0, 1)})));
    CHECK_FALSE(explained(two, with(begun, {asks_to_end, reports(15, 0, 0)})));
}
