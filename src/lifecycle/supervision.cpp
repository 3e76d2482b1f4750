// SPDX-License-Identifier: BSL-1.0
#include "lifecycle/supervision.hpp"

#include "waiting/verdict.hpp"

namespace admit::core {

namespace {

/// A slot's name of its supervisor. Bits 63-24: the conversation's generation. Bits 23-0: the cell.
/// Generations go up by two in the bits that a name keeps, so 2^39 conversations of one slot have
/// distinct names.
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
    supervisor_cell& cell = supervisor_cells::all_of(*slot.group->core).cells()[number];
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

std::optional<end_request> request_in(std::uint64_t word, std::uint64_t generation) noexcept {
    const std::uint64_t byte = word ^ generation << request_bits;
    if (byte == 0 || byte >> request_bits != 0) return std::nullopt;
    return end_request{static_cast<status>((byte & ~reclaimed_bit) - 1),
                       (byte & reclaimed_bit) != 0};
}

std::optional<end_request> request_of(const supervisor_cell& cell,
                                      std::uint64_t generation) noexcept {
    // acquire: edge request -> reclaim; `woken_at` belongs to this request.
    return request_in(cell.request.load(memory_order_acquire), generation);
}

/// Notes the request to a conversation's supervisor, and wakes it unless it was woken.
notify_result wake_supervisor(slot_ref slot, supervisor_cell& cell, std::uint64_t generation,
                              status how, nanos now) noexcept {
    // relaxed: this supervisor's, like the generation read before.
    const nanos grace = cell.grace.load(memory_order_relaxed);
    // acquire: edge request -> reclaim. If the cell is a later supervisor's by now, the instant is
    // later, and does no harm.
    nanos woken_at = cell.woken_at.load(memory_order_acquire);
    if (request_of(cell, generation) && woken_at != end_of_time)
        return {.kind = notify_result::woken, .due = after(woken_at, grace)};
    // Another thread is waking the supervisor, or it has departed.
    if (!cell.word.claim(generation)) return {.kind = notify_result::retry};
    step("supervision.claimed");
    supervisor_cells& cells = supervisor_cells::all_of(*slot.group->core);
    // Another thread may have made the request, and unclaimed, before this claim.
    if (!request_of(cell, generation)) {
        // relaxed: read behind this claim, or a later one.
        cell.unposted.store(generation + 1, memory_order_relaxed);
        // A woken supervisor asks for the reason, so the request comes first.
        // release: edge request -> reclaim.
        cell.request.store(as_word(generation, how), memory_order_release);
    }
    cells.wake(cell, generation, now);
    woken_at = cell.woken_at.load(memory_order_relaxed);  // relaxed: only claimers write it
    cells.unclaim(cell);
    if (woken_at == end_of_time) return {.kind = notify_result::retry};
    return {.kind = notify_result::woken, .due = after(woken_at, grace)};
}

/// Wakes the supervisor of a conversation that has ended as `how`.
void wake_after_end(slot_ref slot, std::uint64_t generation, status how, nanos now) noexcept {
    std::optional<wait_word::snapshot> seen;
    if (supervisor_cell* const cell = supervisor_of(slot, generation, seen))
        wake_supervisor(slot, *cell, seen->generation(), how, now);
}

}  // namespace

void supervisor_cells::wake(supervisor_cell& cell, std::uint64_t generation, nanos now) noexcept {
    // Unmarked before the supervisor is woken, which may mark itself again.
    std::uint64_t marked = generation + 1;
    // relaxed: the mark was made under a claim, or before the cell was listed (edge unposted ->
    // retry).
    if (!cell.unposted.compare_exchange_strong(marked, 0, memory_order_relaxed,
                                               memory_order_relaxed))
        return;
    waiter_base& supervisor = *cell.occupant();
    if (!supervisor.post()) {
        step("supervision.refused");
        // Once more after it is listed, so that a retry for which it asks finds it.
        list(cell);
        if (!supervisor.post()) {
            // relaxed: edge unposted -> retry is by the list, or by the end of this claim.
            cell.unposted.store(generation + 1, memory_order_relaxed);
            return;
        }
    }
    // release: edge request -> reclaim. Only claimers write it.
    if (cell.woken_at.load(memory_order_relaxed) == end_of_time)
        cell.woken_at.store(now, memory_order_release);
}

void supervisor_cells::unclaim(supervisor_cell& cell) noexcept {
    waiter_base& supervisor = *cell.occupant();
    if (cell.word.unclaim()) return;
    supervisor.abandon();
    cells_.give(cell);
}

void supervisor_cells::list(supervisor_cell& cell) noexcept {
    // acq_rel: edge unposted -> retry. A thread that finds the cell listed does so before the retry
    // that unlists it looks at the cell's word.
    if (!cell.listed.exchange(true, memory_order_acq_rel))
        unposted_.push(cell.number, links{cells_});
}

std::size_t supervisor_cells::retry(const engine_core& core) noexcept {
    supervisor_cells* const all = attachment::find<supervisor_cells>(core.supervisors);
    if (all == nullptr) return 0;
    std::size_t left = 0;
    for (std::uint32_t number = all->unposted_.take_all(); number != index_stack::none;) {
        supervisor_cell& cell = all->cells_[number];
        number = index_stack::next(number, links{all->cells_});
        cell.listed.exchange(false, memory_order_acq_rel);  // acq_rel: edge unposted -> retry
        step("supervision.unlisted");
        const wait_word::snapshot seen = cell.word.read();
        if (seen.waiting() && cell.word.claim(seen.generation())) {
            all->wake(cell, seen.generation(), core.now());
            all->unclaim(cell);
        } else if (seen.claimed()) {
            all->list(cell);  // its claimer may have found it listed
        }
        // relaxed: a number.
        if (cell.listed.load(memory_order_relaxed)) ++left;
    }
    return left;
}

void supervisor_cells::abandon_context(const engine_core& core, const void* context) noexcept {
    // acquire: edge install -> use.
    if (core.supervisors.load(memory_order_acquire) == nullptr) return;
    supervisor_pool& cells = all_of(core).cells_;
    cells.abandon(context, [&cells](const cell_handle& handle) -> waiter_base* {
        supervisor_cell& cell = cells[handle.cell];
        if (!cell.word.withdraw(handle.generation)) return nullptr;
        waiter_base* const supervisor = cell.occupant();
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
    cell.woken_at.store(end_of_time, memory_order_relaxed);
    cell.unposted.store(0, memory_order_relaxed);
    // release: edge finish -> read, for a thread that still looks for the cell's last supervisor.
    cell.conversation.store(generation, memory_order_release);
    cell.slot.store(slot.number(), memory_order_release);
    const cell_handle handle = cell.arm();
    name(slot, generation, cell.number);
    return handle;
}

bool supervised(slot_ref slot, std::uint64_t generation) noexcept {
    std::optional<wait_word::snapshot> seen;
    return supervisor_of(slot, generation, seen) != nullptr;
}

bool unsupervise(engine_core& core, const cell_handle& handle) noexcept {
    supervisor_pool& cells = supervisor_cells::all_of(core).cells();
    supervisor_cell& cell = cells[handle.cell];
    if (!cell.word.depart(handle.generation)) return false;
    cells.give(cell);
    return true;
}

void wake_again(slot_ref slot, std::uint64_t generation) noexcept {
    std::optional<wait_word::snapshot> seen;
    supervisor_cell* const cell = supervisor_of(slot, generation, seen);
    if (cell == nullptr) return;
    // relaxed: the compare-and-swap decides. A mark of a later supervisor stays.
    std::uint64_t marked = cell->unposted.load(memory_order_relaxed);
    do {
        if (cell->word.read().generation() != seen->generation()) return;
        // relaxed: edge unposted -> retry is by the list.
    } while (!cell->unposted.compare_exchange_weak(marked, seen->generation() + 1,
                                                   memory_order_relaxed, memory_order_relaxed));
    supervisor_cells::all_of(*slot.group->core).list(*cell);
}

end_result end_and_notify(slot_ref slot, std::uint64_t generation, status how, nanos now,
                          thread_state& thread, end_kind kind) noexcept {
    const end_result result = kind.cut ? end_told(slot, generation, how, thread, kind)
                                       : end_as(slot, generation, how, thread);
    if (result) wake_after_end(slot, generation, result.how, now);
    return result;
}

void end_if_unsupervised(slot_ref slot, std::uint64_t generation, nanos now,
                         thread_state& thread) noexcept {
    if (!supervised(slot, generation)) end_and_notify(slot, generation, status::idle, now, thread);
}

std::optional<end_request> end_requested(slot_ref slot, std::uint64_t generation) noexcept {
    std::optional<wait_word::snapshot> seen;
    const supervisor_cell* const cell = supervisor_of(slot, generation, seen);
    return cell == nullptr ? std::nullopt : request_of(*cell, seen->generation());
}

std::optional<end_request> end_requested(slot_ref slot, const cell_handle& handle) noexcept {
    // acquire: edge begin -> read; a thread that reclaimed the conversation noted it before.
    static_cast<void>(slot.record().conversation.read());
    return request_of(supervisor_cells::all_of(*slot.group->core).cells()[handle.cell],
                      handle.generation);
}

notify_result notify(slot_ref slot, std::uint64_t generation, status how, nanos now) noexcept {
    std::optional<wait_word::snapshot> cell_seen;
    supervisor_cell* const cell = supervisor_of(slot, generation, cell_seen);
    if (cell == nullptr) return {.kind = notify_result::no_supervisor};
    conversation_word& word = slot.record().conversation;
    conversation_word::snapshot seen = word.read();
    bool told = false;
    while (seen.active_as(generation) && seen.told() == 0 && !told)
        told = word.tell(seen, static_cast<unsigned>(how) + 1);
    if (!told && !seen.active_as(generation)) return {.kind = notify_result::over};
    step("supervision.told");
    if (!told) how = *told_to_end(seen);
    notify_result result = wake_supervisor(slot, *cell, cell_seen->generation(), how, now);
    result.told = told;
    return result;
}

end_result reclaim(slot_ref slot, std::uint64_t generation, bool cut,
                   thread_state& thread) noexcept {
    std::optional<wait_word::snapshot> seen;
    if (supervisor_cell* const cell = supervisor_of(slot, generation, seen)) {
        // Before the end, so that a supervisor that fails to end the conversation learns why. A
        // compare-and-swap, because the supervisor may have departed, and the cell be another's.
        // relaxed: published by the end (edge begin -> read).
        std::uint64_t request = cell->request.load(memory_order_relaxed);
        if (request_in(request, seen->generation()))
            cell->request.compare_exchange_strong(request, request | reclaimed_bit,
                                                  memory_order_relaxed, memory_order_relaxed);
    }
    return end_told(slot, generation, status::idle, thread, {.cut = cut, .overstayed = true});
}

}  // namespace admit::core
