// SPDX-License-Identifier: BSL-1.0
// The seven scenarios, each in the file of its name. Listed in scenario.cpp.
#pragma once

#include "load/scenario.hpp"

namespace admit::load {

scenario concurrent_user_load_50_users();
scenario sustained_load_5_minutes();
scenario burst_load_pattern();
scenario mixed_workload_patterns();
scenario global_limit_enforcement();
scenario per_user_limit_enforcement();
scenario stress_rapid_start_stop_cycles();

}  // namespace admit::load
