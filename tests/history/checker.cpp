// SPDX-License-Identifier: BSL-1.0
// Tests of the linearizability checker: histories written by hand, and subjects with planted
// mistakes.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <vector>

#include "history/by_hand.hpp"
#include "history/linearizability.hpp"
#include "history/recorder.hpp"
#include "support/sanitizers.hpp"

using namespace history::by_hand;
using admit::errc;
using history::linearizable;
using history::operation;
using history::recording;

namespace {

constexpr history::limits limits_one{.concurrent = 1, .per_user = 1};
constexpr history::limits limits_two{.concurrent = 2, .per_user = 1};

/// The number of histories of a subject with a planted mistake that have no explanation.
template <class Faulty>
int unexplained_histories(const history::plan& plan) {
    int unexplained = 0;
    history::record(
        plan, support::repetitions(400, 100), 1,
        [](history::limits first, std::size_t kept) {
            return std::make_unique<Faulty>(first, kept);
        },
        [&](const recording& seen) { unexplained += linearizable(seen) ? 0 : 1; });
    return unexplained;
}

/// Admits every eighth user that the engine has refused.
class overshooting : public history::subject {
public:
    using subject::subject;
    history::answer admit(const std::string& user) override {
        history::answer given = subject::admit(user);
        const bool limit = given.reason == errc::global_limit || given.reason == errc::user_limit;
        if (limit && ++refusals_ % 8 == 0) given.reason = {};
        return given;
    }

private:
    std::atomic<unsigned> refusals_{0};
};

/// Rejects every eighth admission as if the engine were full.
class falsely_full : public history::subject {
public:
    using subject::subject;
    history::answer admit(const std::string& user) override {
        if (++attempts_ % 8 == 0) return {.reason = errc::global_limit, .id = {}};
        return subject::admit(user);
    }

private:
    std::atomic<unsigned> attempts_{0};
};

/// Answers every call that ends a conversation with true, also the second one.
class ending_twice : public history::subject {
public:
    using subject::subject;
    bool end(const admit::conversation_id& id) override {
        subject::end(id);
        return true;
    }
};

}  // namespace

TEST_CASE("sequential calls are judged exactly") {
    CHECK(explained(limits_one, {}));
    CHECK(explained(limits_one,
                    {admitted(0, {1, 2}, 0, 0), ended(0, {3, 4}, 0), admitted(1, {5, 6}, 1, 1)}));
    CHECK(explained(limits_one,
                    {admitted(0, {1, 2}, 0, 0), refused(1, {3, 4}, 1, errc::global_limit)}));
    CHECK(explained(limits_two,
                    {admitted(0, {1, 2}, 0, 0), refused(1, {3, 4}, 0, errc::user_limit)}));
    CHECK(explained(limits_one, {closed(0, {1, 2}), refused(0, {3, 4}, 0, errc::shutting_down)}));
    CHECK(explained(limits_one, {new_limits(0, {1, 2}, 2, 2), admitted(0, {3, 4}, 0, 0),
                                 admitted(0, {5, 6}, 0, 1)}));
}

TEST_CASE("an admission above a limit has no explanation") {
    CHECK_FALSE(explained(limits_one, {admitted(0, {1, 2}, 0, 0), admitted(1, {3, 4}, 1, 1)}));
    CHECK_FALSE(explained(limits_two, {admitted(0, {1, 2}, 0, 0), admitted(1, {3, 4}, 0, 1)}));
    // Also when the two calls overlap.
    CHECK_FALSE(explained(limits_one, {admitted(0, {1, 3}, 0, 0), admitted(1, {2, 4}, 1, 1)}));
    CHECK_FALSE(explained(limits_two, {new_limits(0, {1, 2}, 1, 1), admitted(0, {3, 4}, 0, 0),
                                       admitted(1, {5, 6}, 1, 1)}));
    CHECK_FALSE(explained(limits_one, {closed(0, {1, 2}), admitted(0, {3, 4}, 0, 0)}));
}

