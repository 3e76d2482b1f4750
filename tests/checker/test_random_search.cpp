// SPDX-License-Identifier: BSL-1.0
// The random search that follows the exhaustive search.

#include <doctest/doctest.h>

#include "checker/search_helpers.hpp"
#include "checker/test_structures.hpp"
#include "checker/thread.hpp"

using namespace admit::model;

TEST_CASE("a random search finds a violation beyond the preemption bound") {
    options config{.preemptions = 0, .stale_reads = 0, .random_executions = 100'000};
    const exploration found = search("random", config, &pop_against_recycling<false>);
    REQUIRE(found.failed());
    CHECK(found.random_executions > 0);
    const exploration again = replay("random", found.seed, config, &pop_against_recycling<false>);
    CHECK(again.failure == found.failure);
    CHECK(again.interleaving == found.interleaving);
}

TEST_CASE("a random search suspends threads") {
    const auto test = [] {
        locked_counter counter;
        run({[&] { counter.increment(); }, [&] { counter.increment(); }});
    };
    options config{.lock_freedom = true, .executions = 0, .random_executions = 100'000};
    CHECK(contains(search("random", config, test).failure, "not lock-free"));
}
