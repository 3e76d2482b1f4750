// SPDX-License-Identifier: BSL-1.0
#include "engine/shutdown.hpp"

#include "lifecycle/supervision.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::core {

namespace {

/// Ends the active conversations as `drained`, and notifies their supervisors.
void end_all(engine_core& core, thread_state& thread) noexcept {
    core.pool.for_each_taken([&](slot_ref slot) {
        const auto seen = slot.record().conversation.read();
        if (seen.active())
            end_and_notify(slot, seen.generation(), status::drained, core.now(), thread,
                           {.cut = true});
    });
}

/// Ends the active conversations of a closed engine, in which none begins any more, and drops the
/// engine's own pin on its memory.
void finish_shutdown(engine_core& core, thread_state& thread) noexcept {
    end_all(core, thread);
    // A thread that holds a slot unpins the engine when it gives the slot back.
    core.lifetime.drop_engine(core.pool.disable_all());
}

}  // namespace

void shut_down(engine_core& core, thread_state& thread) noexcept {
    core.pool.gate().close();
    // relaxed: edge shutdown -> pin, for a thread that pins.
    core.number.store(0, memory_order_relaxed);
    // Waiters are woken first, so that no slot that is freed now is granted. The thread that serves
    // the waiters finishes the shutdown, since that thread may be about to begin a conversation.
    if (!begin_shutdown(core, &finish_shutdown, thread)) return finish_shutdown(core, thread);
    // The thread that serves the waiters may be suspended, so this thread ends conversations too.
    end_all(core, thread);
    core.lifetime.unpin();
}

}  // namespace admit::core
