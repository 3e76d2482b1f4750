// SPDX-License-Identifier: BSL-1.0
// The memory of the checker has exactly the outcomes that the axioms of C++20 allow, for the
// modification orders and the S that README.md says are modelled.

#include <doctest/doctest.h>

#include <random>

#include "checker/axioms.hpp"
#include "checker/random_program.hpp"
#include "checker/search_helpers.hpp"

using namespace admit::model;

TEST_CASE("random programs have the outcomes that the axioms allow") {
    std::mt19937 random{20260202};
    for (int i = 0; i < 300; ++i) {
        const program tried = random_program(random, memory_kinds);
        const auto found = outcomes([&] { return execute(tried); });
        CHECK_MESSAGE(found == outcomes_by_axioms(tried), "program ", i);
    }
}
