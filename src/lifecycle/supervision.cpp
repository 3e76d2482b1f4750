// SPDX-License-Identifier: BSL-1.0
#include "lifecycle/supervision.hpp"

#include "waiting/verdict.hpp"

namespace admit::core {

namespace {

/// A slot's name of its supervisor. Bits 63-24: the conversation's generation. Bits 23-0: the cell.
/// Generations go up by two, so 2^39 conversations of one slot have distinct names.
constexpr unsigned cell_bits = 24;
static_assert(index_stack::none == (1U << cell_bits) - 1);
constexpr std::uint64_t as_name(std::uint64_t generation, std::uint32_t cell) noexcept {
    return generation << cell_bits | cell;
}

atomic<std::uint64_t>& named_by(slot_ref slot) noexcept {
    return slot.group->supervisor[slot.index];
}

void name(slot_ref slot, std::uint64_t generation, std::uint32_t cell) noexcept {
    // relaxed: the compare-and-swap decides.
    std::uint64_t seen = named_by(slot).load(memory_order_relaxed);
    const std::uint64_t named = as_name(generation, cell);
    // A later conversation's name stays: this conversation ended before it was supervised.
    // seq_cst: edge name <-> end, the supervisor's side; with release: edge name -> notify.
    while (seen < named && !named_by(slot).compare_exchange_weak(seen, named, memory_order_seq_cst,
                                                                 memory_order_relaxed)) {
    }
}

/// The cell of the conversation's supervisor, by the slot's name; null if it has none. `seen` is
/// the cell's word: what is read from the cell holds if the cell is then claimed as seen.
supervisor_cell* supervisor_of(slot_ref slot, std::uint64_t generation,
                               std::optional<wait_word::snapshot>& seen) noexcept {
    // seq_cst: edge name <-> end, for a thread that has just ended the conversation; with acquire:
    // edge name -> notify, the cell exists.
    const std::uint64_t name = named_by(slot).load(memory_order_seq_cst);
    const auto number = static_cast<std::uint32_t>(name & index_stack::none);
    if (name != as_name(generation, number)) return nullptr;
    supervisor_cell& cell = supervisor_cells::of(*slot.group->core)[number];
    seen = cell.word.read();
    // acquire: edge finish -> read; the cell is this supervisor's, or its word has changed.
    const bool same = cell.conversation.load(memory_order_acquire) == generation &&
                      cell.slot.load(memory_order_acquire) == slot.number();
    return same && (seen->waiting() || seen->claimed()) ? &cell : nullptr;
}

/// A request as a word; 0 if there is none. Bits 63-8: the cell's generation, so that a request is
/// never another supervisor's. Bit 7: reclaimed. Bits 6-0: the status + 1.
constexpr std::uint64_t reclaimed_bit = 0x80;
constexpr unsigned request_bits = 8;
std::uint64_t as_word(std::uint64_t generation, status how) noexcept {
    return generation << request_bits | (static_cast<unsigned>(how) + 1);
}

std::optional<end_request> request_of(const supervisor_cell& cell,
                                      std::uint64_t generation) noexcept {
    // acquire: edge request -> reclaim; `requested_at` belongs to this request.
    const std::uint64_t request = cell.request.load(memory_order_acquire);
    const std::uint64_t byte = request ^ generation << request_bits;
    if (byte == 0 || byte >> request_bits != 0) return std::nullopt;
    return end_request{static_cast<status>((byte & ~reclaimed_bit) - 1),
                       (byte & reclaimed_bit) != 0};
}

}  // namespace

void supervisor_cells::abandon_context(const engine_core& core, const void* context) noexcept {
    // acquire: edge install -> use.
    if (core.supervisors.load(memory_order_acquire) == nullptr) return;
    supervisor_pool& cells = of(core);
    cells.abandon(context, [&cells](const cell_handle& handle) -> waiter_base* {
        supervisor_cell& cell = cells[handle.cell];
        if (!cell.word.withdraw(handle.generation)) return nullptr;
        waiter_base* const supervisor = cell.waiter.get();
        cells.give(cell);
        return supervisor;
    });
}

cell_handle supervise(engine_core& core, slot_ref slot, std::uint64_t generation,
                      waiter_base& supervisor, nanos grace, const void* context) {
    ADMIT_ASSERT(generation % 2 == 1);  // a conversation, not a free slot
    supervisor_cell* const taken = supervisor_cells::require(core).take(supervisor, context);
    if (taken == nullptr) return {};
    supervisor_cell& cell = *taken;
    // relaxed: published by arming.
    cell.grace.store(grace, memory_order_relaxed);
    cell.requested.set(false);
    // release: edge finish -> read, for a thread that still looks for the cell's last supervisor.
    cell.conversation.store(generation, memory_order_release);
    cell.slot.store(slot.number(), memory_order_release);
    const cell_handle handle = cell.arm();
    name(slot, generation, cell.number);
    return handle;
}

bool unsupervise(engine_core& core, const cell_handle& handle) noexcept {
    supervisor_pool& cells = supervisor_cells::of(core);
    supervisor_cell& cell = cells[handle.cell];
    if (!cell.word.depart(handle.generation)) return false;
    cells.give(cell);
    return true;
}

bool end_and_notify(slot_ref slot, std::uint64_t generation, status how, nanos now,
                    thread_state& thread) noexcept {
    if (!end(slot, generation, how, thread)) return false;
    notify(slot, generation, how, now);
    return true;
}

void end_if_unsupervised(slot_ref slot, std::uint64_t generation, nanos now,
                         thread_state& thread) noexcept {
    std::optional<wait_word::snapshot> seen;
    if (supervisor_of(slot, generation, seen) == nullptr)
        end_and_notify(slot, generation, status::idle, now, thread);
}

std::optional<end_request> end_requested(slot_ref slot, std::uint64_t generation) noexcept {
    std::optional<wait_word::snapshot> seen;
    const supervisor_cell* const cell = supervisor_of(slot, generation, seen);
    return cell == nullptr ? std::nullopt : request_of(*cell, seen->generation());
}

std::optional<end_request> end_requested(slot_ref slot, const cell_handle& handle) noexcept {
    // acquire: edge begin -> read; a thread that reclaimed the conversation noted it before.
    static_cast<void>(slot.record().conversation.read());
    return request_of(supervisor_cells::of(*slot.group->core)[handle.cell], handle.generation);
}

notify_result notify(slot_ref slot, std::uint64_t generation, status how, nanos now) noexcept {
    std::optional<wait_word::snapshot> seen;
    supervisor_cell* const cell = supervisor_of(slot, generation, seen);
    if (cell == nullptr) return {.kind = notify_result::no_supervisor};
    // relaxed: this supervisor's, like the generation read before.
    const nanos grace = cell->grace.load(memory_order_relaxed);
    if (const auto before = request_of(*cell, seen->generation()))
        return {notify_result::requested_before,
                after(cell->requested_at.load(memory_order_relaxed), grace), before->how};
    // Another thread is waking the supervisor, or it has departed.
    if (!seen->waiting() || !cell->word.claim(seen->generation()))
        return {.kind = notify_result::retry};
    step("supervision.claimed");
    waiter_base& supervisor = *cell->waiter.get();
    bool woken = false;
    // Another thread may have made the request, and unclaimed, before this claim.
    if (!request_of(*cell, seen->generation())) {
        // A woken supervisor asks for the reason, so the request comes first.
        // relaxed: published by `request`.
        cell->requested_at.store(now, memory_order_relaxed);
        // release: edge request -> reclaim.
        cell->request.store(as_word(seen->generation(), how), memory_order_release);
        ADMIT_ASSERT(!cell->requested.get());  // a request is made once
        woken = supervisor.post();
        cell->requested.set(woken);
        // release: edge request -> reclaim; another call tries again.
        if (!woken) cell->request.store(0, memory_order_release);
    }
    if (!cell->word.unclaim()) {
        supervisor.abandon();
        supervisor_cells::of(*slot.group->core).give(*cell);
    }
    if (!woken) return {.kind = notify_result::retry};
    return {notify_result::requested_now, after(now, grace), how};
}

bool reclaim(slot_ref slot, std::uint64_t generation, status how, thread_state& thread) noexcept {
    engine_core& core = *slot.group->core;
    std::optional<wait_word::snapshot> seen;
    if (supervisor_cell* const cell = supervisor_of(slot, generation, seen)) {
        std::uint64_t request = as_word(seen->generation(), how);
        // Before the end, so that a supervisor that fails to end the conversation learns why. A
        // compare-and-swap, because the supervisor may have departed, and the cell be another's.
        // relaxed: published by the end (edge begin -> read).
        cell->request.compare_exchange_strong(request, request | reclaimed_bit,
                                              memory_order_relaxed, memory_order_relaxed);
    }
    if (!slot.record().conversation.end(generation)) return false;
    core.events.count(event::overstayed, thread.stripe);
    return_resources(slot, how, thread);
    return true;
}

}  // namespace admit::core
