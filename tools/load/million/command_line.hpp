// The command line of admit-load million.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "load/million/crowd_plan.hpp"

namespace admit::load::million {

inline constexpr std::size_t most_steps = 1000;
inline constexpr std::size_t most_repetitions = 99;

struct command {
    std::size_t users = 1'000'000;
    std::size_t threads = 1;
    std::vector<std::size_t> limits;  ///< on all conversations: each is a crowd of its own
    std::size_t max_per_user = 5;
    std::size_t steps = 3;
    std::chrono::nanoseconds step = std::chrono::milliseconds{1};
    std::optional<std::chrono::nanoseconds> wait;  ///< absent: for as long as it takes
    std::size_t repetitions = 3;
    std::vector<million::timers> timers;
    std::vector<million::allocator> allocators;

    bool check = false;
    bool quiet = false;
    std::optional<std::string> json;  ///< "-" is standard output
    std::optional<std::string> help;  ///< the text, when it was asked for
};

/// The allocators that there is a program for.
std::vector<allocator> built_allocators();

/// Throws `usage_error` with a message that names the option, its value and what is allowed.
/// `argv[0]` is not looked at.
command parse_command_line(int argc, const char* const* argv);

}  // namespace admit::load::million
