// SPDX-License-Identifier: BSL-1.0
// What a drain does after its deadline; src/async/drain.cpp calls it.
#pragma once

#include <admit/stats.hpp>
#include <vector>

#include "lifecycle/supervision.hpp"

namespace admit::core {

/// Ends all conversations as `drained`: directly, or by a request to their supervisors. Takes the
/// slot of a conversation after its grace. Adds to `cut` the conversations that this call ended
/// or asked to end. Returns the instant of the next call, or the end of time if none is needed.
/// Throws `std::bad_alloc`.
nanos cut_off(engine_core& core, nanos now, std::vector<conversation>& cut, thread_state& thread);

}  // namespace admit::core
