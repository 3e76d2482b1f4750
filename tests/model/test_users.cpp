// SPDX-License-Identifier: BSL-1.0
// The counts of users, with two lanes a bucket and two or three buckets, so that lanes are short
// and users drive each other out. A user has one count, which never exceeds the limit and loses no
// conversation.
#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include "checker/model_test.hpp"
#include "users/user_counts.hpp"

namespace model = admit::model;
using admit::core::lane;
using admit::core::user_counts;
using admit::core::user_tag;

namespace {

// Small tags all have the first bucket for their home.
constexpr user_tag alice = 1;
constexpr user_tag bob = 2;
constexpr user_tag carol = 3;
constexpr user_tag dave = 4;

/// Counts, and what an observer outside of them knows.
struct observed_counts {
    user_counts counts;
    unsigned limit;
    unsigned held[5] = {};  // by user: charged, and the discharging has not begun

    observed_counts(unsigned users, unsigned per_user) : limit{per_user} { counts.prepare(users); }

    /// For others to come in before what follows. A thread runs up to its first operation when it
    /// starts, so that ordinary variables read or written there would be seen as they were then.
    void moment() { static_cast<void>(instant_.load(std::memory_order_relaxed)); }

    lane* charge(user_tag user) {
        const auto [what, where] = counts.charge(user, limit);
        model::check(what != user_counts::charge_status::no_room, "there is a lane for each user");
        if (what != user_counts::charge_status::charged) return nullptr;
        model::check(++held[user] <= limit, "never more than the limit of one user");
        return where;
    }

    void discharge(user_tag user, lane* where) {
        moment();
        --held[user];
        where->discharge();
    }

    /// When all threads are done: each count is what is held, and the rest up to the limit is free.
    void check_rest() {
        for (const user_tag user : {alice, bob, carol, dave}) {
            model::check(counts.state_of(user).count() == held[user], "the count is what is held");
            const unsigned left = limit - held[user];
            std::vector<lane*> rest;
            for (unsigned i = 0; i < left; ++i) rest.push_back(charge(user));
            for (lane* where : rest) model::check(where != nullptr, "no room was lost");
            model::check(charge(user) == nullptr, "and none appeared from nowhere");
            for (lane* where : rest) discharge(user, where);
        }
        check_lanes();
    }

    /// There are lanes for all four at once, so none may be lost to a reservation.
    void check_lanes() {
        lane* of_user[5] = {};
        for (const user_tag user : {alice, bob, carol, dave})
            if (held[user] == 0) of_user[user] = charge(user);
        for (const user_tag user : {alice, bob, carol, dave})
            if (of_user[user] != nullptr) discharge(user, of_user[user]);
    }

private:
    model::atomic<int> instant_{0};
};

}  // namespace

TEST_CASE("two threads that create one user's count make one count") {
    model::explore("create, create", {.preemptions = 3, .stale_reads = 2, .reduce = false}, [] {
        observed_counts c{1, 1};
        const auto create = [&] { c.charge(alice); };
        model::run({create, create});
        model::check(c.held[alice] == 1, "one of two has the one place");
        c.check_rest();
    });
}

TEST_CASE("two threads that create one user's count both find room if there is room for two") {
    model::explore("create two", {.preemptions = 3, .stale_reads = 2, .reduce = false}, [] {
        observed_counts c{1, 2};
        const auto create = [&] { c.charge(alice); };
        model::run({create, create});
        model::check(c.held[alice] == 2, "both have a place");
        c.check_rest();
    });
}

TEST_CASE("a lane that is taken from an absent user while that user comes back") {
    model::explore("evict against return", {.preemptions = 3, .stale_reads = 2, .reduce = false},
                   [] {
                       observed_counts c{1, 1};
                       // Alice and Bob were here; the home bucket is full of lanes that count
                       // nothing.
                       c.discharge(alice, c.charge(alice));
                       c.discharge(bob, c.charge(bob));
                       model::run({[&] { c.charge(alice); }, [&] { c.charge(carol); }});
                       model::check(c.held[alice] == 1 && c.held[carol] == 1, "both have a place");
                       c.check_rest();
                   });
}

