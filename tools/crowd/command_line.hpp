// SPDX-License-Identifier: BSL-1.0
// The command line of admit-crowd. Used by main.cpp and tests/crowd.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "crowd/crowd_plan.hpp"

namespace admit::crowd {

inline constexpr std::size_t max_steps = 1000;
inline constexpr std::size_t max_repetitions = 99;

struct command {
    std::size_t users = 1'000'000;
    std::size_t threads = 1;
    std::vector<std::size_t> limits;  ///< on all conversations: a crowd for each
    std::size_t max_per_user = 5;
    std::size_t steps = 3;
    std::chrono::nanoseconds step = std::chrono::milliseconds{1};
    std::optional<std::chrono::nanoseconds> wait;  ///< absent: no limit
    std::size_t repetitions = 3;
    std::vector<timer_kind> timers;
    std::vector<allocator_kind> allocators;

    bool check = false;
    bool quiet = false;
    std::optional<std::string> json;  ///< "-" is standard output
    std::optional<std::string> text;  ///< the help or the version, if requested
};

/// The allocators for which a worker program is built.
std::vector<allocator_kind> built_allocators();

/// Throws `tools::usage_error` with the option, its value and the allowed range.
command parse_command_line(int argc, const char* const* argv);

}  // namespace admit::crowd
