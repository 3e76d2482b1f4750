// SPDX-License-Identifier: BSL-1.0
// The command line of admit-load.
#pragma once

#include <optional>
#include <string>

#include "load/settings.hpp"

namespace admit::load {

struct command {
    enum class action { run, run_file, new_file, schema, reference, list, help, version };

    action task = action::run;
    settings wanted{};
    std::string file{};                        ///< of `run_file` and `new_file`
    std::optional<std::string> json{};         ///< "-" is standard output
    std::optional<std::string> csv{}, hgrm{};  ///< as `json`; of `run_file`
    bool quiet = false;
    std::string help{};  ///< the text, if it was requested
};

/// Throws `tools::usage_error` with the option, its value and the allowed range. Checks each value
/// by itself; `plan_runs` checks the combinations.
command parse_command_line(int argc, const char* const* argv);

}  // namespace admit::load
