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

/// The same, with an earmarked slot that the caller holds.
void serve_with(engine_core& core, slot_ref slot, thread_state& thread) noexcept;

/// Notes that a watched user's count went down. The caller serves afterwards.
void signal(engine_core& core, lane& user) noexcept;

/// Notes that all limits may have changed, so that a pass looks at every blocked user again. The
/// caller serves afterwards.
void signal_all(engine_core& core) noexcept;

/// Counts one less of a user. True: a waiter of this user may have room now, and the caller serves
/// afterwards.
inline bool discharge(engine_core& core, lane& user) noexcept {
    if (!user.discharge()) [[likely]]
        return false;
    signal(core, user);
    return true;
}

/// Does what giving back a slot entails.
[[gnu::noinline]] inline void follow_up(slot_ref slot, slot_pool::given what, bool must_serve,
                                        thread_state& thread) noexcept {
    engine_core& core = *slot.group->core;
    switch (what) {
        case slot_pool::given::done: break;
        case slot_pool::given::earmarked: return serve_with(core, slot, thread);
        case slot_pool::given::closed: must_serve = true; break;
        case slot_pool::given::unpin_engine: core.lifetime.unpin(); break;
    }
    // The memory may belong to a later engine by now; serving that engine's waiters does no harm.
    if (must_serve) serve(core, thread);
}

/// Gives back a slot, after which the memory may be another engine's. Lock-free, and posts to the
/// executors of the waiters that are served.
inline void give_back(slot_ref slot, bool must_serve, thread_state& thread) noexcept {
    const slot_pool::given what = slot.group->core->pool.give(slot);
    if (what != slot_pool::given::done || must_serve) [[unlikely]]
        follow_up(slot, what, must_serve, thread);
}

}  // namespace admit::core
