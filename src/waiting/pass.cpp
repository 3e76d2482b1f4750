#include "waiting/pass.hpp"

#include <utility>

namespace admit::core {

void waiting_room::pass::run() noexcept {
    room_.passes_.set(room_.passes_.get() + 1);
    // A cancellation may be seen before its arrival; both orders are handled.
    const std::uint32_t cancelled = room_.cancellations_.take_all();
    const std::uint32_t arrived = room_.arrivals_.take_all();
    // After the arrivals: a pass that pins no memory may have begun in an earlier engine than the
    // one that the waiters belong to.
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
}

void waiting_room::pass::drain_arrivals(std::uint32_t last) noexcept {
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
        cell.arrived = true;
        if (cell.cancelled)
            free(cell);
        else if (cell.kind.get() == wait_kind::for_slot)
            append(cell);
        else
            room_.idle_waiters_.push_back(cell);
    }
}

void waiting_room::pass::append(waiter_cell& cell) noexcept {
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

void waiting_room::pass::lend_queues(std::uint32_t number) noexcept {
    for (; room_.lent_ <= number; ++room_.lent_) {
        room_.queue_.add_spare(room_.cells_[room_.lent_].own_queue);
        auto& buckets = room_.cells_.block_of(room_.lent_).buckets;
        if (buckets.size() > room_.queue_.bucket_count())
            room_.queue_.rehash({buckets.data(), buckets.size()});
    }
}

void waiting_room::pass::drain_cancellations(std::uint32_t number) noexcept {
    while (number != index_stack::none) {
        waiter_cell& cell = room_.cells_[number];
        number = index_stack::next(number, cancelled_links{room_.cells_});
        cell.cancelled = true;
        if (cell.arrived) remove(cell);
    }
}

void waiting_room::pass::remove(waiter_cell& cell) noexcept {
    if (cell.queued)
        remove_from(*room_.queue_.find(cell.user.get()).queue, cell);
    else if (cell.hook.is_linked())
        list_of(cell).erase(user_queue::waiter_list::s_iterator_to(cell));
    free(cell);
}

void waiting_room::pass::remove_from(user_queue& queue, waiter_cell& cell) noexcept {
    room_.queue_.remove(queue, cell);
    refresh(queue);
}

void waiting_room::pass::free(waiter_cell& cell) noexcept {
    cell.arrived = cell.cancelled = false;
    room_.cells_.give(cell);
}

void waiting_room::pass::reject_all() noexcept {
    while (user_queue* const queue = room_.queue_.any()) {
        waiter_cell& first = cell_of(queue->waiters.front());
        remove_from(*queue, first);
        reject_waiter(first, event::rejected_shutting_down, errc::shutting_down);
    }
}

bool waiting_room::pass::all_idle() noexcept {
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

void waiting_room::pass::end_shutdown() noexcept {
    room_.idle_groups_ = 0;
    // relaxed: only passes read it.
    room_.shutdown_.store(false, memory_order_relaxed);
    room_.finish_shutdown_.get()(core_, thread_);
}

}  // namespace admit::core
