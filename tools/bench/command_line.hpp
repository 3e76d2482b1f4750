// SPDX-License-Identifier: BSL-1.0
// The command line of admit-bench. Used by main.cpp and run.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace admit::bench {

struct command {
    enum class actions { measure, run_row, list, help, version };

    actions action = actions::measure;
    bool quick = false;
    bool check = false;
    bool quiet = false;
    std::size_t rounds = 0;  ///< 0: the default
    std::vector<std::string> only;
    std::optional<std::string> json;  ///< "-" is standard output
    std::string run;                  ///< the figure to run without measuring
    std::uint64_t operations = 0;
    std::string help;
};

/// Throws `tools::usage_error` with the option, its value and the allowed range. The names of
/// figures are checked by the catalog, not here.
command parse_command_line(int argc, const char* const* argv);

}  // namespace admit::bench