TEST_CASE("a lane reused while two threads charge the user it was taken from") {
    model::explore("evict against two returns",
                   {.preemptions = 2, .stale_reads = 1, .reduce = false}, [] {
                       observed_counts c{1, 1};
                       c.discharge(alice, c.charge(alice));
                       c.discharge(bob, c.charge(bob));
                       const auto back = [&] { c.charge(alice); };
                       model::run({back, back, [&] { c.charge(carol); }});
                       model::check(c.held[alice] == 1 && c.held[carol] == 1, "one place each");
                       c.check_rest();
                   });
}

TEST_CASE("a user who comes and goes while another thread creates the same user") {
    model::explore("cycle against create", {.preemptions = 2, .stale_reads = 2, .reduce = false},
                   [] {
                       observed_counts c{1, 1};
                       const auto cycle = [&] {
                           if (lane* where = c.charge(alice)) c.discharge(alice, where);
                       };
                       model::run({cycle, cycle});
                       c.check_rest();
                   });
}

TEST_CASE("users who share a home overflow into the next bucket, and find their counts again") {
    model::explore("overflow", {.preemptions = 2, .stale_reads = 1, .reduce = false}, [] {
        observed_counts c{2, 1};  // three buckets of two lanes, all users at home in the first
        lane* const first = c.charge(alice);
        c.charge(bob);
        model::run({[&] { c.charge(carol); },                              // beyond the home bucket
                    [&] { c.discharge(alice, first), c.charge(dave); }});  // takes Alice's lane
        model::check(c.held[carol] == 1 && c.held[dave] == 1, "both have a place");
        c.check_rest();
    });
}

TEST_CASE("the same overflowing user created twice has one count") {
    model::explore("overflow twice", {.preemptions = 2, .stale_reads = 1, .reduce = false}, [] {
        observed_counts c{2, 1};
        lane* const first = c.charge(alice);
        c.charge(bob);
        model::run({[&] { c.charge(carol); }, [&] { c.charge(carol); },
                    [&] { c.discharge(alice, first); }});
        model::check(c.held[carol] == 1, "one place, wherever the lane is");
        c.check_rest();
    });
}

TEST_CASE("a table put in front while users are being counted in the old one") {
    model::explore("grow against create", {.preemptions = 3, .stale_reads = 1, .reduce = false},
                   [] {
                       observed_counts c{1, 1};
                       model::run({[&] { c.charge(alice); },
                                   [&] {
                                       c.counts.prepare(4);
                                       c.charge(alice);
                                   }});
                       model::check(c.held[alice] == 1, "one of two has the one place");
                       c.check_rest();
                   });
    model::explore("grow against a user who leaves",
                   {.preemptions = 3, .stale_reads = 1, .reduce = false}, [] {
                       observed_counts c{1, 1};
                       lane* const first = c.charge(alice);
                       c.counts.prepare(4);
                       model::run({[&] { c.discharge(alice, first); }, [&] { c.charge(alice); },
                                   [&] { c.charge(alice); }});
                       c.check_rest();
                   });
}

TEST_CASE("two tables put in front at once: no user is left behind in the one that is lost") {
    model::explore("grow against grow, creating",
                   {.preemptions = 2, .stale_reads = 1, .spurious_failures = 0, .reduce = false},
                   [] {
                       observed_counts c{1, 1};
                       const auto grow = [&] {
                           c.counts.prepare(4);
                           c.charge(alice);
                       };
                       model::run({grow, grow});
                       model::check(c.held[alice] == 1, "one of two has the one place");
                       c.check_rest();
                   });
}

TEST_CASE("a thread suspended at any step of creating a count holds up no other thread") {
    model::explore("counting is lock-free",
                   {.preemptions = 1, .stale_reads = 1, .lock_freedom = true, .reduce = false}, [] {
                       observed_counts c{1, 2};
                       c.discharge(bob, c.charge(bob));
                       const auto create = [&] { c.charge(alice); };
                       model::run({create, create});
                       c.check_rest();
                   });
}

