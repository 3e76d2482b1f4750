// SPDX-License-Identifier: BSL-1.0
// A scenario file as a scenario, for the runner.
#pragma once

#include "load/file/scenario_file.hpp"
#include "load/scenario.hpp"

namespace admit::load {

/// The scenario keeps the file. Its plans and results refer to names in it.
scenario make_scenario(scenario_file);

}  // namespace admit::load
