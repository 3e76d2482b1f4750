// SPDX-License-Identifier: BSL-1.0
// A recorded JSON report of admit-load, read back. Used by `admit-load report`.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "common/origin.hpp"
#include "load/runner.hpp"

namespace admit::load {

struct recording {
    tools::origin origin;
    std::vector<run_result> runs;
    std::deque<std::string> names;  ///< of the scenarios; the plans in `runs` refer to them
};

/// Reads a report that `json_report` wrote. Throws `tools::usage_error` with the file, the field,
/// its value and what is allowed. A value that follows from others has to agree with them.
recording read_report(const std::string& path);

}  // namespace admit::load
