// The checker itself: what it has to explain and what not, by hand; and planted mistakes.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <vector>

#include "history/linearizability.hpp"
#include "history/recorder.hpp"
#include "support/sanitizers.hpp"

using admit::errc;
using history::action;
using history::linearizable;
using history::operation;
using history::recording;

namespace {

/// The time of a call: from when to when.
struct span {
    unsigned from;
    unsigned to;
};

operation call(action what, unsigned thread, span when) {
    operation made;
    made.what = what;
    made.thread = static_cast<std::uint8_t>(thread);
    made.invoked = when.from;
    made.returned = when.to;
    return made;
}

operation admitted(unsigned thread, span when, unsigned user, unsigned conversation) {
    operation made = call(action::admit, thread, when);
    made.user = static_cast<std::uint8_t>(user);
    made.conversation = static_cast<std::uint8_t>(conversation);
    return made;
}

operation refused(unsigned thread, span when, unsigned user, errc reason) {
    operation made = admitted(thread, when, user, 0);
    made.reason = reason;
    return made;
}

operation ended(unsigned thread, span when, unsigned conversation, bool really = true) {
    operation made = call(action::end, thread, when);
    made.conversation = static_cast<std::uint8_t>(conversation);
    made.ended = really;
    return made;
}

operation new_limits(unsigned thread, span when, std::uint8_t all, std::uint8_t per_user) {
    operation made = call(action::set_limits, thread, when);
    made.wanted = {.concurrent = all, .per_user = per_user};
    return made;
}

operation closed(unsigned thread, span when) { return call(action::close, thread, when); }

bool explained(history::limits first, std::vector<operation> operations) {
    return linearizable({.first = first, .operations = std::move(operations)});
}

constexpr history::limits one{.concurrent = 1, .per_user = 1};
constexpr history::limits two{.concurrent = 2, .per_user = 1};

/// How many of the histories of a subject with a planted mistake have no explanation.
template <class Faulty>
int convictions(const history::plan& plan) {
    int convicted = 0;
    history::record(
        plan, support::repetitions(400, 100), 1,
        [](history::limits first, std::size_t kept) {
            return std::make_unique<Faulty>(first, kept);
        },
        [&](const recording& seen) { convicted += linearizable(seen) ? 0 : 1; });
    return convicted;
}

/// Admits one more, now and then, whom the engine has refused.
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

/// Says now and then that it is full, without looking.
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

/// Tells two who end one conversation that each has ended it.
class ending_twice : public history::subject {
public:
    using subject::subject;
    bool end(const admit::conversation_id& id) override {
        subject::end(id);
        return true;
    }
};

}  // namespace

TEST_CASE("what happens one after the other is judged exactly") {
    CHECK(explained(one, {}));
    CHECK(explained(one,
                    {admitted(0, {1, 2}, 0, 0), ended(0, {3, 4}, 0), admitted(1, {5, 6}, 1, 1)}));
    CHECK(explained(one, {admitted(0, {1, 2}, 0, 0), refused(1, {3, 4}, 1, errc::global_limit)}));
    CHECK(explained(two, {admitted(0, {1, 2}, 0, 0), refused(1, {3, 4}, 0, errc::user_limit)}));
    CHECK(explained(one, {closed(0, {1, 2}), refused(0, {3, 4}, 0, errc::shutting_down)}));
    CHECK(explained(
        one, {new_limits(0, {1, 2}, 2, 2), admitted(0, {3, 4}, 0, 0), admitted(0, {5, 6}, 0, 1)}));
}

TEST_CASE("an admission above a limit has no explanation") {
    CHECK_FALSE(explained(one, {admitted(0, {1, 2}, 0, 0), admitted(1, {3, 4}, 1, 1)}));
    CHECK_FALSE(explained(two, {admitted(0, {1, 2}, 0, 0), admitted(1, {3, 4}, 0, 1)}));
    // At the same time as well.
    CHECK_FALSE(explained(one, {admitted(0, {1, 3}, 0, 0), admitted(1, {2, 4}, 1, 1)}));
    CHECK_FALSE(explained(
        two, {new_limits(0, {1, 2}, 1, 1), admitted(0, {3, 4}, 0, 0), admitted(1, {5, 6}, 1, 1)}));
    CHECK_FALSE(explained(one, {closed(0, {1, 2}), admitted(0, {3, 4}, 0, 0)}));
}

TEST_CASE("a refusal without its reason has no explanation") {
    CHECK_FALSE(explained(one, {refused(0, {1, 2}, 0, errc::global_limit)}));
    CHECK_FALSE(explained(one, {refused(0, {1, 2}, 0, errc::user_limit)}));
    CHECK_FALSE(explained(one, {refused(0, {1, 2}, 0, errc::shutting_down)}));
    CHECK_FALSE(explained(two, {admitted(0, {1, 2}, 0, 0), ended(0, {3, 4}, 0),
                                refused(0, {5, 6}, 1, errc::global_limit)}));
    CHECK_FALSE(
        explained(two, {admitted(0, {1, 2}, 0, 0), refused(1, {3, 4}, 1, errc::user_limit)}));
    // The greater reason goes first.
    CHECK_FALSE(
        explained(one, {admitted(0, {1, 2}, 0, 0), refused(0, {3, 4}, 0, errc::user_limit)}));
    CHECK_FALSE(explained(one, {admitted(0, {1, 2}, 0, 0), closed(0, {3, 4}),
                                refused(0, {5, 6}, 0, errc::global_limit)}));
    CHECK_FALSE(explained(two, {refused(0, {1, 2}, 0, errc::invalid_user_id)}));
}

