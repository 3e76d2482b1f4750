// SPDX-License-Identifier: BSL-1.0
// The same scenario under more or less load. Used by find_limit.cpp.
#pragma once

#include <string>

#include "load/file/scenario_file.hpp"

namespace admit::load {

/// Open: all rates times `factor`. Closed: as many times the users, at least one of each kind.
scenario_file scaled(scenario_file, double factor);

/// "400 starts a second", or "50 users": the load of a file.
std::string load_of(const scenario_file&);

}  // namespace admit::load
