// SPDX-License-Identifier: BSL-1.0
// Where the reports of a command go: files, or standard output. Used by main.cpp and
// file_commands.cpp.
#pragma once

#include <vector>

#include "common/origin.hpp"
#include "load/command_line.hpp"
#include "load/runner.hpp"

namespace admit::load {

/// Standard output takes one report, and then no other text.
bool reports_to_stdout(const command&);

/// Before any run. Throws `tools::usage_error` for a path that cannot be written.
void check_report_paths(const command&);

/// All reports that were asked for; CSV and the distribution are those of the last run.
void write_reports(const command&, const std::vector<run_result>&, const tools::origin&);

}  // namespace admit::load
