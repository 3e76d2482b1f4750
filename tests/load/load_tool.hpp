// SPDX-License-Identifier: BSL-1.0
// admit-load as a process. The environment variable ADMIT_LOAD_TOOL is its path.
#pragma once

#include <fmt/format.h>

#include <string>

#include "support/process.hpp"

namespace load_tool {

/// Its quoted path.
inline std::string path() { return support::tool_path("ADMIT_LOAD_TOOL"); }

/// Both streams together.
inline support::process_result run(const std::string& arguments) {
    return support::shell(fmt::format("{} {} 2>&1", path(), arguments));
}

}  // namespace load_tool
