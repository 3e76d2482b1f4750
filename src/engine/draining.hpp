// SPDX-License-Identifier: BSL-1.0
// What a drain does after its deadline; src/async/drain.cpp calls it.
#pragma once

#include <admit/stats.hpp>
#include <vector>

#include "lifecycle/supervision.hpp"

namespace admit::core {

/// Ends all conversations as `drained`: directly, or by telling them to end. Takes the slot of a
/// conversation after its grace. Adds to `cut` the conversations that this call ended or told to
/// end, so that each conversation is in the list of one drain. Returns the instant of the next
/// call, or the end of time if none is known to be needed. An admission that was under way when the
/// engine closed may begin later: the caller looks again until no slot is taken. Throws
/// `std::bad_alloc`, when `cut` has what was cut off by then.
nanos cut_off(engine_core& core, nanos now, std::vector<conversation>& cut, thread_state& thread);

/// How many of these conversations of a closed engine have lost their slots after their grace.
std::size_t overstayed_of(const engine_core& core, const std::vector<conversation>& cut) noexcept;

}  // namespace admit::core
