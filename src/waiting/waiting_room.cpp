// SPDX-License-Identifier: BSL-1.0
#include "waiting/waiting_room.hpp"

#include <algorithm>
#include <utility>

#include "waiting/pass.hpp"

namespace admit::core {

waiting_room& waiting_room::require(engine_core& core) {
    waiting_room& room = attachment::require<waiting_room>(core.waiting);
    room.counts_.prepare(core.settings.read_waiting().total);
    return room;
}

errc waiting_room::begin(engine_core& core, waiter_base& waiter, const wait_terms& terms,
                         const void* context, cell_handle& handle) {
    waiter_cell* const cell = cells_.take(waiter, context);
    if (cell == nullptr) return errc::queue_full;
    cell->kind.set(terms.kind);
    cell->engine.set(terms.engine);
    cell->owed.set(false);
    std::uint64_t rank = 0;
    if (terms.kind == wait_kind::for_slot) {
        if (const errc reason = count(core, *cell, terms); reason != errc{}) {
            cells_.put_back(*cell);
            return reason;
        }
        cell->name.write(terms.user.id, cells_.block_of(cell->number).tail_of(*cell));
        // relaxed: a number.
        rank =
            (last_stamp_.fetch_add(1, std::memory_order_relaxed) + 1) * priorities + terms.priority;
    }
    // release, twice: edge finish -> read. A listing that reads this also sees that the cell's
    // earlier request waits no more.
    cell->rank.store(rank, std::memory_order_release);
    cell->since.store(core.now(), std::memory_order_release);
    // relaxed: published by arming. A `time_out` that reads a later request's has a handle that is
    // out of date.
    cell->deadline.store(terms.deadline, std::memory_order_relaxed);
    handle = cell->arm();
    return {};
}

errc waiting_room::count(engine_core& core, waiter_cell& cell, const wait_terms& terms) noexcept {
    if (core.pool.gate().read().closed()) return errc::shutting_down;
    const count_limits limits = core.settings.read_waiting();
    // relaxed: a number.
    if (!update(waiting_, memory_order_relaxed, memory_order_relaxed,
                [&](auto seen) { return seen + (seen < limits.total ? 1 : 0); }))
        return errc::queue_full;
    step("waiting.counted");
    core.pool.owed().expect();
    const auto reject = [&](errc reason) {
        core.pool.owed().arrived();                   // the caller serves
        waiting_.fetch_sub(1, memory_order_relaxed);  // relaxed: a number
        return reason;
    };
    lane::snapshot active;
    const auto user =
        core.users.charge(terms.user.tag, lane::no_limit, lane::counted::request, &active);
    if (user.what != user_counts::charge_status::charged) return reject(errc::queue_full);
    step("waiting.charged");
    // The exact count comes last: if it were taken back, the lane would mirror too few or too many.
    lane::snapshot queued;
    const user_counts::result exact =
        counts_.charge(terms.user.tag, limits.per_user, lane::counted::conversation, &queued);
    const bool counted = exact.what == user_counts::charge_status::charged;
    const bool mirrored = counted && queued.active() < max_mirrored;
    if (!mirrored) user.where->end_waiting();
    if (!counted)
        return reject(exact.what == user_counts::charge_status::at_limit ? errc::user_queue_full
                                                                         : errc::queue_full);
    cell.user.set(terms.user.tag);
    cell.lane_of_user.set(user.where);
    cell.count_of_user.set(exact.where);
    cell.shared = !terms.own_limit;
    cell.own_limit = std::min(terms.own_limit.value_or(0), lane::max_active);
    cell.priority = terms.priority;
    // A slot is owed from now on, before the combiner knows of the waiter: a call that begins when
    // this one has returned takes no room that the waiter could have.
    const std::uint32_t before =
        mirrored ? active.waiting() : std::max(active.waiting(), queued.active());
    if (active.active() + before < cell.limit(core.pool.capacity().read().limit.per_user)) {
        core.pool.owed().add();
        cell.owed.set(true);
    }
    return {};
}

void waiting_room::discount(const waiter_cell& cell) noexcept {
    if (cell.kind.get() != wait_kind::for_slot) return;
    if (cell.count_of_user.get()->discharge().active() <= max_mirrored)
        cell.lane_of_user.get()->end_waiting();
    waiting_.fetch_sub(1, memory_order_relaxed);  // relaxed: a number
}

void waiting_room::enqueue(const cell_handle& handle) noexcept {
    step("waiting.enqueue");
    arrivals_.push(handle.cell, waiter_pool::links<>{cells_});
}

waiter_base* waiting_room::withdraw(engine_core& core, const cell_handle& handle) noexcept {
    // The pin keeps the lane that counts the user. Without an engine no request waits.
    if (!core.lifetime.try_pin()) return nullptr;
    waiter_cell& cell = cells_[handle.cell];
    waiter_base* waiter = nullptr;
    if (cell.word.withdraw(handle.generation)) {
        waiter = cell.occupant();
        step("waiting.withdrawn");
        discount(cell);
        cancellations_.push(handle.cell, cancelled_links{cells_});
    }
    core.lifetime.unpin();
    return waiter;
}

std::size_t waiting_room::time_out(engine_core& core, nanos now, thread_state& thread) noexcept {
    std::size_t ended = 0;
    for (std::uint32_t number = 0; number < cells_.size(); ++number) {
        const waiter_cell& cell = cells_[number];
        const wait_word::snapshot seen = cell.word.read();
        // relaxed: published by arming.
        const nanos deadline = cell.deadline.load(std::memory_order_relaxed);
        if (!seen.waiting() || deadline > now || deadline == end_of_time) continue;
        waiter_base* const waiter = withdraw(core, {number, seen.generation()});
        if (waiter == nullptr) continue;
        ++ended;
        core.events.count(event::rejected_wait_timeout, thread.stripe);
        waiter->accept({.slot = {}, .reason = errc::wait_timeout});
        waiter->post();
    }
    if (ended > 0) serve(core, thread);
    return ended;
}

void waiting_room::abandon_context(engine_core& core, const void* context,
                                   thread_state& thread) noexcept {
    cells_.abandon(context, [&](const cell_handle& handle) {
        waiter_base* const waiter = withdraw(core, handle);
        return waiter != nullptr ? waiter : take(handle);
    });
    serve(core, thread);
}

void waiting_room::post(std::uint32_t first) noexcept {
    const waiter_pool::links<> links{cells_};
    while (first != index_stack::none) {
        waiter_cell& cell = cells_[std::exchange(first, index_stack::next(first, links))];
        if (!cell.word.begin_post() || cell.occupant()->post()) {
            cells_.give(cell);
            continue;
        }
        cell.word.settle();
        unposted_.push(cell.number, links);
    }
}

void waiting_room::leave_to_others(settled_list& settled) noexcept {
    const waiter_pool::links<> links{cells_};
    std::uint32_t number = std::exchange(settled, {}).first;
    while (number != index_stack::none)
        unposted_.push(std::exchange(number, index_stack::next(number, links)), links);
}

// --- What other layers call -------------------------------------------------------------------

void serve(engine_core& core, thread_state& thread) noexcept {
    waiting_room* const room = waiting_room::find(core);
    if (room == nullptr) return;
    bool finish = false;
    waiting_room::settled_list settled;
    room->combiner_.run([&] {
        // Before a further pass, so that grants do not wait for as long as other threads ask.
        room->leave_to_others(settled);
        finish |= waiting_room::pass{*room, core, thread, settled}.run();
    });
    room->post(room->unposted_.take_all());
    room->post(settled.first);
    if (finish) room->finish_shutdown_.get()(core, thread);
}

void refresh_all(engine_core& core) noexcept {
    // release: edge refresh, for a pass that is under way.
    if (waiting_room* const room = waiting_room::find(core))
        room->refresh_all_.store(true, memory_order_release);
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
