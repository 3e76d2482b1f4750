// SPDX-License-Identifier: BSL-1.0
// Limits and priorities in the fair queue alone, without an engine, threads or time.
#include <doctest/doctest.h>

#include <vector>

#include "unit/test_queue.hpp"

using admit::core::user_tag;
using unit::test_queue;
using unit::test_waiter;

TEST_CASE("a queue without a ready waiter takes no turns and holds no other waiter up") {
    test_queue at;
    at.set_limit(1, 0);
    at.come(1);
    at.come(1);
    at.come(2);
    CHECK(at.policy.ready() == 1);
    CHECK(at.serve_all() == std::vector<user_tag>{2});
    CHECK(at.policy.ready() == 0);
    CHECK(at.waiting() == 2);
    at.set_limit(1, 1);
    CHECK(at.serve_all() == std::vector<user_tag>{1});
    CHECK(at.waiting() == 1);
}

TEST_CASE("a queue that is not ready any more loses its turn, and gets a later one") {
    test_queue at;
    at.come(1);
    at.come(2);
    at.set_limit(1, 0);
    at.come(3);
    at.set_limit(1, 1);
    CHECK(at.serve_all() == std::vector<user_tag>{2, 3, 1});
}

TEST_CASE("of a queue no more are served than its user has room for") {
    test_queue at;
    at.set_limit(1, 2);
    for (int i = 0; i < 5; ++i) at.come(1);
    CHECK(at.policy.ready() == 2);
    at.come(2);
    CHECK(at.serve_all() == std::vector<user_tag>{1, 2, 1});
    CHECK(at.waiting() == 3);
}

TEST_CASE("when the first that is held up leaves, those behind it are still served in time") {
    test_queue at;
    at.set_limit(1, 1);
    std::vector<test_waiter*> waiters;
    for (int number = 0; number < 4; ++number) waiters.push_back(&at.come(1));
    at.leave(*waiters[1]);
    CHECK(at.serve() == waiters[0]);
    CHECK(at.serve() == nullptr);
    at.raise_limit(1, 3);
    CHECK(at.serve() == waiters[2]);
    CHECK(at.serve() == waiters[3]);
}

TEST_CASE("a higher priority goes first, and users take turns within one") {
    test_queue at;
    at.come(1);
    at.come(2);
    at.come(3, 1);
    at.come(2, 1);
    at.come(1, 3);
    CHECK(at.serve_all() == std::vector<user_tag>{1, 2, 3, 1, 2});
}

TEST_CASE("a user's waiters go by priority, then by arrival") {
    test_queue at;
    for (const unsigned priority : {1U, 0U, 2U, 1U, 2U, 0U, 3U}) at.come(1, priority);
    std::vector<int> numbers;
    while (const test_waiter* const next = at.serve()) numbers.push_back(next->number);
    CHECK(numbers == std::vector<int>{7, 3, 5, 1, 4, 2, 6});
}

TEST_CASE("a waiter with a higher priority takes the readiness of one behind it") {
    test_queue at;
    at.set_limit(1, 1);
    const test_waiter& low = at.come(1);
    CHECK(low.ready);
    const test_waiter& high = at.come(1, 2);
    CHECK(high.ready);
    CHECK_FALSE(low.ready);
    CHECK(at.serve() == &high);
    CHECK(at.serve() == nullptr);
    at.set_limit(1, 2);
    CHECK(at.serve() == &low);
}

TEST_CASE("a queue that loses its urgent waiter keeps its turn among the others") {
    test_queue at;
    at.come(1);  // its turn has come first
    at.come(2);
    test_waiter& urgent = at.come(1, 1);
    at.leave(urgent);
    CHECK(at.serve_all() == std::vector<user_tag>{1, 2});
    at.come(1);
    at.come(2);
    at.come(1, 1);  // it is served, and then its user has had a turn
    CHECK(at.serve_all() == std::vector<user_tag>{1, 2, 1});
}

TEST_CASE("a waiter's own limit decides for it, and for those behind it") {
    test_queue at;
    at.set_limit(1, 5);
    test_waiter& strict = at.come(1);
    strict.shared = false;
    strict.own_limit = 0;
    at.set_limit(1, 5);
    CHECK(at.policy.ready() == 0);
    const test_waiter& behind = at.come(1);
    CHECK_FALSE(behind.ready);
    strict.own_limit = 1;
    at.set_limit(1, 0);
    CHECK(strict.ready);
    CHECK_FALSE(behind.ready);
    CHECK(at.serve() == &strict);
    CHECK(at.serve() == nullptr);
}
