// SPDX-License-Identifier: BSL-1.0
// The protocol of docs/fleet-protocol.md, explored completely in small configurations.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>

#include "configurations.hpp"
#include "search.hpp"

using namespace fleet_model;

namespace {

void explore(const std::vector<configuration>& all) {
    for (const configuration& c : all) {
        const searched s = search(c);
        std::puts(summary(c, s).c_str());
        CHECK_MESSAGE(s.violated.empty(), c.name, ":\n", s.story);
        CHECK_MESSAGE(s.complete, c.name, " was cut off");
    }
}

}  // namespace

TEST_CASE("no more than the limit in force may be active, whatever goes wrong") {
    explore(usual());
}

TEST_CASE("no more than the limit in force may be active, in larger configurations") {
    if (std::getenv("ADMIT_MODEL_DEEP") != nullptr) explore(deep());
}
