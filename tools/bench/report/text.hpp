// SPDX-License-Identifier: BSL-1.0
// The report as text tables, for people. Used by main.cpp.
#pragma once

#include <string>

#include "bench/figures.hpp"

namespace admit::bench {

/// All tables that have rows, and the number of targets that are met and missed.
std::string text_report(const results&, bool colour);

/// One line for each target that is missed or could not be judged.
std::string missed_targets(const results&, bool colour);

}  // namespace admit::bench
