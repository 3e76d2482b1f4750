// SPDX-License-Identifier: BSL-1.0
// How a pass judges which waiters are ready, and grants them slots: the lower half of pass.hpp,
// which is its only user. docs/design.md#waiting explains why no other call takes a ready waiter's
// room.
#pragma once

#include <utility>

#include "base/step.hpp"
#include "waiting/verdict.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::core {

/// The waiters to which the passes of one thread gave a verdict, in order. That thread posts them.
struct waiting_room::settled_list {
    std::uint32_t first = index_stack::none;
    std::uint32_t last = index_stack::none;

    void append(waiter_cell& cell, const waiter_pool& cells) noexcept {
        // relaxed, twice: only this thread follows the links.
        cell.next.store(index_stack::none, memory_order_relaxed);
        if (first == index_stack::none)
            first = cell.number;
        else
            cells[last].next.store(cell.number, memory_order_relaxed);
        last = cell.number;
    }
};

/// A waiter is *ready* when it only lacks a slot. A waiter is *blocked* when its user has no room
/// for it, or stands behind such a waiter. When no pass runs:
///
///     ready waiters = owed slots,  and if there are any, no slot is free
class waiting_room::granting {
protected:
    granting(waiting_room& room, engine_core& core, thread_state& thread,
             settled_list& settled) noexcept
        : room_{room}, core_{core}, thread_{thread}, settled_{settled} {}

    /// Judges a queue again after a change. `claims` slots are owed to it or in hand for it; that
    /// becomes the number of its ready waiters at least, and `balance` gives up the rest.
    void judge(user_queue& queue, std::uint32_t claims) noexcept {
        // In an engine that closes, or has gone, no waiter becomes ready.
        const std::uint32_t active = closed_ ? lane::max_active : queue.lane->read().active();
        room_.queue_.refresh(queue, active, closed_ ? 0 : user_limit());
        for (; claims < queue.ready; ++claims) core_.pool.owed().add();
    }

    void remove(waiter_cell& cell) noexcept {
        user_queue& queue = *room_.queue_.find(cell.user.get());
        const std::uint32_t claims = queue.ready;
        room_.queue_.remove(queue, cell);
        judge(queue, claims);
    }

    /// Takes the slots of conversations that ended while requests of their users wait. Each slot
    /// is a claim that its user's waiters may have more room now.
    void take_handed_over() noexcept {
        for (slot_ref slot = core_.pool.take_handed_over(); slot;) {
            const slot_ref next = core_.pool.next(slot);
            // relaxed: acquired with the slot, by edge push -> pop.
            const lane& user = *slot.record().user.load(memory_order_relaxed);
            if (user_queue* const queue = room_.queue_.find(user.tag()))
                judge(*queue, queue->ready + 1);
            keep_in_hand(slot);
            slot = next;
        }
    }

    void keep_in_hand(slot_ref slot) noexcept {
        core_.pool.set_next(slot, in_hand_);
        in_hand_ = slot;
    }

    /// Gives slots to ready waiters, users in turn, until one of both runs out.
    void serve_ready() noexcept {
        while (room_.queue_.next() != nullptr) {
            const slot_ref slot = next_slot();
            if (!slot) return;
            grant_slot(slot);
        }
    }

    /// Gives up claims that no waiter has any more. Slots in hand stay for waiters that no pass has
    /// seen yet. A slot that was paid for, and is not in hand yet, adds to the excess: the pass
    /// that has it in hand looks again. So do old numbers, which only such payments have changed
    /// since.
    void balance() noexcept {
        std::uint32_t in_hand = 0;
        slot_ref kept;
        while (const slot_ref slot = next_in_hand()) {
            core_.pool.set_next(slot, std::exchange(kept, slot));
            ++in_hand;
        }
        for (;;) {
            const owed_slots::snapshot seen = core_.pool.owed().read();
            if (in_hand + seen.owed <= room_.queue_.ready() + seen.expected) break;
            if (seen.owed > 0 && core_.pool.owed().pay()) continue;
            if (in_hand == 0) break;
            --in_hand;
            const slot_ref slot = kept;
            kept = core_.pool.next(slot);
            give_back(slot);
        }
        while (const slot_ref slot = kept) {
            kept = core_.pool.next(slot);
            core_.pool.earmark(slot);
        }
    }

