// Ends what is still active in an engine that was closed, or goes.
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

/// Nothing begins in a closed engine any more: what is active ends as `drained`, and the engine
/// keeps the memory no longer. True: nobody does, and the caller passes it on. Lock-free.
bool finish_shutdown(engine_core& core, thread_state& thread) noexcept;

/// The engine goes: waiters are sent away, and it is wound up; by another thread, if that is just
/// serving them. True as for `wind_up`. Lock-free.
bool destroy(engine_core& core, thread_state& thread) noexcept;

}  // namespace admit::core
