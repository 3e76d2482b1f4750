// The report for people.
#pragma once

#include <string>
#include <vector>

#include "load/runner.hpp"

namespace admit::load {

/// One line for a run that has ended, and the failed checks under it.
std::string run_line(const run_result&, bool colour);

/// Each failed check: what was expected, what was seen, where to look.
std::string failures(const run_result&, bool colour);

/// All figures of all runs.
std::string table_report(const std::vector<run_result>&, bool colour);

}  // namespace admit::load
