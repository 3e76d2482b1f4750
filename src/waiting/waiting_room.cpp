#include "waiting/waiting_room.hpp"

#include <memory>

#include "base/get_or_install.hpp"
#include "engine/draining.hpp"

namespace admit::core {

namespace {

waiter_cell& cell_of(queued_waiter& who) noexcept { return static_cast<waiter_cell&>(who); }

template <class Pool, class Withdraw>
void abandon_in(const Pool& cells, const void* context, Withdraw withdraw) noexcept {
    for (std::uint32_t number = 0; number < cells.size(); ++number) {
        const cell& each = cells[number];
        for (wait_word::snapshot seen = each.word.read();
             // relaxed: true if the withdrawal succeeds, or the word stays the same.
             seen.referred() && each.context.load(memory_order_relaxed) == context;
             seen = each.word.read()) {
            if (waiter_base* const who = withdraw(cell_handle{number, seen.generation()}))
                who->abandon();
            // Claimed, and left perhaps: another thread is just posting to this context, or about
            // to let what it has posted to perish. The context must not go away before.
        }
    }
}

}  // namespace

unsigned waiting_room::signal_bit_of(const lane* user) noexcept {
    // Neighbouring lanes have different bells.
    return static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(user) / sizeof *user %
                                 signal_bits);
}

waiting_room* waiting_room::find(const engine_core& core) noexcept {
    // acquire: edge install -> use.
    return static_cast<waiting_room*>(core.room.load(memory_order_acquire));
}

waiting_room& waiting_room::of(engine_core& core) {
    return static_cast<waiting_room&>(
        get_or_install(core.room, [] { return std::make_unique<waiting_room>(); }));
}

cell_handle waiting_room::arm(waiter_base& who, user_tag user, wait_kind kind,
                              const void* context) {
    waiter_cell* const cell = cells_.take(who, context);
    if (cell == nullptr) return {};
    cell->kind.set(kind);
    cell->user.set(user);
    return cell->arm();
}

void waiting_room::enqueue(const cell_handle& mine) noexcept {
    step("room.entering");
    arrivals_.push(mine.cell, waiter_pool::links<>{cells_});
}

waiter_base* waiting_room::withdraw(const cell_handle& whose) noexcept {
    waiter_cell& cell = cells_[whose.cell];
    if (!cell.word.withdraw(whose.generation)) return nullptr;
    waiter_base* const who = cell.waiter.get();
    step("room.withdrawn");
    cancellations_.push(whose.cell, cancelled_links{cells_});
    return who;
}

void waiting_room::abandon_context(engine_core& core, const void* context,
                                   thread_state& thread) noexcept {
    const auto withdraw_supervisor = [this](const cell_handle& whose) -> waiter_base* {
        supervisor_cell& cell = supervisors_[whose.cell];
        if (!cell.word.withdraw(whose.generation)) return nullptr;
        waiter_base* const who = cell.waiter.get();
        supervisors_.give(cell);
        return who;
    };
    abandon_in(supervisors_, context, withdraw_supervisor);
    abandon_in(cells_, context, [this](const cell_handle& whose) { return withdraw(whose); });
    serve(core, thread);
}

// --- A pass -----------------------------------------------------------------------------------

/// What is done behind the baton: sequential code over the room and the engine.
class waiting_room::pass {
public:
    pass(waiting_room& room, engine_core& core, thread_state& thread,
         slot_ref in_hand = {}) noexcept
        : room_{room},
          core_{core},
          thread_{thread},
          // acquire: edge farewell. Before the gate: who says farewell has closed it.
          shutdown_{room.shutdown_.load(memory_order_acquire)},
          in_hand_{in_hand} {}

    void run() noexcept {
        room_.passes_.set(room_.passes_.get() + 1);
        // Who has left was pushed after it had come, or has yet to come: both are put up with.
        const std::uint32_t leaving = room_.cancellations_.take_all();
        const std::uint32_t entering = room_.arrivals_.take_all();
        // Now that it is known who waits: a pass that keeps no memory may have begun in the engine
        // before the one that they are of.
        closed_ = core_.pool.gate().read().closed();
        drain_arrivals(entering);
        drain_cancellations(leaving);
        refresh_signalled();
        if (closed_) reject_all();
        wake_all(room_.unposted_);
        serve_ready();
        // Who comes in after the farewell finds all slots retired, and so at rest.
        if (!room_.idle_waiters_.empty() && closed_ && (shutdown_ || all_idle()))
            wake_all(room_.idle_waiters_);
        // relaxed: a number.
        room_.waiting_.store(room_.queue_.waiting(), memory_order_relaxed);
        if (shutdown_) end_shutdown();
    }

private:
    // --- coming and going -------------------------------------------------------------------

