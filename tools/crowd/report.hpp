// SPDX-License-Identifier: BSL-1.0
// The results of admit-crowd as text and as JSON. Used by main.cpp and tests/crowd.
#pragma once

#include <string>
#include <vector>

#include "crowd/measure.hpp"

namespace admit::crowd {

/// For the progress line: "only sleep, limit 10000, heap, glibc".
std::string label_of(const crowd_case& subject);

/// The figures of each crowd, and the cost of admission beside the baseline.
std::string table_report(const std::vector<measured>& all, bool colour);

/// Schema version 1, docs/load_testing.md.
std::string json_report(const std::vector<measured>& all);

}  // namespace admit::crowd
