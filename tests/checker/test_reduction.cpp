// SPDX-License-Identifier: BSL-1.0
// Random small programs have the same outcomes with the reduction as without it, under every bound.

#include <doctest/doctest.h>

#include <random>

#include "checker/random_program.hpp"
#include "checker/search_helpers.hpp"

using namespace admit::model;

TEST_CASE("the reduction loses no outcome under any bound") {
    std::mt19937 random{20260101};
    for (int i = 0; i < 300; ++i) {
        const program tried = random_program(random, all_kinds);
        const auto test = [&] { return execute(tried); };
        for (const unsigned preemptions : {0U, 1U, 2U, unlimited}) {
            for (const unsigned stale_reads : {1U, unlimited}) {
                options config{.preemptions = preemptions, .stale_reads = stale_reads};
                config.reduce = true;
                const auto reduced = outcomes(test, config);
                config.reduce = false;
                CHECK_MESSAGE(reduced == outcomes(test, config), "program ", i, " with ",
                              preemptions, " preemptions");
            }
        }
    }
}
