// SPDX-License-Identifier: BSL-1.0
// A scenario file as a scenario, for the runner.
#pragma once

#include <string>

#include "load/file/scenario_file.hpp"
#include "load/scenario.hpp"

namespace admit::load {

/// A user's own scenario. Of the settings, the injected fault alone applies to it. The scenario
/// keeps the file; its plans and results share it.
scenario make_scenario(scenario_file);

/// The same from a file, with the changes for the pace and the wait that the settings name.
scenario make_scenario(const std::string& path, const settings&);

/// A scenario that is shipped, from its text: all settings apply, and its counts are exact.
scenario make_shipped_scenario(std::string name, std::string text);

}  // namespace admit::load
