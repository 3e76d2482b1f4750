// SPDX-License-Identifier: BSL-1.0
// How a pass makes waiters ready, gives them slots and wakes them: the lower half of pass.hpp,
// which is its only user. docs/design.md#waiting explains why no other call takes a ready waiter's
// room.
#pragma once

#include <bit>
#include <utility>

#include "base/step.hpp"
#include "waiting/verdict.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::core {

inline waiter_cell& cell_of(queued_waiter& waiter) noexcept {
    return static_cast<waiter_cell&>(waiter);
}

/// A waiter is *ready* when it only lacks a slot: its user has been charged, and a slot is owed to
/// it. A queue with more waiters than its user has room for is *blocked*. When no pass runs:
///
///     ready waiters = owed slots,  and if there are any, no slot is free
class waiting_room::granting {
protected:
    granting(waiting_room& room, engine_core& core, thread_state& thread, slot_ref in_hand) noexcept
        : room_{room}, core_{core}, thread_{thread}, in_hand_{in_hand} {}

    /// Makes as many of a queue's waiters ready as the user has room for, after a change.
    void refresh(user_queue& queue) noexcept {
        while (queue.ready > queue.length) unready(queue);
        if (queue.blocked_hook.is_linked())
            blocked_of(queue).erase(blocked_list::s_iterator_to(queue));
        while (!closed_ && queue.ready < queue.length && make_ready(queue)) {
        }
        room_.queue_.drop_if_empty(queue);
    }

    void refresh_signalled() noexcept {
        // relaxed: edge combiner; set before this pass was asked for.
        if (room_.signals_.load(memory_order_relaxed) == 0) return;
        std::uint64_t signals = room_.signals_.exchange(0, memory_order_relaxed);
        for (; signals != 0; signals &= signals - 1) {
            blocked_list signalled;
            signalled.swap(room_.blocked_[static_cast<unsigned>(std::countr_zero(signals))]);
            while (!signalled.empty()) {
                user_queue& queue = signalled.front();
                signalled.pop_front();
                refresh(queue);
            }
        }
    }

    /// Gives slots to ready waiters, users in turn, until one of both runs out.
    void serve_ready() noexcept {
        while (room_.queue_.any_ready()) {
            const slot_ref slot = next_slot();
            if (!slot) return;
            grant_slot(slot);
        }
        // What is earmarked now was meant for waiters that have gone.
        while (const slot_ref slot = next_earmarked_slot()) give_back(slot, false, thread_);
        while (core_.pool.owed().pay()) {
        }
    }

    /// Wakes all waiters of a list. A waiter that cannot be woken returns to its list.
    void wake_all(user_queue::waiter_list& list) noexcept {
        user_queue::waiter_list again;
        again.swap(list);
        while (!again.empty()) {
            waiter_cell& cell = cell_of(again.front());
            again.pop_front();
            if (cell.word.claim(cell.word.read().generation())) wake(cell, {});
        }
    }

    void reject_waiter(waiter_cell& cell, event counted, errc reason) noexcept {
        if (!cell.word.claim(cell.word.read().generation()))
            return;  // withdrawn; its cancellation follows
        core_.events.count(counted, thread_.stripe);
        wake(cell, {.slot = {}, .reason = reason});
    }

    /// The list of a waiter that stands in no user's queue.
    user_queue::waiter_list& list_of(const waiter_cell& cell) noexcept {
        return cell.kind.get() == wait_kind::for_idle ? room_.idle_waiters_ : room_.unposted_;
    }

    void free(waiter_cell& cell) noexcept {
        ADMIT_ASSERT(!cell.queued && !cell.hook.is_linked());
        cell.arrived = cell.cancelled = false;
        room_.cells_.give(cell);
    }

private:
    /// Makes one more waiter ready. False: the user has no room, and the queue is blocked now.
    bool make_ready(user_queue& queue) noexcept {
        const std::uint32_t limit = core_.pool.capacity().read().limit.per_user;
        while (queue.ready < lane::max_owed) {
            const auto [charged, lane] = core_.users.charge(queue.user, limit);
            if (charged == user_counts::charge_status::charged) {
                queue.lane = lane;
                lane->add_owed();
                room_.queue_.add_ready(queue);
                core_.pool.owed().add();
                step("pass.ready");
                return true;
            }
            if (lane == nullptr) break;  // every lane that this user may have is in use
            queue.lane = lane;
            if (lane->watch(queue.user, limit)) break;
        }
        blocked_of(queue).push_back(queue);
        return false;
    }

    /// Takes back the readiness of the last ready waiter.
    void unready(user_queue& queue) noexcept {
        room_.queue_.remove_ready(queue);
        queue.lane->cancel_owed();
        // If no slot is owed, one was paid already. It serves another waiter, or is given back.
        core_.pool.owed().pay();
    }

    blocked_list& blocked_of(const user_queue& queue) noexcept {
        return room_.blocked_[signal_bit_of(queue.lane)];
    }

    /// An earmarked slot, or a free slot that its giver did not see to be owed.
    slot_ref next_slot() noexcept {
        if (const slot_ref slot = next_earmarked_slot()) return slot;
        if (!core_.pool.owed().any() || core_.pool.gate().read().full()) return {};
        const slot_ref slot = core_.pool.take(thread_.home);
        if (!slot || core_.pool.owed().pay()) return slot;
        give_back(slot, false, thread_);
        return {};
    }

    slot_ref next_earmarked_slot() noexcept {
        if (in_hand_) return std::exchange(in_hand_, {});
        if (!earmarked_) earmarked_ = core_.pool.take_earmarked();
        const slot_ref first = earmarked_;
        if (first) earmarked_ = core_.pool.after_earmarked(first);
        return first;
    }

    void grant_slot(slot_ref slot) noexcept {
        if (core_.pool.capacity().read().excess() > 0) {
            // The limit was lowered meanwhile, and giving back disables this slot.
            core_.pool.owed().add();
            give_back(slot, false, thread_);
            return;
        }
        while (user_queue* const queue = room_.queue_.next()) {
            if (queue->lane->read().count() > core_.pool.capacity().read().limit.per_user) {
                unready(*queue);  // the user's limit was lowered meanwhile
                refresh(*queue);
            } else if (grant_to(*queue, slot)) {
                return;
            }
        }
        give_back(slot, false, thread_);
    }

    /// Begins a conversation for the first waiter of a queue. False: it was withdrawn meanwhile.
    bool grant_to(user_queue& queue, slot_ref slot) noexcept {
        waiter_cell& cell = cell_of(queue.waiters.front());
        room_.queue_.remove(queue, cell);
        if (!cell.word.claim(cell.word.read().generation())) {
            refresh(queue);
            return false;
        }
        step("pass.claimed");
        room_.queue_.remove_ready(queue);
        queue.lane->convert_owed();
        const std::uint64_t generation =
            slot.begin(*queue.lane, cell.waiter.get()->user(), core_.now());
        refresh(queue);
        wake(cell, {.slot = slot, .generation = generation});
        return true;
    }

    /// Wakes a waiter that was claimed.
    void wake(waiter_cell& cell, const verdict& verdict) noexcept {
        if (cell.waiter.get()->wake(verdict)) {
            free(cell);
        } else {
            list_of(cell).push_back(cell);
            cell.word.unclaim();
        }
    }

protected:
    waiting_room& room_;
    engine_core& core_;
    thread_state& thread_;
    bool closed_ = false;

private:
    slot_ref in_hand_;
    slot_ref earmarked_;  ///< the first of the earmarked slots that were taken together
};

}  // namespace admit::core