TEST_CASE("a refusal without its reason has no explanation") {
    CHECK_FALSE(explained(limits_one, {refused(0, {1, 2}, 0, errc::global_limit)}));
    CHECK_FALSE(explained(limits_one, {refused(0, {1, 2}, 0, errc::user_limit)}));
    CHECK_FALSE(explained(limits_one, {refused(0, {1, 2}, 0, errc::shutting_down)}));
    CHECK_FALSE(explained(limits_two, {admitted(0, {1, 2}, 0, 0), ended(0, {3, 4}, 0),
                                       refused(0, {5, 6}, 1, errc::global_limit)}));
    CHECK_FALSE(explained(limits_two,
                          {admitted(0, {1, 2}, 0, 0), refused(1, {3, 4}, 1, errc::user_limit)}));
    // The reason that is checked first has to be given.
    CHECK_FALSE(explained(limits_one,
                          {admitted(0, {1, 2}, 0, 0), refused(0, {3, 4}, 0, errc::user_limit)}));
    CHECK_FALSE(explained(limits_one, {admitted(0, {1, 2}, 0, 0), closed(0, {3, 4}),
                                       refused(0, {5, 6}, 0, errc::global_limit)}));
    CHECK_FALSE(explained(limits_two, {refused(0, {1, 2}, 0, errc::invalid_user_id)}));
}

TEST_CASE("a conversation ends once, and not before it began") {
    const operation first = admitted(0, {1, 2}, 0, 0);
    CHECK(explained(limits_one, {first, ended(0, {3, 5}, 0), ended(1, {4, 6}, 0, false)}));
    CHECK_FALSE(explained(limits_one, {first, ended(0, {3, 5}, 0), ended(1, {4, 6}, 0)}));
    CHECK_FALSE(explained(limits_one, {first, ended(0, {3, 4}, 0, false)}));
    CHECK_FALSE(explained(limits_one, {ended(1, {0, 1}, 0), admitted(0, {2, 3}, 0, 0)}));
}

TEST_CASE("attempts in progress count against their own user only") {
    const operation refused_meanwhile = refused(0, {1, 4}, 0, errc::user_limit);
    CHECK(explained(limits_two, {refused_meanwhile, refused(1, {2, 3}, 0, errc::user_limit)}));
    CHECK_FALSE(
        explained(limits_two, {refused_meanwhile, refused(1, {5, 6}, 0, errc::user_limit)}));
    CHECK_FALSE(
        explained(limits_two, {refused_meanwhile, refused(1, {2, 3}, 1, errc::user_limit)}));
    CHECK_FALSE(explained(limits_one, {admitted(0, {1, 2}, 0, 0), ended(0, {3, 4}, 0),
                                       refused(0, {5, 8}, 0, errc::global_limit),
                                       refused(1, {6, 7}, 1, errc::global_limit)}));
}

TEST_CASE("an end in progress may hold its slot and its count until it returns") {
    const operation first = admitted(0, {1, 2}, 0, 0);
    const operation slow_end = ended(0, {3, 8}, 0);
    const operation second_end = ended(1, {4, 5}, 0, false);  // the conversation has ended by now
    CHECK(explained(limits_one,
                    {first, slow_end, second_end, refused(1, {6, 7}, 1, errc::global_limit)}));
    CHECK(explained(limits_two,
                    {first, slow_end, second_end, refused(1, {6, 7}, 0, errc::user_limit)}));
    CHECK_FALSE(explained(
        limits_one, {first, slow_end, second_end, refused(1, {9, 10}, 1, errc::global_limit)}));
    CHECK_FALSE(explained(limits_two,
                          {first, slow_end, second_end, refused(1, {9, 10}, 0, errc::user_limit)}));
}

TEST_CASE("while a limit goes down, calls may hold slots until set_limits returns") {
    const operation first = admitted(0, {1, 2}, 0, 0);
    const operation lowering = new_limits(0, {3, 8}, 2, 1);
    constexpr history::limits limits_three{.concurrent = 3, .per_user = 1};
    CHECK(explained(limits_three, {first, lowering, refused(1, {4, 5}, 1, errc::global_limit)}));
    CHECK_FALSE(
        explained(limits_three, {first, lowering, refused(1, {9, 10}, 1, errc::global_limit)}));
    CHECK_FALSE(explained(limits_three, {lowering, refused(1, {4, 5}, 1, errc::global_limit)}));
}

