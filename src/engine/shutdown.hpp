// SPDX-License-Identifier: BSL-1.0
// What the destructor of an engine does: `engine::~engine` calls it.
#pragma once

#include "base/thread_state.hpp"
#include "state/engine_core.hpp"

namespace admit::core {

/// Closes the engine, wakes its waiters with `shutting_down`, and ends its conversations as
/// `drained`. The memory goes to the next engine when the last thread unpins it. If another thread
/// serves the waiters at the moment, that thread finishes. Lock-free.
void shut_down(engine_core& core, thread_state& thread) noexcept;

}  // namespace admit::core
