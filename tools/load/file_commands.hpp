// SPDX-License-Identifier: BSL-1.0
// The commands of admit-load that deal with scenario files. Called by main.cpp.
#pragma once

#include "common/exit_codes.hpp"
#include "load/command_line.hpp"

namespace admit::load {

/// Runs a file once, or `repeats` times.
tools::exit_code run_file(const command&);

/// Looks for the highest load of a file that holds its thresholds.
tools::exit_code find_limit_of_file(const command&);

/// Shows a recorded report again: its tables, and the files that are asked for. The exit code is
/// that of its run.
tools::exit_code report_of_file(const command&);

/// Compares two scenario files by runs in turn, or two recorded reports.
tools::exit_code compare_two(const command&);

/// Writes a scenario file to begin with. Never replaces a file.
void write_template(const std::string& path);

}  // namespace admit::load
