// SPDX-License-Identifier: BSL-1.0
// The fair queue alone, without an engine, threads or time.
#include "waiting/fair_queue.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "support/stress.hpp"
#include "unit/test_queue.hpp"

using admit::core::fair_queue;
using admit::core::lane;
using admit::core::user_queue;
using admit::core::user_tag;
using unit::test_queue;
using unit::test_waiter;

namespace {

/// Jain's index: 1 when all have the same, 1/n when one has all.
double jains_index(const std::map<user_tag, int>& shares) {
    double sum = 0;
    double squares = 0;
    for (const auto& [user, share] : shares) {
        sum += share;
        squares += static_cast<double>(share) * share;
    }
    return sum * sum / (static_cast<double>(shares.size()) * squares);
}

}  // namespace

TEST_CASE("an empty queue has no next waiter") {
    test_queue at;
    CHECK(at.waiting() == 0);
    CHECK(at.policy.next() == nullptr);
    CHECK(at.policy.any() == nullptr);
    CHECK(at.policy.find(1) == nullptr);
    CHECK(at.policy.ready() == 0);
}

TEST_CASE("users take turns") {
    test_queue at;
    for (const user_tag user : std::vector<user_tag>{1, 1, 1, 2, 3, 2}) at.come(user);
    CHECK(at.waiting() == 6);
    CHECK(at.serve_all() == std::vector<user_tag>{1, 2, 3, 1, 2, 1});
    CHECK(at.waiting() == 0);
}

TEST_CASE("each user's waiters are served in order of arrival") {
    test_queue at;
    support::rng random{7};
    for (int i = 0; i < 300; ++i) at.come(1 + random.below(7));
    std::map<user_tag, int> last;
    while (const test_waiter* const next = at.serve()) {
        CHECK(next->number > last[next->user]);
        last[next->user] = next->number;
    }
    CHECK(last.size() == 7);
}

TEST_CASE("a user that arrives again stands behind all that wait already") {
    test_queue at;
    at.come(1);
    at.come(2);
    CHECK(at.serve()->user == 1);
    at.come(1);
    CHECK(at.serve_all() == std::vector<user_tag>{2, 1});
}

TEST_CASE("when a waiter leaves, the others keep their turns") {
    const std::vector<user_tag> users{1, 2, 1, 3, 2, 1};
    for (std::size_t leaving = 0; leaving < users.size(); ++leaving) {
        test_queue at;
        std::vector<test_waiter*> waiters;
        std::map<user_tag, int> left;  // of each user; users take turns in this order
        for (const user_tag user : users) {
            waiters.push_back(&at.come(user));
            ++left[user];
        }
        at.leave(*waiters[leaving]);
        --left[users[leaving]];
        CHECK(at.waiting() == users.size() - 1);
        std::vector<user_tag> expected;
        for (int turn = 0; turn < 3; ++turn)
            for (auto& [user, count] : left)
                if (count-- > 0) expected.push_back(user);
        CHECK(at.serve_all() == expected);
    }
}

TEST_CASE("the last of a user to leave takes the line along") {
    test_queue at;
    test_waiter& only = at.come(1);
    CHECK(at.policy.find(1) != nullptr);
    CHECK(at.policy.any() == at.policy.find(1));
    at.leave(only);
    CHECK(at.policy.find(1) == nullptr);
    CHECK(at.policy.any() == nullptr);
    CHECK(at.policy.next() == nullptr);
}

TEST_CASE("lines that are spare serve any user, again and again") {
    // Two waiters bring two lines; these two are all that a thousand users need, two at a time.
    test_waiter first;
    test_waiter second;
    lane lane_of_all;
    fair_queue policy;  // goes before the waiters
    policy.add_spare(first.queue);
    policy.add_spare(second.queue);
    for (user_tag user = 1; user < 1000; ++user) {
        user_queue& a = policy.append(first, user, lane_of_all);
        user_queue& b = policy.append(second, user + 1000, lane_of_all);
        CHECK(&a != &b);
        CHECK(a.user == user);
        CHECK(b.user == user + 1000);
        CHECK(policy.find(user) == &a);
        CHECK(a.ready == 0);
        policy.remove(a, first);
        policy.remove(b, second);
        policy.refresh(a, 0, 1);
        policy.refresh(b, 0, 1);
        CHECK(policy.find(user) == nullptr);
    }
    CHECK(policy.any() == nullptr);
}

TEST_CASE("with more buckets to find them by all lines are where they were") {
    std::vector<fair_queue::bucket> some(16);
    std::vector<fair_queue::bucket> many(256);
    test_queue at;  // goes before the buckets
    std::vector<user_tag> expected;
    const auto come = [&](user_tag user) {
        at.come(user);
        expected.push_back(user);
    };
    const auto all_are_there = [&] {
        for (user_tag user = 1; user <= expected.size(); ++user) {
            const user_queue* const queue = at.policy.find(user);
            if (queue == nullptr || queue->user != user || queue->ready != 1) return false;
        }
        return at.policy.find(expected.size() + 1) == nullptr;
    };
    for (user_tag user = 1; user <= 100; ++user) come(user);
    CHECK(all_are_there());
    for (auto* const buckets : {&some, &many}) {
        at.policy.rehash({buckets->data(), buckets->size()});
        CHECK(at.policy.bucket_count() == buckets->size());
        CHECK(all_are_there());
        for (int more = 0; more < 100; ++more) come(expected.size() + 1);
        CHECK(all_are_there());
    }
    CHECK(at.serve_all() == expected);
    CHECK(at.policy.any() == nullptr);
}

TEST_CASE(
    "nine users with one waiter each are served within their first turns, beside a thousand") {
    test_queue at;
    for (int i = 0; i < 1000; ++i) at.come(1);
    for (user_tag user = 2; user <= 10; ++user) at.come(user);
    const auto served = at.serve_all();
    REQUIRE(served.size() == 1009);
    std::vector<user_tag> first(served.begin(), served.begin() + 10);
    std::sort(first.begin(), first.end());
    CHECK(first == std::vector<user_tag>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
}

TEST_CASE("over a long mixed load Jain's index is at least 0.99") {
    // Users ask for very different amounts, leave at random, and come and go with their readiness.
    test_queue at;
    support::rng random{42};
    std::map<user_tag, int> shares;
    std::map<user_tag, std::vector<test_waiter*>> waiting;
    const auto come = [&](user_tag user) { waiting[user].push_back(&at.come(user)); };
    for (int step = 0; step < 100'000; ++step) {
        for (user_tag user = 1; user <= 10; ++user)
            while (waiting[user].size() < 1 + user) come(user);
        const user_tag restless = 1 + random.below(10);
        if (random.below(4) == 0) {
            auto& queue = waiting[restless];
            const auto which =
                queue.begin() + static_cast<std::ptrdiff_t>(random.below(queue.size()));
            at.leave(**which);
            queue.erase(which);
        }
        const test_waiter* const next = at.serve();
        REQUIRE(next != nullptr);
        ++shares[next->user];
        auto& queue = waiting[next->user];
        queue.erase(std::find(queue.begin(), queue.end(), next));
    }
    CHECK(shares.size() == 10);
    CHECK(jains_index(shares) >= 0.99);
}