TEST_CASE("no user is refused for the count of the user who had the lane before") {
    model::explore(
        "a stranger's count",
        {.preemptions = 4, .stale_reads = 0, .spurious_failures = 0, .reduce = false}, [] {
            observed_counts c{1, 2};
            c.discharge(alice, c.charge(alice));
            lane* charged = nullptr;
            model::run({[&] { charged = c.charge(alice); },
                        [&] {
                            lane* const first = c.charge(carol);
                            lane* const second = c.charge(carol);
                            c.discharge(carol, first);
                            c.discharge(carol, second);
                            c.charge(alice);
                        }});
            model::check(charged != nullptr, "two is the limit, and Alice has at most two");
            c.check_rest();
        });
}

TEST_CASE("a count that is out of date is not held against the user who has the lane now") {
    // Carol has two conversations in what was Alice's lane. They end, and Alice has the lane again.
    const auto back_to_alice = [](observed_counts& c, const std::function<void()>& meanwhile) {
        c.discharge(alice, c.charge(alice));
        lane* const first = c.charge(carol);
        lane* const second = c.charge(carol);
        model::run({meanwhile, [&] {
                        c.discharge(carol, first);
                        c.discharge(carol, second);
                        model::check(c.charge(alice) != nullptr, "room for two");
                    }});
        c.check_rest();
    };
    model::explore("a stranger's count, read late",
                   {.preemptions = 2, .stale_reads = 4, .reduce = false}, [&] {
                       observed_counts c{1, 2};
                       back_to_alice(c, [&] {
                           model::check(c.charge(alice) != nullptr, "Alice has at most two");
                       });
                   });
    model::explore(
        "a stranger's count, read", {.preemptions = 2, .stale_reads = 4, .reduce = false}, [&] {
            observed_counts c{1, 2};
            back_to_alice(c, [&] {
                model::check(c.counts.state_of(alice).count() <= 1, "Alice has at most one");
            });
        });
}

namespace {

void bind_to(lane& free_lane, user_tag user) {
    std::uint64_t generation = 0;
    model::check(free_lane.reserve(generation), "it counts nothing");
    free_lane.set_tag(user);
    free_lane.bind(free_lane.read());
}

}  // namespace

TEST_CASE("a count that is read is of one binding of the lane") {
    model::explore("a lane that changes hands while it is asked", {.preemptions = 3}, [] {
        lane shared;
        const auto bind = [&](user_tag user) { bind_to(shared, user); };
        bind(alice);
        shared.charge(alice, 2);
        model::run(
            {[&] {
                 shared.discharge();
                 shared.discharge();
                 bind(carol);
             },
             [&] { model::check(shared.state_of(carol).count() <= 1, "Carol has one at most"); },
             [&] { model::check(shared.state_of(alice).count() <= 2, "Alice has two at most"); }});
    });
}

TEST_CASE("a request that waits keeps the lane, and either side of a discharge sees the other") {
    model::explore("a request against discharge", {.preemptions = 3, .stale_reads = 3}, [] {
        lane shared;
        bind_to(shared, alice);
        bool heard = false;
        bool room = false;
        model::run({[&] { heard = shared.discharge().waiting() > 0; },
                    [&] {
                        lane::snapshot before;
                        const lane::charged counted =
                            shared.charge(alice, lane::no_limit, lane::counted::request, &before);
                        if (counted != lane::charged::yes) return;
                        room = before.active() == 0;
                        model::check(shared.charge(alice, 1) != lane::charged::yes,
                                     "a later call does not overtake it");
                        std::uint64_t generation = 0;
                        model::check(!shared.reserve(generation), "the lane stays its user's");
                    }});
        if (shared.state_of(alice).waiting() == 0) return;  // the lane was taken away before
        model::check(heard != room, "the ending finds the request, or the request finds the room");
        model::check(shared.charge_waiting(1), "there is room");
        model::check(!shared.charge_waiting(1), "for one");
        shared.end_waiting();
        model::check(shared.read().active() == 1 && shared.read().waiting() == 0, "one is active");
    });
}
