#include "lifecycle/supervision.hpp"

#include <memory>

#include "base/get_or_install.hpp"
#include "state/settings.hpp"
#include "waiting/verdict.hpp"

namespace admit::core {

namespace {

/// In a slot: for which of its conversations, and the number of the cell. Generations go up by two,
/// so that 2^39 conversations of one slot have names of their own.
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
    const std::uint64_t mine = as_name(generation, cell);
    // A later conversation's name stays: this one has ended before anybody looked after it.
    // release, in it: edge name -> notify. seq_cst: edge name <-> end, the supervisor's end.
    while (seen < mine && !named_by(slot).compare_exchange_weak(seen, mine, memory_order_seq_cst,
                                                                memory_order_relaxed)) {
    }
}

/// The cell that a slot names, if it is that of the conversation's supervisor at the instant
/// `seen`. What is concluded from it holds if the cell is then claimed as seen.
supervisor_cell* supervisor_of(slot_ref slot, std::uint64_t generation,
                               std::optional<wait_word::snapshot>& seen) noexcept {
    // acquire, in it: edge name -> notify; the cell exists. seq_cst: edge name <-> end, for who has
    // just ended the conversation.
    const std::uint64_t name = named_by(slot).load(memory_order_seq_cst);
    const auto number = static_cast<std::uint32_t>(name & index_stack::none);
    if (name != as_name(generation, number)) return nullptr;
    supervisor_cell& cell = supervisor_cells::of(*slot.group->core)[number];
    seen = cell.word.read();
    // acquire: what follows is of this stay, or the word has changed.
    const bool same = cell.conversation.load(memory_order_acquire) == generation &&
                      cell.slot.load(memory_order_acquire) == slot.number();
    return same && (seen->waiting() || seen->claimed()) ? &cell : nullptr;
}

/// An order as a word: the stay that it was given to, so that it is never another's, and a byte,
/// which is 0 when there is none.
constexpr std::uint64_t reclaimed_bit = 0x80;
constexpr unsigned request_bits = 8;
std::uint64_t as_word(std::uint64_t stay, status how) noexcept {
    return stay << request_bits | (static_cast<unsigned>(how) + 1);
}

std::optional<end_request> request_of(const supervisor_cell& cell, std::uint64_t stay) noexcept {
    // acquire: edge request -> reclaim; `told_at` is the one that belongs to it.
    const std::uint64_t told = cell.request.load(memory_order_acquire);
    const std::uint64_t what = told ^ stay << request_bits;
    if (what == 0 || what >> request_bits != 0) return std::nullopt;
    return end_request{static_cast<status>((what & ~reclaimed_bit) - 1),
                       (what & reclaimed_bit) != 0};
}

}  // namespace

supervisor_pool& supervisor_cells::require(engine_core& core) {
    return static_cast<supervisor_cells&>(
               get_or_install(core.supervisors,
                              [] { return std::make_unique<supervisor_cells>(); }))
        .cells_;
}

supervisor_pool& supervisor_cells::of(const engine_core& core) noexcept {
    // acquire: edge install -> use.
    return static_cast<supervisor_cells*>(core.supervisors.load(memory_order_acquire))->cells_;
}

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

cell_handle supervise(engine_core& core, slot_ref slot, std::uint64_t generation, waiter_base& who,
                      nanos grace, const void* context) {
    supervisor_cell* const taken = supervisor_cells::require(core).take(who, context);
    if (taken == nullptr) return {};
    supervisor_cell& cell = *taken;
    // relaxed: published by arming.
    cell.grace.store(grace, memory_order_relaxed);
    // release: edge finish -> read, for readers that are still looking at the stay before.
    cell.conversation.store(generation, memory_order_release);
    cell.slot.store(slot.number(), memory_order_release);
    const cell_handle mine = cell.arm();
    name(slot, generation, cell.number);
    return mine;
}

bool unsupervise(engine_core& core, const cell_handle& mine) noexcept {
    supervisor_pool& cells = supervisor_cells::of(core);
    supervisor_cell& cell = cells[mine.cell];
    if (!cell.word.depart(mine.generation)) return false;
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

std::optional<end_request> end_requested(slot_ref slot, const cell_handle& mine) noexcept {
    // acquire: edge begin -> read; if the conversation has ended, who reclaimed it said so before.
    static_cast<void>(slot.record().conversation.read());
    return request_of(supervisor_cells::of(*slot.group->core)[mine.cell], mine.generation);
}

notify_result notify(slot_ref slot, std::uint64_t generation, status how, nanos now) noexcept {
    std::optional<wait_word::snapshot> seen;
    supervisor_cell* const cell = supervisor_of(slot, generation, seen);
    if (cell == nullptr) return {.what = notify_result::no_supervisor};
    // relaxed: of this stay, like the conversation's name.
    const nanos grace = cell->grace.load(memory_order_relaxed);
    if (const auto before = request_of(*cell, seen->generation()))
        return {notify_result::requested_before,
                after(cell->requested_at.load(memory_order_relaxed), grace), before->how};
    // Another thread is just telling it, or it has left.
    if (!seen->waiting() || !cell->word.claim(seen->generation()))
        return {.what = notify_result::retry};
    step("supervision.claimed");
    waiter_base& who = *cell->waiter.get();
    bool woken = false;
    // Another thread may have told it, and let go, before the claim.
    if (!request_of(*cell, seen->generation())) {
        // relaxed: published by `told`. Before the supervisor hears of it: it asks for the reason.
        cell->requested_at.store(now, memory_order_relaxed);
        // release: edge request -> reclaim.
        cell->request.store(as_word(seen->generation(), how), memory_order_release);
        woken = who.wake({});
        // release: edge request -> reclaim; somebody tries again.
        if (!woken) cell->request.store(0, memory_order_release);
    }
    if (!cell->word.unclaim()) {
        who.abandon();
        supervisor_cells::of(*slot.group->core).give(*cell);
    }
    if (!woken) return {.what = notify_result::retry};
    return {notify_result::requested_now, after(now, grace), how};
}

bool reclaim(slot_ref slot, std::uint64_t generation, status how, thread_state& thread) noexcept {
    engine_core& core = *slot.group->core;
    std::optional<wait_word::snapshot> seen;
    if (supervisor_cell* const cell = supervisor_of(slot, generation, seen)) {
        std::uint64_t told = as_word(seen->generation(), how);
        // Before the end, so that a supervisor who comes too late to end it knows why. It may have
        // left meanwhile, and the cell be another's. relaxed: published
        // by the end (edge begin -> read).
        cell->request.compare_exchange_strong(told, told | reclaimed_bit, memory_order_relaxed,
                                              memory_order_relaxed);
    }
    if (!slot.record().conversation.end(generation)) return false;
    core.events.count(event::overstayed, thread.stripe);
    return_resources(slot, how, thread);
    return true;
}

}  // namespace admit::core
