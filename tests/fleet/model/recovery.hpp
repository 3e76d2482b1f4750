// SPDX-License-Identifier: BSL-1.0
// No capacity is lost for ever: when faults stop, a member that asks gets all that is free.
#pragma once

#include "state.hpp"

namespace fleet_model {

/// From `s` on nothing goes wrong any more, all conversations end when they may, and one member
/// wants everything. Whether it has the whole limit after at most twice `gone_after` and three
/// renewals.
bool recovers(const state& s, const configuration& c);

}  // namespace fleet_model