TEST_CASE("a conversation ends once, and not before it began") {
    const operation start = admitted(0, {1, 2}, 0, 0);
    CHECK(explained(one, {start, ended(0, {3, 5}, 0), ended(1, {4, 6}, 0, false)}));
    CHECK_FALSE(explained(one, {start, ended(0, {3, 5}, 0), ended(1, {4, 6}, 0)}));
    CHECK_FALSE(explained(one, {start, ended(0, {3, 4}, 0, false)}));
    CHECK_FALSE(explained(one, {ended(1, {0, 1}, 0), admitted(0, {2, 3}, 0, 0)}));
}

TEST_CASE("own attempts count while they last, and nobody else's") {
    const operation refused_meanwhile = refused(0, {1, 4}, 0, errc::user_limit);
    CHECK(explained(two, {refused_meanwhile, refused(1, {2, 3}, 0, errc::user_limit)}));
    CHECK_FALSE(explained(two, {refused_meanwhile, refused(1, {5, 6}, 0, errc::user_limit)}));
    CHECK_FALSE(explained(two, {refused_meanwhile, refused(1, {2, 3}, 1, errc::user_limit)}));
    CHECK_FALSE(explained(one, {admitted(0, {1, 2}, 0, 0), ended(0, {3, 4}, 0),
                                refused(0, {5, 8}, 0, errc::global_limit),
                                refused(1, {6, 7}, 1, errc::global_limit)}));
}

TEST_CASE("an end under way may hold its slot and its count, and no longer") {
    const operation start = admitted(0, {1, 2}, 0, 0);
    const operation late = ended(0, {3, 8}, 0);
    const operation known = ended(1, {4, 5}, 0, false);  // so it has ended by now
    CHECK(explained(one, {start, late, known, refused(1, {6, 7}, 1, errc::global_limit)}));
    CHECK(explained(two, {start, late, known, refused(1, {6, 7}, 0, errc::user_limit)}));
    CHECK_FALSE(explained(one, {start, late, known, refused(1, {9, 10}, 1, errc::global_limit)}));
    CHECK_FALSE(explained(two, {start, late, known, refused(1, {9, 10}, 0, errc::user_limit)}));
}

TEST_CASE("while a limit goes down, calls may hold slots to pay with, and no longer") {
    const operation start = admitted(0, {1, 2}, 0, 0);
    const operation fewer = new_limits(0, {3, 8}, 2, 1);
    constexpr history::limits three{.concurrent = 3, .per_user = 1};
    CHECK(explained(three, {start, fewer, refused(1, {4, 5}, 1, errc::global_limit)}));
    CHECK_FALSE(explained(three, {start, fewer, refused(1, {9, 10}, 1, errc::global_limit)}));
    CHECK_FALSE(explained(three, {fewer, refused(1, {4, 5}, 1, errc::global_limit)}));
}

TEST_CASE("new slots come in turn while a limit goes up, and then are all there") {
    const operation start = admitted(0, {1, 2}, 0, 0);
    const operation more = new_limits(0, {3, 8}, 3, 1);
    const operation second = admitted(1, {4, 5}, 1, 1);
    CHECK(explained(one, {start, more, second, refused(1, {6, 7}, 2, errc::global_limit)}));
    CHECK_FALSE(explained(one, {start, more, second, refused(1, {9, 10}, 2, errc::global_limit)}));
}

TEST_CASE("limits that two calls move at once may leave no room, and one call may not") {
    constexpr history::limits four{.concurrent = 4, .per_user = 1};
    const operation lower = new_limits(0, {1, 6}, 2, 1);
    const operation refusal = refused(2, {3, 4}, 0, errc::global_limit);
    CHECK(explained(four, {lower, new_limits(1, {2, 5}, 2, 1), refusal}));
    CHECK_FALSE(explained(four, {lower, refusal}));
    CHECK_FALSE(explained(
        four, {lower, new_limits(1, {2, 5}, 2, 1), refused(2, {7, 8}, 0, errc::global_limit)}));
}

TEST_CASE("a call may go by what was in force when it began") {
    constexpr history::limits both{.concurrent = 2, .per_user = 2};
    const operation start = admitted(0, {1, 2}, 0, 0);
    CHECK(
        explained(one, {start, closed(0, {4, 5}), ended(0, {6, 7}, 0), admitted(1, {3, 8}, 1, 1)}));
    CHECK_FALSE(
        explained(one, {start, closed(0, {3, 4}), ended(0, {5, 6}, 0), admitted(1, {7, 8}, 1, 1)}));
    const std::vector<operation> lowered{start, admitted(0, {3, 4}, 0, 1),
                                         new_limits(0, {6, 7}, 2, 1), ended(0, {8, 9}, 0)};
    auto begun_before = lowered;
    begun_before.push_back(admitted(1, {5, 10}, 0, 2));
    CHECK(explained(both, begun_before));
    auto begun_later = lowered;
    begun_later.push_back(admitted(1, {10, 11}, 0, 2));
    CHECK_FALSE(explained(both, begun_later));
}

TEST_CASE("one user's calls are a history too") {
    const recording whole{.first = two,
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

TEST_CASE("a planted admission above the limit is found") {
    CHECK(convictions<overshooting>({.threads = 3}) > 0);
    CHECK(convictions<overshooting>({.threads = 3, .changes = 10, .closings = 2}) > 0);
}

TEST_CASE("a planted false full is found") {
    CHECK(convictions<falsely_full>({.threads = 3}) > 0);
    CHECK(convictions<falsely_full>({.threads = 3, .changes = 10, .closings = 2}) > 0);
}

TEST_CASE("a planted second end is found") {
    CHECK(convictions<ending_twice>({.threads = 3}) > 0);
    CHECK(convictions<ending_twice>({.threads = 3, .changes = 10, .closings = 2}) > 0);
}
