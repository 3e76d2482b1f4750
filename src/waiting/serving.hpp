// SPDX-License-Identifier: BSL-1.0
// How a thread that frees a slot or lowers a user's count has the waiters served. lifecycle and
// engine call these functions; waiting_room.hpp keeps the waiters. docs/design.md#waiting explains
// both.
#pragma once

#include "base/thread_state.hpp"
#include "state/engine_core.hpp"

namespace admit::core {

/// Has the waiters served, by this thread or by the thread that serves already. Lock-free. Posts to
/// the executors of the waiters that are served; allocates nothing itself.
void serve(engine_core& core, thread_state& thread) noexcept;

/// Notes that any blocked waiter may have room now. The caller serves afterwards.
void refresh_all(engine_core& core) noexcept;

/// Does what giving back a slot entails.
[[gnu::noinline]] inline void follow_up(slot_ref slot, slot_pool::given what,
                                        thread_state& thread) noexcept {
    engine_core& core = *slot.group->core;
    if (what == slot_pool::given::unpin_engine) {
        core.lifetime.unpin();
        return;
    }
    if (what == slot_pool::given::earmarked) core.pool.earmark(slot);
    // The memory may belong to a later engine by now; serving that engine's waiters does no harm.
    serve(core, thread);
}

/// Gives back a slot, after which the memory may be another engine's. Lock-free, and posts to the
/// executors of the waiters that are served.
inline void give_back(slot_ref slot, thread_state& thread) noexcept {
    const slot_pool::given what = slot.group->core->pool.give(slot);
    if (what != slot_pool::given::done) [[unlikely]]
        follow_up(slot, what, thread);
}

/// Hands the slot of an ended conversation to the waiters, requests of its user among them, without
/// making it free.
[[gnu::noinline]] inline void hand_over(slot_ref slot, thread_state& thread) noexcept {
    engine_core& core = *slot.group->core;
    core.pool.hand_over(slot);
    serve(core, thread);
}

}  // namespace admit::core
