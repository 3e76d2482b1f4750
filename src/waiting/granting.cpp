// How a pass makes waiters ready and gives them slots.
#include <bit>
#include <utility>

#include "base/step.hpp"
#include "waiting/pass.hpp"

namespace admit::core {

void waiting_room::pass::refresh(user_queue& queue) noexcept {
    while (queue.ready > queue.length) unready(queue);
    if (queue.blocked_hook.is_linked()) blocked_of(queue).erase(blocked_list::s_iterator_to(queue));
    while (!closed_ && queue.ready < queue.length && make_ready(queue)) {
    }
    room_.queue_.drop_if_empty(queue);
}

bool waiting_room::pass::make_ready(user_queue& queue) noexcept {
    const std::uint32_t limit = core_.pool.capacity().read().limit.per_user;
    while (queue.ready < lane::max_owed) {
        const auto [charged, lane] = core_.users.charge(queue.user, limit);
        if (charged == user_counts::charge_status::charged) {
            queue.lane = lane;
            lane->add_owed();
            room_.queue_.add_ready(queue);
            core_.pool.owed().add();
            step("room.ready");
            return true;
        }
        if (lane == nullptr) break;  // no lane is free, of those that are there for this
        queue.lane = lane;
        if (lane->watch(queue.user, limit)) break;
    }
    blocked_of(queue).push_back(queue);
    return false;
}

void waiting_room::pass::unready(user_queue& queue) noexcept {
    room_.queue_.remove_ready(queue);
    queue.lane->cancel_owed();
    // If no slot is in demand, one is on its way; it will serve another, or be given back.
    core_.pool.owed().pay();
}

void waiting_room::pass::refresh_signalled() noexcept {
    // relaxed: set before this pass was asked for, edge baton.
    if (room_.signals_.load(memory_order_relaxed) == 0) return;
    std::uint64_t rung = room_.signals_.exchange(0, memory_order_relaxed);
    for (; rung != 0; rung &= rung - 1) {
        blocked_list heard;
        heard.swap(room_.blocked_[static_cast<unsigned>(std::countr_zero(rung))]);
        while (!heard.empty()) {
            user_queue& queue = heard.front();
            heard.pop_front();
            refresh(queue);
        }
    }
}

void waiting_room::pass::serve_ready() noexcept {
    while (room_.queue_.any_ready()) {
        const slot_ref slot = next_slot();
        if (!slot) return;
        grant_slot(slot);
    }
    // What is aside now was meant for waiters that have gone.
    while (const slot_ref slot = next_earmarked_slot()) give_back(slot, false, thread_);
    while (core_.pool.owed().pay()) {
    }
}

slot_ref waiting_room::pass::next_slot() noexcept {
    if (const slot_ref slot = next_earmarked_slot()) return slot;
    if (!core_.pool.owed().any() || core_.pool.gate().read().full()) return {};
    const slot_ref slot = core_.pool.take(thread_.home);
    if (!slot || core_.pool.owed().pay()) return slot;
    give_back(slot, false, thread_);
    return {};
}

slot_ref waiting_room::pass::next_earmarked_slot() noexcept {
    if (in_hand_) return std::exchange(in_hand_, {});
    if (!earmarked_) earmarked_ = core_.pool.take_earmarked();
    const slot_ref first = earmarked_;
    if (first) earmarked_ = core_.pool.after_earmarked(first);
    return first;
}

void waiting_room::pass::grant_slot(slot_ref slot) noexcept {
    if (core_.pool.capacity().read().excess() > 0) {
        // The limit was lowered meanwhile, and this slot is needed for that.
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

bool waiting_room::pass::grant_to(user_queue& queue, slot_ref slot) noexcept {
    waiter_cell& cell = cell_of(queue.waiters.front());
    room_.queue_.remove(queue, cell);
    if (!cell.word.claim(cell.word.read().generation())) {
        refresh(queue);
        return false;
    }
    step("room.claimed");
    room_.queue_.remove_ready(queue);
    queue.lane->convert_owed();
    const std::uint64_t generation =
        slot.begin(*queue.lane, cell.waiter.get()->user(), core_.now());
    refresh(queue);
    wake(cell, {.slot = slot, .generation = generation});
    return true;
}

void waiting_room::pass::wake(waiter_cell& cell, const verdict& verdict) noexcept {
    if (cell.waiter.get()->wake(verdict)) {
        free(cell);
    } else {
        list_of(cell).push_back(cell);
        cell.word.unclaim();
    }
}

user_queue::waiter_list& waiting_room::pass::list_of(const waiter_cell& cell) noexcept {
    return cell.kind.get() == wait_kind::for_idle ? room_.idle_waiters_ : room_.unposted_;
}

void waiting_room::pass::wake_all(user_queue::waiter_list& list) noexcept {
    user_queue::waiter_list again;
    again.swap(list);
    while (!again.empty()) {
        waiter_cell& cell = cell_of(again.front());
        again.pop_front();
        if (cell.word.claim(cell.word.read().generation())) wake(cell, {});
    }
}

void waiting_room::pass::reject_waiter(waiter_cell& cell, event counted, errc reason) noexcept {
    if (!cell.word.claim(cell.word.read().generation()))
        return;  // withdrawn; its cancellation follows
    core_.events.count(counted, thread_.stripe);
    wake(cell, {.slot = {}, .reason = reason});
}

}  // namespace admit::core
