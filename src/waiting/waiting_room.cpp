// SPDX-License-Identifier: BSL-1.0
#include "waiting/waiting_room.hpp"

#include <utility>

#include "waiting/pass.hpp"

namespace admit::core {

unsigned waiting_room::signal_bit_of(const lane* user) noexcept {
    // Adjacent lanes have different bits.
    return static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(user) / sizeof *user %
                                 signal_bits);
}

cell_handle waiting_room::arm(waiter_base& waiter, user_tag user, wait_kind kind,
                              const void* context) {
    waiter_cell* const cell = cells_.take(waiter, context);
    if (cell == nullptr) return {};
    cell->kind.set(kind);
    cell->user.set(user);
    return cell->arm();
}

void waiting_room::enqueue(const cell_handle& handle) noexcept {
    step("waiting.enqueue");
    arrivals_.push(handle.cell, waiter_pool::links<>{cells_});
}

waiter_base* waiting_room::withdraw(const cell_handle& handle) noexcept {
    waiter_cell& cell = cells_[handle.cell];
    if (!cell.word.withdraw(handle.generation)) return nullptr;
    waiter_base* const waiter = cell.waiter.get();
    step("waiting.withdrawn");
    cancellations_.push(handle.cell, cancelled_links{cells_});
    return waiter;
}

void waiting_room::abandon_context(engine_core& core, const void* context,
                                   thread_state& thread) noexcept {
    cells_.abandon(context, [this](const cell_handle& handle) { return withdraw(handle); });
    serve(core, thread);
}

// --- What other layers call -------------------------------------------------------------------

void serve(engine_core& core, thread_state& thread) noexcept {
    waiting_room* const room = waiting_room::find(core);
    if (room == nullptr) return;
    room->combiner_.run([&] { waiting_room::pass{*room, core, thread}.run(); });
}

void serve_with(engine_core& core, slot_ref slot, thread_state& thread) noexcept {
    ADMIT_ASSERT(static_cast<bool>(slot));
    waiting_room& room = *waiting_room::find(core);  // a slot is owed, so there was a waiter
    if (!room.combiner_.try_enter()) {
        core.pool.earmark(slot);
        return serve(core, thread);
    }
    room.combiner_.drain([&] {
        waiting_room::pass{room, core, thread, std::exchange(slot, {})}.run();
    });
}

void signal(engine_core& core, lane& user) noexcept {
    user.unwatch();
    step("waiting.signal");
    // relaxed: edge combiner; the caller serves afterwards.
    if (waiting_room* const room = waiting_room::find(core))
        room->signals_.fetch_or(std::uint64_t{1} << waiting_room::signal_bit_of(&user),
                                memory_order_relaxed);
}

void signal_all(engine_core& core) noexcept {
    // relaxed: edge combiner; the caller serves afterwards.
    if (waiting_room* const room = waiting_room::find(core))
        room->signals_.store(~std::uint64_t{0}, memory_order_relaxed);
}

bool begin_shutdown(engine_core& core, waiting_room::shutdown_function finish,
                    thread_state& thread) noexcept {
    waiting_room* const room = waiting_room::find(core);
    if (room == nullptr) return false;
    [[maybe_unused]] const bool pinned = core.lifetime.try_pin();
    ADMIT_ASSERT(pinned);  // the engine is still there
    room->finish_shutdown_.set(finish);
    // release: edge shutdown. A pass that is under way may see it already.
    room->shutdown_.store(true, memory_order_release);
    serve(core, thread);
    return true;
}

}  // namespace admit::core
