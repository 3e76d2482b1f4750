// What the destructor of an engine does; draining.hpp is the gentle way.
#pragma once

#include "base/thread_state.hpp"
#include "state/engine_core.hpp"

namespace admit::core {

/// Closes the engine, wakes its waiters with `shutting_down`, ends its conversations as `drained`,
/// and leaves the memory to the next engine when the last thread has let go of it. Another thread
/// finishes, if it serves the waiters at the moment. Lock-free.
void shut_down(engine_core& core, thread_state& thread) noexcept;

}  // namespace admit::core
