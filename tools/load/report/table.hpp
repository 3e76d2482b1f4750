// SPDX-License-Identifier: BSL-1.0
// The results of admit-load as text.
#pragma once

#include <string>
#include <vector>

#include "load/runner.hpp"

namespace admit::load {

/// The verdict of a run as one word.
std::string painted_verdict(const run_result&, bool colour);

/// One line for a run, followed by its failed checks.
std::string run_line(const run_result&, bool colour);

/// Each failed check with the expected value, the observed value and likely causes.
std::string failures(const run_result&, bool colour);

/// One table of what matters first, in 80 columns, and the verdict.
std::string summary_report(const std::vector<run_result>&, bool colour);

/// All tables, and the verdict.
std::string wide_report(const std::vector<run_result>&, bool colour);

}  // namespace admit::load
