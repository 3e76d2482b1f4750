// What admitting and ending need to know of those who wait: that they are to be served, and that a
// user's count went down. The rest is in waiting_room.hpp.
#pragma once

#include "base/thread_state.hpp"
#include "state/engine_core.hpp"

namespace admit::core {

/// Sees to it that the waiters are served: by the caller, or by the thread that does so already.
/// Lock-free. Posts to the executors of those who are served; allocates nothing itself.
void serve(engine_core& core, thread_state& thread) noexcept;

/// The same, with a slot that the caller holds and has met the demand with.
void serve_with(engine_core& core, slot_ref slot, thread_state& thread) noexcept;

/// Notes that a watched user's count went down. The caller serves afterwards.
void signal(engine_core& core, lane& user) noexcept;

/// Ends a conversation that was idle, unless somebody looks after it, who is told by the expiry.
void end_if_unsupervised(slot_ref slot, std::uint64_t generation, nanos now,
                         thread_state& thread) noexcept;

}  // namespace admit::core
