// Ends what is still active in an engine that was closed, or goes.
#pragma once

#include <admit/stats.hpp>
#include <vector>

#include "admission/supervision.hpp"

namespace admit::admission {

/// Ends all conversations as `drained`, or has their supervisors told to, and takes the slots of
/// those whose grace has passed. Adds to `cut` those for which this is the first they hear of it.
/// Returns when to come again; the end of time if nothing is left to come for. Throws
/// `std::bad_alloc`.
nanos cut_off(engine_core& core, nanos now, std::vector<conversation>& cut, thread_state& me);

/// The engine goes: waiters are sent away, and what is active ends as `drained`. True: nobody keeps
/// the memory any more, and the caller passes it on. Lock-free.
bool destroy(engine_core& core, thread_state& me) noexcept;

}  // namespace admit::admission
