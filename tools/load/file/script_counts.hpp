// SPDX-License-Identifier: BSL-1.0
// What the steps of a script ask for in all, if the engine does what they expect.
#pragma once

#include <admit/limits.hpp>
#include <cstdint>

#include "load/file/scenario_file.hpp"

namespace admit::load {

struct script_counts {
    std::uint64_t attempts = 0;
    std::uint64_t admitted = 0;      ///< at once, or after a wait
    std::uint64_t waits = 0;         ///< at once, at most
    std::uint64_t global_limit = 0;  ///< rejections
    std::uint64_t user_limit = 0;
};

/// The conversations that a step starts: none for an end.
std::uint64_t starts_of(const script_step&, const user_kind&, const admit::limits&);

script_counts counts_of(const scenario_file&, const admit::limits&);

}  // namespace admit::load
