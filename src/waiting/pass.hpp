// SPDX-License-Identifier: BSL-1.0
// One pass over the waiters of an engine: the sequential code behind the combiner, which
// waiting_room.cpp runs. This file handles arrivals, cancellations and the engine's end; its lower
// half, granting.hpp, handles readiness and slots. docs/design.md#waiting explains the order of the
// steps. While the thread that serves is suspended, waiters wait; admissions and endings go on.
#pragma once

#include "waiting/granting.hpp"

namespace admit::core {

class waiting_room::pass : granting {
public:
    /// `in_hand`: an earmarked slot that the caller holds.
    pass(waiting_room& room, engine_core& core, thread_state& thread,
         slot_ref in_hand = {}) noexcept
        : granting{room, core, thread, in_hand},
          // acquire: edge shutdown. Before the gate, which a shutdown closes first.
          shutdown_{room.shutdown_.load(memory_order_acquire)} {}

    void run() noexcept {
        ADMIT_ASSERT(!room_.pass_runs_.get());
        room_.pass_runs_.set(true);
        // A cancellation may be seen before its arrival; both orders are handled.
        const std::uint32_t cancelled = room_.cancellations_.take_all();
        const std::uint32_t arrived = room_.arrivals_.take_all();
        // After the arrivals: a pass that pins no memory may have begun in an earlier engine than
        // the engine that the waiters belong to.
        closed_ = core_.pool.gate().read().closed();
        drain_arrivals(arrived);
        drain_cancellations(cancelled);
        refresh_signalled();
        if (closed_) reject_all();
        wake_all(room_.unposted_);
        serve_ready();
        // After shutdown began every slot is disabled, so later drains complete at once.
        if (!room_.idle_waiters_.empty() && closed_ && (shutdown_ || all_idle()))
            wake_all(room_.idle_waiters_);
        // relaxed: a number.
        room_.waiting_.store(room_.queue_.waiting(), memory_order_relaxed);
        if (shutdown_) end_shutdown();
        room_.pass_runs_.set(false);
    }

private:
    /// Handles arrivals in order; the stack has the last one on top.
    void drain_arrivals(std::uint32_t last) noexcept {
        std::uint32_t first = index_stack::none;
        while (last != index_stack::none) {
            index_stack::link& next = room_.cells_[last].next;
            // relaxed: taken from the stack, and so this thread's.
            const std::uint32_t before = next.load(memory_order_relaxed);
            next.store(first, memory_order_relaxed);
            first = std::exchange(last, before);
        }
        while (first != index_stack::none) {
            waiter_cell& cell = room_.cells_[first];
            first = cell.next.load(memory_order_relaxed);  // relaxed: as above
            ADMIT_ASSERT(!cell.arrived);
            cell.arrived = true;
            if (cell.cancelled)
                free(cell);
            else if (cell.kind.get() == wait_kind::for_slot)
                append(cell);
            else
                room_.idle_waiters_.push_back(cell);
        }
    }

    /// Puts a waiter into its user's queue, or rejects it.
    void append(waiter_cell& cell) noexcept {
        lend_queues(cell.number);
        if (!cell.word.read().waiting()) return;  // withdrawn; its cancellation follows
        const auto limits = core_.settings.read_waiting();
        const user_tag user = cell.user.get();
        const fair_queue::place place = room_.queue_.find(user);
        const std::size_t length = place.queue == nullptr ? 0 : place.queue->length;
        if (closed_)
            reject_waiter(cell, event::rejected_shutting_down, errc::shutting_down);
        else if (room_.queue_.waiting() >= limits.total)
            reject_waiter(cell, event::rejected_queue_full, errc::queue_full);
        else if (length >= limits.per_user)
            reject_waiter(cell, event::rejected_user_queue_full, errc::user_queue_full);
        else
            refresh(room_.queue_.append(cell, user, place));
    }

    /// Lends the fair queue the user queues of all cells up to this one, which exist, and the
    /// buckets of the largest block.
    void lend_queues(std::uint32_t number) noexcept {
        for (; room_.lent_ <= number; ++room_.lent_) {
            room_.queue_.add_spare(room_.cells_[room_.lent_].lent_queue);
            auto& buckets = room_.cells_.block_of(room_.lent_).buckets;
            if (buckets.size() > room_.queue_.bucket_count())
                room_.queue_.rehash({buckets.data(), buckets.size()});
        }
    }

    void drain_cancellations(std::uint32_t number) noexcept {
        while (number != index_stack::none) {
            waiter_cell& cell = room_.cells_[number];
            number = index_stack::next(number, cancelled_links{room_.cells_});
            ADMIT_ASSERT(!cell.cancelled);
            cell.cancelled = true;
            if (cell.arrived) remove(cell);
        }
    }

    /// Forgets a waiter that was withdrawn.
    void remove(waiter_cell& cell) noexcept {
        if (cell.queued)
            remove_from(*room_.queue_.find(cell.user.get()).queue, cell);
        else if (cell.hook.is_linked())
            list_of(cell).erase(user_queue::waiter_list::s_iterator_to(cell));
        free(cell);
    }

    /// Takes a waiter out of its user's queue.
    void remove_from(user_queue& queue, waiter_cell& cell) noexcept {
        room_.queue_.remove(queue, cell);
        refresh(queue);
    }

    void reject_all() noexcept {
        while (user_queue* const queue = room_.queue_.any()) {
            waiter_cell& first = cell_of(queue->waiters.front());
            remove_from(*queue, first);
            reject_waiter(first, event::rejected_shutting_down, errc::shutting_down);
        }
    }

    /// Whether all groups are idle. Continues where the last pass stopped: an idle group of a
    /// closed engine stays idle, but for admissions under way. So all are read once more.
    bool all_idle() noexcept {
        const unsigned groups = core_.pool.groups().count();
        const auto advance = [&] {
            while (room_.idle_groups_ < groups &&
                   slot_pool::idle(core_.pool.groups()[room_.idle_groups_]))
                ++room_.idle_groups_;
            return room_.idle_groups_ == groups;
        };
        if (!advance()) return false;
        room_.idle_groups_ = 0;
        return advance();
    }

    void end_shutdown() noexcept {
        room_.idle_groups_ = 0;
        // relaxed: only passes read it.
        room_.shutdown_.store(false, memory_order_relaxed);
        room_.finish_shutdown_.get()(core_, thread_);
    }

    const bool shutdown_;
};

}  // namespace admit::core
