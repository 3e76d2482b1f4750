// One pass over the waiters of an engine: the sequential code behind the combiner. waiting_room.cpp
// makes a pass; pass.cpp handles arrivals, cancellations and the end, granting.cpp readiness and
// slots. docs/design.md#waiting explains the order of the steps.
//
// A waiter is *ready* when it only lacks a slot: its user has been charged, and a slot is owed to
// it. So no other call can take its room, of either kind, and a waiter that its own user's limit
// keeps out holds nothing back. When no pass is under way:
//
//     ready waiters = owed slots,  and if there are any, no slot is free
//
// While the thread that serves is suspended, waiters wait for it, and a slot earmarked for a waiter
// that has gone meanwhile counts as taken. Admissions and endings go on.
#pragma once

#include "waiting/verdict.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::core {

class waiting_room::pass {
public:
    /// `in_hand`: an earmarked slot that the caller holds.
    pass(waiting_room& room, engine_core& core, thread_state& thread,
         slot_ref in_hand = {}) noexcept
        : room_{room},
          core_{core},
          thread_{thread},
          // acquire: edge shutdown. Before the gate, which a shutdown closes first.
          shutdown_{room.shutdown_.load(memory_order_acquire)},
          in_hand_{in_hand} {}

    void run() noexcept;

private:
    // --- arrivals and cancellations: pass.cpp -----------------------------------------------

    /// Handles arrivals in the order in which they came; the stack has the last one on top.
    void drain_arrivals(std::uint32_t last) noexcept;

    /// Puts a waiter into its user's queue, or rejects it.
    void append(waiter_cell& cell) noexcept;

    /// Lends the fair queue the user queues of all cells up to this one, which exist, and the
    /// buckets of the largest block.
    void lend_queues(std::uint32_t number) noexcept;

    void drain_cancellations(std::uint32_t number) noexcept;

    /// Forgets a waiter that was withdrawn.
    void remove(waiter_cell& cell) noexcept;

    /// Takes a waiter out of its user's queue.
    void remove_from(user_queue& queue, waiter_cell& cell) noexcept;

    void free(waiter_cell& cell) noexcept;

    // --- readiness: granting.cpp ------------------------------------------------------------

    /// Makes as many of a queue's waiters ready as the user has room for, after a change.
    void refresh(user_queue& queue) noexcept;

    /// Makes one more waiter ready. False: the user has no room, and the queue is blocked now.
    bool make_ready(user_queue& queue) noexcept;

    /// Takes back the readiness of the last ready waiter.
    void unready(user_queue& queue) noexcept;

    blocked_list& blocked_of(const user_queue& queue) noexcept {
        return room_.blocked_[signal_bit_of(queue.lane)];
    }

    void refresh_signalled() noexcept;

    // --- slots: granting.cpp ----------------------------------------------------------------

    /// Gives slots to ready waiters, users in turn, until one of both runs out.
    void serve_ready() noexcept;

    /// An earmarked slot, or a free slot whose giver did not see that one is owed.
    slot_ref next_slot() noexcept;

    slot_ref next_earmarked_slot() noexcept;

    void grant_slot(slot_ref slot) noexcept;

    /// Begins a conversation for the first waiter of a queue. False: it was withdrawn meanwhile.
    bool grant_to(user_queue& queue, slot_ref slot) noexcept;

    /// Wakes a waiter that was claimed.
    void wake(waiter_cell& cell, const verdict& verdict) noexcept;

    /// The list of a waiter that stands in no user's queue.
    user_queue::waiter_list& list_of(const waiter_cell& cell) noexcept;

    /// Wakes all waiters of a list. A waiter that cannot be woken returns to its list.
    void wake_all(user_queue::waiter_list& list) noexcept;

    void reject_waiter(waiter_cell& cell, event counted, errc reason) noexcept;

    // --- the end: pass.cpp ------------------------------------------------------------------

    void reject_all() noexcept;

    /// Whether all groups are idle. Goes on where the last look ended, for an idle group of a
    /// closed engine stays idle but for admissions under way; so all are looked at once more.
    bool all_idle() noexcept;

    void end_shutdown() noexcept;

    waiting_room& room_;
    engine_core& core_;
    thread_state& thread_;
    const bool shutdown_;
    bool closed_ = false;
    slot_ref in_hand_;
    slot_ref earmarked_;  ///< the first of the earmarked slots that were taken together
};

inline waiter_cell& cell_of(queued_waiter& waiter) noexcept {
    return static_cast<waiter_cell&>(waiter);
}

}  // namespace admit::core
