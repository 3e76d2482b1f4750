// SPDX-License-Identifier: BSL-1.0
// What a report says about its making. Used by the JSON reports of admit-bench and admit-load.
#pragma once

#include <string>

#include "common/machine.hpp"

namespace admit::tools {

struct origin {
    std::string tool_version;
    std::string revision;  ///< as `revision()` has it
    std::string compiler;
    std::string flags;
    tools::machine machine;
    std::string date;  ///< in UTC, by ISO 8601
};

/// Of a report that this process makes now.
origin origin_now();

}  // namespace admit::tools
