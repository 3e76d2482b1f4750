// SPDX-License-Identifier: BSL-1.0
// The checker finds a stack that is broken, and structures that are not lock-free.

#include <doctest/doctest.h>

#include "checker/atomic.hpp"
#include "checker/search_helpers.hpp"
#include "checker/test_structures.hpp"
#include "checker/thread.hpp"

namespace model = admit::model;
using namespace admit::model;

TEST_CASE("a stack without a version pops a node with an outdated successor") {
    CHECK(finds(&pop_against_recycling<false>, {.preemptions = 2}));
}

TEST_CASE("a stack with a version gives each node to one thread") {
    CHECK_FALSE(finds(&pop_against_recycling<true>, {.preemptions = 3, .stale_reads = 1}));
}

TEST_CASE("a ticket queue is not lock-free") {
    const auto test = [] {
        ticket_queue queue;
        run({[&] { queue.enqueue(1); }, [&] { queue.enqueue(2); }});
        check(queue.size() == 2, "both are in");
    };
    CHECK_FALSE(finds(test, {.preemptions = 2, .stale_reads = 1}));
    const std::string failure = failure_of(test, {.preemptions = 0, .lock_freedom = true});
    CHECK(contains(failure, "not lock-free"));
    CHECK(finds(test, {.preemptions = 0, .lock_freedom = true}));
}

TEST_CASE("a counter behind a spin lock is not lock-free") {
    const auto test = [] {
        locked_counter counter;
        run({[&] { counter.increment(); }, [&] { counter.increment(); }});
        check(counter.count() == 2, "both were counted");
    };
    CHECK_FALSE(finds(test, {.preemptions = 2, .stale_reads = 1}));
    CHECK(contains(failure_of(test, {.preemptions = 0, .lock_freedom = true}), "not lock-free"));
}

TEST_CASE("pushing to and popping from a linked stack is lock-free") {
    CHECK_FALSE(finds(
        [] {
            stack<true> nodes;
            nodes.push(1);
            run({[&] { nodes.push(2); }, [&] { nodes.push(3); },
                 [&] { static_cast<void>(nodes.pop()); }});
        },
        {.preemptions = 1, .stale_reads = 1, .lock_freedom = true}));
}

TEST_CASE("waiting for a suspended thread is progress only with parking_is_progress") {
    const auto test = [] {
        model::atomic<bool> granted{false};
        model::thread waiter{[&] {
            while (!granted.load(acquire)) {
                park();
            }
        }};
        model::thread partner{[&] {
            granted.store(true, release);
            unpark(waiter);
        }};
        partner.join();
    };
    CHECK(contains(failure_of(test, {.preemptions = 0, .lock_freedom = true}), "not lock-free"));
    CHECK_FALSE(finds(test, {.preemptions = 1, .lock_freedom = true, .parking_is_progress = true}));
}
