// SPDX-License-Identifier: BSL-1.0
// Each rule of the protocol is needed: without it the search finds a violation. So the search can
// fail.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "configurations.hpp"
#include "search.hpp"

using namespace fleet_model;

TEST_CASE("without any one rule the limit or the name is violated") {
    for (const planted& p : planted_faults()) {
        const searched s = search(p.without);
        std::printf("without \"%s\": %s after %u steps (%llu states)\n", p.rule,
                    s.violated.empty() ? "NO VIOLATION" : s.violated.c_str(), s.story_steps,
                    static_cast<unsigned long long>(s.states));
        if (std::getenv("ADMIT_STORIES") != nullptr) std::puts(s.story.c_str());
        CHECK_MESSAGE(!s.violated.empty(), "the protocol holds without \"", p.rule, "\"");
    }
}
