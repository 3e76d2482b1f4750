// SPDX-License-Identifier: BSL-1.0
// The configurations that are explored. Each has a fault that the others lack, and is as small as
// that fault allows.
#pragma once

#include <vector>

#include "rules.hpp"

namespace fleet_model {

/// Two members; messages are lost, late and executed again; members crash, leave and join again.
configuration two_members();

/// Explored in each run of the suite.
std::vector<configuration> usual();

/// Explored with ADMIT_MODEL_DEEP: minutes and gigabytes.
std::vector<configuration> deep();

/// One rule left out, in the smallest configuration in which that does harm.
struct planted {
    const char* rule;  // as the protocol's page names it
    configuration without;
};

std::vector<planted> planted_faults();

}  // namespace fleet_model
