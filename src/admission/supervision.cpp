#include "admission/supervision.hpp"

#include "core/settings.hpp"

namespace admit::admission {

namespace {

core::atomic<std::uint32_t>& named_by(slot_ref slot) noexcept {
    return slot.group->supervisor[slot.index];
}

/// The cell that a slot names, if it is that of the conversation's supervisor at the instant
/// `seen`. What is concluded from it holds if the cell is then claimed as seen.
waiter_cell* supervisor_of(slot_ref slot, std::uint64_t generation,
                           std::optional<core::wait_word::snapshot>& seen) noexcept {
    waiting_room* const room = waiting_room::find(*slot.group->core);
    // acquire: edge name -> notify; the cell exists.
    const std::uint32_t name = named_by(slot).load(core::memory_order_acquire);
    if (room == nullptr || name == 0 || name > room->cells().size()) return nullptr;
    waiter_cell& cell = room->cells()[name - 1];
    seen = cell.word.read();
    // acquire: what follows is of this stay, or the word has changed.
    const bool same = cell.conversation.load(core::memory_order_acquire) == generation &&
                      cell.slot.load(core::memory_order_acquire) == slot.number();
    return same && (seen->waiting() || seen->claimed()) ? &cell : nullptr;
}

/// An order as a byte, which is 0 when there is none.
constexpr std::uint8_t reclaimed_bit = 0x80;
std::uint8_t as_byte(status how) noexcept {
    return static_cast<std::uint8_t>(static_cast<unsigned>(how) + 1);
}

std::optional<order> order_of(const waiter_cell& cell) noexcept {
    // acquire: edge told -> reclaim; `told_at` is the one that belongs to it.
    const std::uint8_t told = cell.told.load(core::memory_order_acquire);
    if (told == 0) return std::nullopt;
    return order{static_cast<status>((told & ~reclaimed_bit) - 1), (told & reclaimed_bit) != 0};
}

void free(waiting_room& room, waiter_cell& cell) noexcept {
    // release: edge arm -> claim; a reader that finds the next stay's fields finds its word too.
    cell.conversation.store(0, core::memory_order_release);
    cell.told.store(0, core::memory_order_release);
    cell.word.finish();
    room.cells().give(cell);
}

}  // namespace

ticket supervise(engine_core& core, slot_ref slot, std::uint64_t generation, sleeper& who,
                 nanos grace) {
    waiting_room& room = waiting_room::of(core);
    waiter_cell* const taken = room.cells().take();
    if (taken == nullptr) return {};
    waiter_cell& cell = *taken;
    cell.who.set(&who);
    cell.kind.set(stay::beside);
    // relaxed: published by arming.
    cell.context.store(nullptr, core::memory_order_relaxed);
    cell.grace.store(grace, core::memory_order_relaxed);
    // release: edge finish -> look, for readers that are still looking at the stay before.
    cell.conversation.store(generation, core::memory_order_release);
    cell.slot.store(slot.number(), core::memory_order_release);
    const ticket mine{.cell = cell.number, .generation = cell.word.arm()};
    // release: edge name -> notify.
    named_by(slot).store(cell.number + 1, core::memory_order_release);
    return mine;
}

bool leave(engine_core& core, const ticket& mine) noexcept {
    waiting_room& room = *waiting_room::find(core);
    waiter_cell& cell = room.cells()[mine.cell];
    if (!cell.word.leave(mine.generation)) return false;
    free(room, cell);
    return true;
}

bool supervised(slot_ref slot, std::uint64_t generation) noexcept {
    std::optional<core::wait_word::snapshot> seen;
    return supervisor_of(slot, generation, seen) != nullptr;
}

std::optional<order> told(slot_ref slot, std::uint64_t generation) noexcept {
    std::optional<core::wait_word::snapshot> seen;
    const waiter_cell* const cell = supervisor_of(slot, generation, seen);
    return cell == nullptr ? std::nullopt : order_of(*cell);
}

notice notify(slot_ref slot, std::uint64_t generation, status how, nanos now) noexcept {
    std::optional<core::wait_word::snapshot> seen;
    waiter_cell* const cell = supervisor_of(slot, generation, seen);
    if (cell == nullptr) return {.what = notice::nobody};
    // relaxed: of this stay, like the conversation's name.
    const nanos grace = cell->grace.load(core::memory_order_relaxed);
    if (const auto before = order_of(*cell))
        return {notice::told_before,
                core::after(cell->told_at.load(core::memory_order_relaxed), grace), before->how};
    // Another thread is just telling it, or it has left.
    if (!seen->waiting() || !cell->word.claim(seen->generation()))
        return {.what = notice::look_again};
    core::step("supervision.claimed");
    // relaxed: published by `told`. Before the supervisor hears of it: it asks for the reason.
    cell->told_at.store(now, core::memory_order_relaxed);
    // release: edge told -> reclaim.
    cell->told.store(as_byte(how), core::memory_order_release);
    sleeper& who = *cell->who.get();
    const bool woken = who.wake({});
    // release: edge told -> reclaim; somebody tries again.
    if (!woken) cell->told.store(0, core::memory_order_release);
    if (!cell->word.release()) {
        who.perish();
        free(*waiting_room::find(*slot.group->core), *cell);
    }
    if (!woken) return {.what = notice::look_again};
    return {notice::told_now, core::after(now, grace), how};
}

bool reclaim(slot_ref slot, std::uint64_t generation, status how, thread_state& me) noexcept {
    engine_core& core = *slot.group->core;
    if (!slot.record().conversation.end(generation)) return false;
    std::optional<core::wait_word::snapshot> seen;
    // release: edge told -> reclaim.
    if (waiter_cell* const cell = supervisor_of(slot, generation, seen))
        cell->told.store(as_byte(how) | reclaimed_bit, core::memory_order_release);
    core.events.count(event::overstayed, me.stripe);
    release(slot, how, me);
    return true;
}

}  // namespace admit::admission