    /// In the order of their coming: the stack has the last one on top.
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
            cell.arrived = true;
            if (cell.cancelled)
                free(cell);
            else if (cell.kind.get() == wait_kind::for_slot)
                queue(cell);
            else
                room_.idle_waiters_.push_back(cell);
        }
    }

    void queue(waiter_cell& cell) noexcept {
        lend_queues(cell.number);
        if (!cell.word.read().waiting()) return;  // withdrawn, and soon to be let out
        const auto most = core_.settings.read_waiting();
        const user_tag user = cell.user.get();
        const fair_queue::place place = room_.queue_.find(user);
        const std::size_t own = place.own == nullptr ? 0 : place.own->length;
        if (closed_)
            reject_waiter(cell, event::rejected_shutting_down, errc::shutting_down);
        else if (room_.queue_.waiting() >= most.total)
            reject_waiter(cell, event::rejected_queue_full, errc::queue_full);
        else if (own >= most.per_user)
            reject_waiter(cell, event::rejected_user_queue_full, errc::user_queue_full);
        else
            refresh(room_.queue_.append(cell, user, place));
    }

    /// Lets the turns have the lines of all cells up to this one, which exist, and the buckets of
    /// the largest block.
    void lend_queues(std::uint32_t number) noexcept {
        for (; room_.lent_ <= number; ++room_.lent_) {
            room_.queue_.add_spare(room_.cells_[room_.lent_].own_queue);
            auto& buckets = room_.cells_.block_of(room_.lent_).buckets;
            if (buckets.size() > room_.queue_.bucket_count())
                room_.queue_.rehash({buckets.data(), buckets.size()});
        }
    }

    void drain_cancellations(std::uint32_t number) noexcept {
        while (number != index_stack::none) {
            waiter_cell& cell = room_.cells_[number];
            number = index_stack::next(number, cancelled_links{room_.cells_});
            cell.cancelled = true;
            if (cell.arrived) remove(cell);
        }
    }

    /// Forgets a waiter that was withdrawn.
    void remove(waiter_cell& cell) noexcept {
        if (cell.queued)
            remove_from(*room_.queue_.find(cell.user.get()).own, cell);
        else if (cell.hook.is_linked())
            list_of(cell).erase(user_queue::waiter_list::s_iterator_to(cell));
        free(cell);
    }

    void remove_from(user_queue& own, waiter_cell& cell) noexcept {
        room_.queue_.remove(own, cell);
        refresh(own);
    }

    void free(waiter_cell& cell) noexcept {
        cell.arrived = cell.cancelled = false;
        room_.cells_.give(cell);
    }

    // --- being ready ------------------------------------------------------------------------

    /// Makes as many of a line ready as the user has room for, after something has changed.
    void refresh(user_queue& own) noexcept {
        while (own.ready > own.length) unready(own);
        if (own.blocked_hook.is_linked()) blocked_of(own).erase(blocked_list::s_iterator_to(own));
        while (!closed_ && own.ready < own.length && make_ready(own)) {
        }
        room_.queue_.drop_if_empty(own);
    }

    /// False: the user has no room, and the line is among the blocked.
    bool make_ready(user_queue& own) noexcept {
        const std::uint32_t limit = core_.pool.capacity().read().limit.per_user;
        while (own.ready < lane::max_owed) {
            const auto [charged, lane] = core_.users.charge(own.user, limit);
            if (charged == user_counts::charge_status::charged) {
                own.lane = lane;
                lane->add_owed();
                room_.queue_.add_ready(own);
                core_.pool.owed().add();
                step("room.ready");
                return true;
            }
            if (lane == nullptr) break;  // no lane is free, of those that are there for this
            own.lane = lane;
            if (lane->watch(own.user, limit)) break;
        }
        blocked_of(own).push_back(own);
        return false;
    }

    /// The last of those that are ready is not any more.
    void unready(user_queue& own) noexcept {
        room_.queue_.remove_ready(own);
        own.lane->cancel_owed();
        // If no slot is in demand, one is on its way; it will serve another, or be given back.
        core_.pool.owed().pay();
    }

    blocked_list& blocked_of(const user_queue& own) noexcept {
        return room_.blocked_[signal_bit_of(own.lane)];
    }

    void refresh_signalled() noexcept {
        // relaxed: set before this pass was asked for, edge baton.
        if (room_.signals_.load(memory_order_relaxed) == 0) return;
        std::uint64_t rung = room_.signals_.exchange(0, memory_order_relaxed);
        for (; rung != 0; rung &= rung - 1) {
            blocked_list heard;
            heard.swap(room_.blocked_[static_cast<unsigned>(std::countr_zero(rung))]);
            while (!heard.empty()) {
                user_queue& own = heard.front();
                heard.pop_front();
                refresh(own);
            }
        }
    }

    // --- serving ----------------------------------------------------------------------------

    /// Gives slots to those who are ready, in turn, until one of both runs out.
    void serve_ready() noexcept {
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

    /// A slot that was laid aside, or a free one that nobody has seen the demand for.
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
            // The limit was lowered meanwhile, and this slot is needed for that.
            core_.pool.owed().add();
            give_back(slot, false, thread_);
            return;
        }
        while (user_queue* const own = room_.queue_.next()) {
            if (own->lane->read().count() > core_.pool.capacity().read().limit.per_user) {
                unready(*own);  // the user's limit was lowered meanwhile
                refresh(*own);
            } else if (grant_to(*own, slot)) {
                return;
            }
        }
        give_back(slot, false, thread_);
    }

    /// Begins a conversation for the first of a line. False: it was withdrawn meanwhile.
    bool grant_to(user_queue& own, slot_ref slot) noexcept {
        waiter_cell& cell = cell_of(own.waiters.front());
        room_.queue_.remove(own, cell);
        if (!cell.word.claim(cell.word.read().generation())) {
            refresh(own);
            return false;
        }
        step("room.claimed");
        room_.queue_.remove_ready(own);
        own.lane->convert_owed();
        const verdict begun = begin(slot, *own.lane, cell.waiter.get()->user(), core_.now());
        refresh(own);
        wake(cell, begun);
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

    /// Where one stands who stands in no line.
    user_queue::waiter_list& list_of(const waiter_cell& cell) noexcept {
        return cell.kind.get() == wait_kind::for_idle ? room_.idle_waiters_ : room_.unposted_;
    }

    /// Wakes all of a list, to which those return who cannot be woken.
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
        if (!cell.word.claim(cell.word.read().generation())) return;  // withdrawn: let out soon
        core_.events.count(counted, thread_.stripe);
        wake(cell, {.slot = {}, .reason = reason});
    }

    // --- the end ----------------------------------------------------------------------------

    void reject_all() noexcept {
        while (user_queue* const own = room_.queue_.any()) {
            waiter_cell& first = cell_of(own->waiters.front());
            remove_from(*own, first);
            reject_waiter(first, event::rejected_shutting_down, errc::shutting_down);
        }
    }

    /// Goes on where the last look ended: since the engine is closed, what was found at rest stays
    /// so, but for those who came in before; therefore all is looked at once more in the end.
    bool all_idle() noexcept {
        const unsigned groups = core_.pool.group_count();
        const auto advance = [&] {
            while (room_.idle_groups_ < groups &&
                   slot_pool::idle(core_.pool.group(room_.idle_groups_)))
                ++room_.idle_groups_;
            return room_.idle_groups_ == groups;
        };
        if (!advance()) return false;
        room_.idle_groups_ = 0;
        return advance();
    }

    void end_shutdown() noexcept {
        room_.idle_groups_ = 0;
        // relaxed: this pass's alone.
        room_.shutdown_.store(false, memory_order_relaxed);
        if (finish_shutdown(core_, thread_)) engine_registry::put(&core_);
    }

    waiting_room& room_;
    engine_core& core_;
    thread_state& thread_;
    const bool shutdown_;
    bool closed_ = false;
    slot_ref in_hand_;    ///< that somebody came with
    slot_ref earmarked_;  ///< the first of those that were laid aside
};

