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
    pass(waiting_room& room, engine_core& core, thread_state& thread,
         settled_list& settled) noexcept
        : granting{room, core, thread, settled},
          // acquire: edge shutdown. Before the gate, which a shutdown closes first.
          shutdown_{room.shutdown_.load(memory_order_acquire)} {}

    /// True: the caller finishes the engine's shutdown, once it has left the combiner.
    bool run() noexcept {
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
        take_handed_over();
        refresh_blocked();
        if (closed_) reject_all();
        serve_ready();
        balance();
        if (!room_.idle_waiters_.empty()) wake_idle(closed_ && all_idle());
        if (shutdown_) {
            // relaxed: only passes read it.
            room_.shutdown_.store(false, memory_order_relaxed);
        }
        room_.pass_runs_.set(false);
        return shutdown_;
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
            if (cell.kind.get() == wait_kind::for_slot)
                append(cell);
            else if (!cell.cancelled)
                room_.idle_waiters_.push_back(cell);
            if (cell.cancelled) free(cell);
        }
    }

    /// Puts a waiter into its user's queue, unless it was withdrawn.
    void append(waiter_cell& cell) noexcept {
        lend_queues(cell.number);
        core_.pool.owed().arrived();
        if (!cell.word.read().waiting()) return;  // its cancellation was seen, or follows
        const user_queue* const before = room_.queue_.find(cell.user.get());
        const std::uint32_t claims = before == nullptr ? 0 : before->ready;
        judge(room_.queue_.append(cell, cell.user.get(), *cell.lane_of_user.get()),
              claims + (cell.owed.get() ? 1 : 0));
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
            if (!cell.arrived) continue;
            if (cell.queued)
                remove(cell);
            else if (cell.hook.is_linked())
                room_.idle_waiters_.erase(waiter_list::s_iterator_to(cell));
            free(cell);
        }
    }

    /// Judges every queue again, after a raised limit or a failed attempt of a user with waiters.
    void refresh_blocked() noexcept {
        // acquire: edge refresh; the counts and limits read next are at least as new. relaxed: only
        // spares the write.
        if (!room_.refresh_all_.load(memory_order_relaxed) ||
            !room_.refresh_all_.exchange(false, memory_order_acquire))
            return;
        room_.queue_.for_each([this](user_queue& queue) { judge(queue, queue.ready); });
    }

    void reject_all() noexcept {
        while (user_queue* const queue = room_.queue_.any()) {
            waiter_cell& first = cell_of(queue->first());
            remove(first);
            if (!claim(first)) continue;
            core_.events.count(event::rejected_shutting_down, thread_.stripe);
            settle(first, {.slot = {}, .reason = errc::shutting_down});
        }
    }

    /// Wakes the waiters for idleness: all of them, or those of an engine that has gone.
    void wake_idle(bool all) noexcept {
        // relaxed: edge combiner; a shutdown writes it before it asks for a pass.
        const std::uint64_t engine = core_.number.load(memory_order_relaxed);
        for (auto at = room_.idle_waiters_.begin(); at != room_.idle_waiters_.end();) {
            waiter_cell& cell = cell_of(*at++);
            if (!all && cell.engine.get() == engine) continue;
            room_.idle_waiters_.erase(waiter_list::s_iterator_to(cell));
            if (claim(cell)) settle(cell, {});
        }
    }

    /// Whether all groups are idle. Continues where the last pass stopped: an idle group of a
    /// closed engine stays idle, but for admissions under way, and for the next engine in the
    /// memory. So all are read once more.
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

    const bool shutdown_;
};

}  // namespace admit::core