TEST_CASE("while a limit goes up, slots appear one by one until set_limits returns") {
    const operation first = admitted(0, {1, 2}, 0, 0);
    const operation raising = new_limits(0, {3, 8}, 3, 1);
    const operation second = admitted(1, {4, 5}, 1, 1);
    CHECK(
        explained(limits_one, {first, raising, second, refused(1, {6, 7}, 2, errc::global_limit)}));
    CHECK_FALSE(explained(limits_one,
                          {first, raising, second, refused(1, {9, 10}, 2, errc::global_limit)}));
}

TEST_CASE("two concurrent set_limits may leave no free slot for a moment, one call may not") {
    constexpr history::limits limits_four{.concurrent = 4, .per_user = 1};
    const operation lower = new_limits(0, {1, 6}, 2, 1);
    const operation refusal = refused(2, {3, 4}, 0, errc::global_limit);
    CHECK(explained(limits_four, {lower, new_limits(1, {2, 5}, 2, 1), refusal}));
    CHECK_FALSE(explained(limits_four, {lower, refusal}));
    CHECK_FALSE(explained(limits_four, {lower, new_limits(1, {2, 5}, 2, 1),
                                        refused(2, {7, 8}, 0, errc::global_limit)}));
}

TEST_CASE("a call may use the limits in force when it began") {
    constexpr history::limits two_per_user{.concurrent = 2, .per_user = 2};
    const operation first = admitted(0, {1, 2}, 0, 0);
    CHECK(explained(limits_one,
                    {first, closed(0, {4, 5}), ended(0, {6, 7}, 0), admitted(1, {3, 8}, 1, 1)}));
    CHECK_FALSE(explained(
        limits_one, {first, closed(0, {3, 4}), ended(0, {5, 6}, 0), admitted(1, {7, 8}, 1, 1)}));
    const std::vector<operation> lowered{first, admitted(0, {3, 4}, 0, 1),
                                         new_limits(0, {6, 7}, 2, 1), ended(0, {8, 9}, 0)};
    auto begun_before = lowered;
    begun_before.push_back(admitted(1, {5, 10}, 0, 2));
    CHECK(explained(two_per_user, begun_before));
    auto begun_later = lowered;
    begun_later.push_back(admitted(1, {10, 11}, 0, 2));
    CHECK_FALSE(explained(two_per_user, begun_later));
}

TEST_CASE("the calls of one user are a history") {
    const recording whole{.first = limits_two,
                          .operations = {admitted(0, {1, 2}, 0, 0), admitted(1, {3, 4}, 1, 1),
                                         refused(1, {5, 6}, 1, errc::user_limit),
                                         ended(1, {7, 8}, 1), ended(0, {9, 10}, 0)}};
    CHECK(only_of(whole, 0).operations.size() == 2);
    CHECK(only_of(whole, 1).operations.size() == 3);
    CHECK(linearizable(only_of(whole, 1)));
    recording without = whole;
    without.operations.erase(without.operations.begin() + 1);
    CHECK_FALSE(linearizable(only_of(without, 1)));
}

TEST_CASE("a subject that admits above the limit is found") {
    CHECK(unexplained_histories<overshooting>({.threads = 3}) > 0);
    CHECK(unexplained_histories<overshooting>({.threads = 3, .changes = 10, .closings = 2}) > 0);
}

TEST_CASE("a subject that rejects without reason is found") {
    CHECK(unexplained_histories<falsely_full>({.threads = 3}) > 0);
    CHECK(unexplained_histories<falsely_full>({.threads = 3, .changes = 10, .closings = 2}) > 0);
}

TEST_CASE("a subject that ends a conversation twice is found") {
    CHECK(unexplained_histories<ending_twice>({.threads = 3}) > 0);
    CHECK(unexplained_histories<ending_twice>({.threads = 3, .changes = 10, .closings = 2}) > 0);
}
