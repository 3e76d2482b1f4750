// SPDX-License-Identifier: BSL-1.0
// Searches with a known number of executions.

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>

#include "checker/atomic.hpp"
#include "checker/search_helpers.hpp"
#include "checker/thread.hpp"

namespace model = admit::model;
using namespace admit::model;

namespace {

std::uint64_t count(const body& test, const options& config) {
    const exploration found = model::search("count", config, test);
    CHECK_MESSAGE(!found.failed(), found.report());
    CHECK(found.complete);
    return found.executions_at_bound;
}

/// Each of `threads` threads changes the same location `steps` times.
body contention(std::size_t threads, int steps) {
    return [=] {
        model::atomic<int> x{0};
        const auto increment = [&] {
            for (int i = 0; i < steps; ++i) {
                x.fetch_add(1, relaxed);
            }
        };
        if (threads == 2) {
            run({increment, increment});
        } else {
            run({increment, increment, increment});
        }
    };
}

}  // namespace

TEST_CASE("the number of interleavings of dependent steps is the multinomial coefficient") {
    CHECK(count(contention(2, 1), exhaustive()) == 2);
    CHECK(count(contention(2, 3), exhaustive()) == 20);
    CHECK(count(contention(2, 6), exhaustive()) == 924);
    CHECK(count(contention(3, 2), exhaustive()) == 90);
    CHECK(count(contention(3, 4), exhaustive()) == 34'650);
}

TEST_CASE("a preemption bound counts switches away from threads that could go on") {
    // Two threads of three steps have 2 orders without a preemption, and 4 with one preemption:
    // either thread is first, and is preempted after its step 1 or 2.
    CHECK(count(contention(2, 3), {.preemptions = 0}) == 2);
    CHECK(count(contention(2, 3), {.preemptions = 1}) == 6);
    CHECK(count(contention(2, 3), {.preemptions = 4}) == 20);
}

TEST_CASE("independent steps are explored in one order only") {
    const auto independent = [] {
        model::atomic<int> x{0};
        model::atomic<int> y{0};
        run({[&] {
                 x.store(1, relaxed);
                 x.store(2, relaxed);
             },
             [&] {
                 y.store(1, relaxed);
                 y.store(2, relaxed);
             }});
    };
    CHECK(count(independent, exhaustive()) == 1);
    options unreduced = exhaustive();
    unreduced.reduce = false;
    CHECK(count(independent, unreduced) == 6);
}

TEST_CASE("a load has one execution for each store that it may read") {
    const auto load_and_two_stores = [] {
        model::atomic<int> x{0};
        run({[&] {
                 x.store(1, relaxed);
                 x.store(2, relaxed);
             },
             [&] { static_cast<void>(x.load(relaxed)); }});
    };
    // The load before both stores has 1 execution, between them 2, after them 3.
    CHECK(count(load_and_two_stores, exhaustive()) == 6);
    options without_stale_reads = exhaustive();
    without_stale_reads.stale_reads = 0;
    CHECK(count(load_and_two_stores, without_stale_reads) == 3);
}

TEST_CASE("a search that reaches its limit of executions is incomplete") {
    options config = exhaustive();
    config.executions = 10;
    const exploration found = model::search("limited", config, contention(3, 4));
    CHECK_FALSE(found.complete);
    CHECK(found.executions + found.pruned == 10);
    CHECK(contains(found.summary(), "explored 10 executions, incomplete"));
}
