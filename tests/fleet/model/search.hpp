// SPDX-License-Identifier: BSL-1.0
// The complete search: breadth first, so that the first violation has the shortest story.
#pragma once

#include <cstdint>
#include <string>

#include "rules.hpp"

namespace fleet_model {

struct searched {
    std::uint64_t states = 0;
    std::uint64_t steps = 0;
    std::uint32_t depth = 0;  // steps of the longest shortest way
    double seconds = 0;
    std::uint64_t bytes = 0;  // of the states and of the table
    bool complete = false;    // every state that can be reached was looked at
    std::string violated;     // empty, or the name of the invariant
    std::string story;        // how it came to that
    std::uint32_t story_steps = 0;
};

/// Looks at all states of `c`, or stops at the first violation or beyond `most_states`.
searched search(const configuration& c, std::uint64_t most_states = 120'000'000);

/// One line for a table.
std::string summary(const configuration& c, const searched& s);

}  // namespace fleet_model