// --- What others call -------------------------------------------------------------------------

void serve(engine_core& core, thread_state& thread) noexcept {
    waiting_room* const room = waiting_room::find(core);
    if (room == nullptr) return;
    room->combiner_.run([&] { waiting_room::pass{*room, core, thread}.run(); });
}

void serve_with(engine_core& core, slot_ref slot, thread_state& thread) noexcept {
    waiting_room& room = *waiting_room::find(core);  // somebody is in it, who owns the demand
    if (!room.combiner_.try_enter()) {
        core.pool.earmark(slot);
        return serve(core, thread);
    }
    room.combiner_.drain([&] {
        waiting_room::pass{room, core, thread, std::exchange(slot, {})}.run();
    });
}

void signal(engine_core& core, lane& user) noexcept {
    user.unwatch();
    step("room.ringing");
    // relaxed: edge baton; who rings serves afterwards.
    if (waiting_room* const room = waiting_room::find(core))
        room->signals_.fetch_or(std::uint64_t{1} << waiting_room::signal_bit_of(&user),
                                memory_order_relaxed);
}

void signal_all(engine_core& core) noexcept {
    // relaxed: edge baton; who rings serves afterwards.
    if (waiting_room* const room = waiting_room::find(core))
        room->signals_.store(~std::uint64_t{0}, memory_order_relaxed);
}

bool begin_shutdown(engine_core& core, thread_state& thread) noexcept {
    waiting_room* const room = waiting_room::find(core);
    if (room == nullptr) return false;
    static_cast<void>(core.lifetime.try_pin());  // succeeds: the engine is there
    // release: edge farewell; also a pass that is under way may be the one that sees it.
    room->shutdown_.store(true, memory_order_release);
    serve(core, thread);
    return true;
}

}  // namespace admit::core