    /// Settles the verdict of a waiter that was claimed; it is posted when the combiner is free.
    void settle(waiter_cell& cell, const verdict& verdict) noexcept {
        cell.occupant()->accept(verdict);
        cell.word.settle();
        cell.arrived = false;
        settled_.append(cell, room_.cells_);
    }

    /// The right to settle the verdict of a waiter, which does not count any more then. False: it
    /// was withdrawn, and its cancellation follows.
    bool claim(waiter_cell& cell) noexcept {
        if (!cell.word.claim(cell.word.read().generation())) return false;
        room_.discount(cell);
        return true;
    }

    void free(waiter_cell& cell) noexcept {
        ADMIT_ASSERT(!cell.queued && !cell.hook.is_linked());
        cell.arrived = cell.cancelled = false;
        room_.cells_.give(cell);
    }

private:
    std::uint32_t user_limit() const noexcept {
        return core_.pool.capacity().read().limit.per_user;
    }

    /// A slot in hand, or a free slot that its giver did not see to be owed.
    slot_ref next_slot() noexcept {
        if (const slot_ref slot = next_in_hand()) return slot;
        if (!core_.pool.owed().any() || core_.pool.gate().read().full()) return {};
        const slot_ref slot = core_.pool.take(thread_.home);
        if (!slot || core_.pool.owed().pay()) return slot;
        give_back(slot);
        return {};
    }

    slot_ref next_in_hand() noexcept {
        if (!in_hand_) in_hand_ = core_.pool.take_earmarked();
        const slot_ref first = in_hand_;
        if (first) in_hand_ = core_.pool.next(first);
        return first;
    }

    /// Gives back a slot without leaving the combiner.
    void give_back(slot_ref slot) noexcept {
        switch (core_.pool.give(slot)) {
            case slot_pool::given::done:
            case slot_pool::given::closed: break;  // this pass looks for idleness later
            case slot_pool::given::unpin_engine: core_.lifetime.unpin(); break;
            case slot_pool::given::earmarked:
                core_.pool.earmark(slot);
                room_.combiner_.ask_again();
                break;
        }
    }

    void grant_slot(slot_ref slot) noexcept {
        if (core_.pool.capacity().read().excess() > 0) {
            // The limit was lowered meanwhile, and giving back disables this slot.
            core_.pool.owed().add();
            return give_back(slot);
        }
        while (user_queue* const queue = room_.queue_.next())
            if (grant_to(*queue, slot)) return;
        keep_in_hand(slot);
    }

    /// Begins a conversation for the first waiter of a queue. False: its user has no room any more,
    /// or it was withdrawn meanwhile.
    bool grant_to(user_queue& queue, slot_ref slot) noexcept {
        waiter_cell& cell = cell_of(queue.first());
        const std::uint32_t claims = queue.ready;
        ADMIT_ASSERT(cell.ready && claims > 0);
        // The user is charged while the request still counts as waiting, so that no other call of
        // the user comes in between.
        if (!queue.lane->charge_waiting(cell.limit(user_limit()))) {
            room_.queue_.block_from(queue, cell);
            judge(queue, claims);
            return false;
        }
        step("pass.charged");
        const bool granted = claim(cell);
        step("pass.claimed");
        if (!granted) queue.lane->discharge();
        room_.queue_.remove(queue, cell);
        if (granted) {
            const nanos now = core_.now();
            if (timings* const lengths = core_.recorded_lengths())
                // relaxed: written before the arrival.
                lengths->record(timings::kind::wait,
                                now - cell.since.load(std::memory_order_relaxed), now,
                                thread_.stripe);
            const std::uint64_t generation =
                slot.begin(*queue.lane, now, [&](user_name& name, std::uint64_t* tail) {
                    name.copy(cell.name, room_.cells_.block_of(cell.number).tail_of(cell), tail);
                });
            settle(cell, {.slot = slot, .generation = generation});
            if (!queue.waiters.empty()) room_.queue_.pass_turn(queue);
        }
        judge(queue, claims - (granted ? 1 : 0));
        return granted;
    }

protected:
    waiting_room& room_;
    engine_core& core_;
    thread_state& thread_;
    bool closed_ = false;
    settled_list& settled_;

private:
    slot_ref in_hand_;  ///< the first of the slots that were taken together
};

}  // namespace admit::core
