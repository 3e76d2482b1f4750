// What a drain does after its deadline; src/async/drain.cpp calls it.
#pragma once

#include <admit/stats.hpp>
#include <vector>

#include "lifecycle/supervision.hpp"

namespace admit::core {

/// Ends all conversations as `drained`, or has their supervisors told to, and takes the slots of
/// those whose grace has passed. Adds to `cut` those for which this is the first they hear of it.
/// Returns when to come again; the end of time if nothing is left to come for. Throws
/// `std::bad_alloc`.
nanos cut_off(engine_core& core, nanos now, std::vector<conversation>& cut, thread_state& thread);

}  // namespace admit::core
