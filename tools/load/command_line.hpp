// SPDX-License-Identifier: BSL-1.0
// The command line of admit-load.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "load/settings.hpp"

namespace admit::load {

struct command {
    enum class action {
        run,
        run_file,
        find_limit,
        report,
        compare,
        new_file,
        schema,
        reference,
        list,
        help,
        version
    };

    action task = action::run;
    settings wanted{};
    std::string file{};                        ///< of the commands for one file
    std::string other_file{};                  ///< of `compare`
    std::vector<std::string> figures{};        ///< of `compare`; empty: the usual ones
    std::size_t repeats = 1;                   ///< of `run_file` and `compare`
    double precision = 0.1;                    ///< of `find_limit`: 0.1 is ten percent
    double tolerance = 0.05;                   ///< of `compare`
    std::optional<std::string> json{};         ///< "-" is standard output
    std::optional<std::string> csv{}, hgrm{};  ///< as `json`; of `run_file` and `report`
    std::optional<std::string> html{};         ///< as `json`
    std::optional<std::string> metrics{};      ///< where the figures of runs are served
    bool of_reports = false;                   ///< of `schema`: of results, not of files
    bool show_users = false;                   ///< in the page
    bool quiet = false;
    bool wide = false;   ///< all tables of `run` and `report`
    std::string help{};  ///< the text, if it was requested
};

/// Throws `tools::usage_error` with the option, its value and the allowed range. Checks each value
/// by itself; `plan_runs` checks the combinations.
command parse_command_line(int argc, const char* const* argv);

}  // namespace admit::load
