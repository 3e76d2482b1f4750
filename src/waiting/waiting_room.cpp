#include "waiting/waiting_room.hpp"

#include <memory>

#include "base/get_or_install.hpp"
#include "engine/draining.hpp"

namespace admit::core {

namespace {

waiter_cell& cell_of(waiter& who) noexcept { return static_cast<waiter_cell&>(who); }

template <class Pool, class Withdraw>
void clear_out_of(const Pool& cells, const void* context, Withdraw withdraw) noexcept {
    for (std::uint32_t number = 0; number < cells.size(); ++number) {
        const cell& each = cells[number];
        for (wait_word::snapshot seen = each.word.read();
             // relaxed: true if the withdrawal succeeds, or the word stays the same.
             seen.referred() && each.context.load(memory_order_relaxed) == context;
             seen = each.word.read()) {
            if (sleeper* const who = withdraw(ticket{number, seen.generation()})) who->perish();
            // Claimed, and left perhaps: another thread is just posting to this context, or about
            // to let what it has posted to perish. The context must not go away before.
        }
    }
}

}  // namespace

unsigned waiting_room::bell_of(const lane* user) noexcept {
    // Neighbouring lanes have different bells.
    return static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(user) / sizeof *user % bells);
}

waiting_room* waiting_room::find(const engine_core& core) noexcept {
    // acquire: edge install -> use.
    return static_cast<waiting_room*>(core.room.load(memory_order_acquire));
}

waiting_room& waiting_room::of(engine_core& core) {
    return static_cast<waiting_room&>(
        installed(core.room, [] { return std::make_unique<waiting_room>(); }));
}

ticket waiting_room::reserve(sleeper& who, user_tag user, stay kind, const void* context) {
    waiter_cell* const cell = cells_.take(who, context);
    if (cell == nullptr) return {};
    cell->kind.set(kind);
    cell->user.set(user);
    return cell->arm();
}

void waiting_room::enter(const ticket& mine) noexcept {
    step("room.entering");
    entering_.push(mine.cell, waiter_pool::links<>{cells_});
}

sleeper* waiting_room::withdraw(const ticket& whose) noexcept {
    waiter_cell& cell = cells_[whose.cell];
    if (!cell.word.withdraw(whose.generation)) return nullptr;
    sleeper* const who = cell.who.get();
    step("room.withdrawn");
    leaving_.push(whose.cell, leaving_links{cells_});
    return who;
}

void waiting_room::clear_out(engine_core& core, const void* context, thread_state& me) noexcept {
    const auto withdraw_supervisor = [this](const ticket& whose) -> sleeper* {
        supervisor_cell& cell = supervisors_[whose.cell];
        if (!cell.word.withdraw(whose.generation)) return nullptr;
        sleeper* const who = cell.who.get();
        supervisors_.give(cell);
        return who;
    };
    clear_out_of(supervisors_, context, withdraw_supervisor);
    clear_out_of(cells_, context, [this](const ticket& whose) { return withdraw(whose); });
    serve(core, me);
}

// --- A pass -----------------------------------------------------------------------------------

/// What is done behind the baton: sequential code over the room and the engine.
class waiting_room::pass {
public:
    pass(waiting_room& room, engine_core& core, thread_state& me, slot_ref in_hand = {}) noexcept
        : room_{room},
          core_{core},
          me_{me},
          // acquire: edge farewell. Before the gate: who says farewell has closed it.
          farewell_{room.farewell_.load(memory_order_acquire)},
          in_hand_{in_hand} {}

    void run() noexcept {
        room_.passes_.set(room_.passes_.get() + 1);
        // Who has left was pushed after it had come, or has yet to come: both are put up with.
        const std::uint32_t leaving = room_.leaving_.take_all();
        const std::uint32_t entering = room_.entering_.take_all();
        // Now that it is known who waits: a pass that keeps no memory may have begun in the engine
        // before the one that they are of.
        closed_ = core_.pool.gate().read().closed();
        let_in(entering);
        let_out(leaving);
        answer_bells();
        if (closed_) turn_all_away();
        tell_all(room_.untold_);
        hand_out();
        // Who comes in after the farewell finds all slots retired, and so at rest.
        if (!room_.resting_.empty() && closed_ && (farewell_ || at_rest()))
            tell_all(room_.resting_);
        // relaxed: a number.
        room_.waiting_.store(room_.turns_.waiting(), memory_order_relaxed);
        if (farewell_) settle();
    }

private:
    // --- coming and going -------------------------------------------------------------------

    /// In the order of their coming: the stack has the last one on top.
    void let_in(std::uint32_t last) noexcept {
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
            cell.entered = true;
            if (cell.left)
                free(cell);
            else if (cell.kind.get() == stay::for_room)
                queue(cell);
            else
                room_.resting_.push_back(cell);
        }
    }

    void queue(waiter_cell& cell) noexcept {
        lend_lines(cell.number);
        if (!cell.word.read().waiting()) return;  // withdrawn, and soon to be let out
        const auto most = core_.limits.read_waiting();
        const user_tag user = cell.user.get();
        const turns::place place = room_.turns_.find(user);
        const std::size_t own = place.own == nullptr ? 0 : place.own->length;
        if (closed_)
            turn_away(cell, event::rejected_shutting_down, errc::shutting_down);
        else if (room_.turns_.waiting() >= most.all)
            turn_away(cell, event::rejected_queue_full, errc::queue_full);
        else if (own >= most.of_one)
            turn_away(cell, event::rejected_user_queue_full, errc::user_queue_full);
        else
            refresh(room_.turns_.join(cell, user, place));
    }

    /// Lets the turns have the lines of all cells up to this one, which exist, and the buckets of
    /// the largest block.
    void lend_lines(std::uint32_t number) noexcept {
        for (; room_.lent_ <= number; ++room_.lent_) {
            room_.turns_.add_spare(room_.cells_[room_.lent_].own_line);
            auto& buckets = room_.cells_.block_of(room_.lent_).buckets;
            if (buckets.size() > room_.turns_.bucket_count())
                room_.turns_.find_by({buckets.data(), buckets.size()});
        }
    }

    void let_out(std::uint32_t number) noexcept {
        while (number != index_stack::none) {
            waiter_cell& cell = room_.cells_[number];
            number = index_stack::next(number, leaving_links{room_.cells_});
            cell.left = true;
            if (cell.entered) remove(cell);
        }
    }

    /// Forgets a waiter that was withdrawn.
    void remove(waiter_cell& cell) noexcept {
        if (cell.standing)
            leave(*room_.turns_.find(cell.user.get()).own, cell);
        else if (cell.in_line.is_linked())
            others_like(cell).erase(line::waiters_list::s_iterator_to(cell));
        free(cell);
    }

    void leave(line& own, waiter_cell& cell) noexcept {
        room_.turns_.leave(own, cell);
        refresh(own);
    }

    void free(waiter_cell& cell) noexcept {
        cell.entered = cell.left = false;
        room_.cells_.give(cell);
    }

    // --- being ready ------------------------------------------------------------------------

    /// Makes as many of a line ready as the user has room for, after something has changed.
    void refresh(line& own) noexcept {
        while (own.ready > own.length) give_up(own);
        if (own.in_blocked.is_linked()) blocked_of(own).erase(blocked_list::s_iterator_to(own));
        while (!closed_ && own.ready < own.length && make_ready(own)) {
        }
        room_.turns_.drop_if_empty(own);
    }

    /// False: the user has no room, and the line is among the blocked.
    bool make_ready(line& own) noexcept {
        const std::uint32_t limit = core_.pool.quota().read().limit.of_one;
        while (own.ready < lane::most_owed) {
            const auto [charged, lane] = core_.users.charge(own.user, limit);
            if (charged == user_counts::outcome::charged) {
                own.lane = lane;
                lane->owe();
                room_.turns_.add_ready(own);
                core_.pool.demand().add();
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
    void give_up(line& own) noexcept {
        room_.turns_.remove_ready(own);
        own.lane->forgive();
        // If no slot is in demand, one is on its way; it will serve another, or be given back.
        core_.pool.demand().meet();
    }

    blocked_list& blocked_of(const line& own) noexcept { return room_.blocked_[bell_of(own.lane)]; }

    void answer_bells() noexcept {
        // relaxed: set before this pass was asked for, edge baton.
        if (room_.rung_.load(memory_order_relaxed) == 0) return;
        std::uint64_t rung = room_.rung_.exchange(0, memory_order_relaxed);
        for (; rung != 0; rung &= rung - 1) {
            blocked_list heard;
            heard.swap(room_.blocked_[static_cast<unsigned>(std::countr_zero(rung))]);
            while (!heard.empty()) {
                line& own = heard.front();
                heard.pop_front();
                refresh(own);
            }
        }
    }

    // --- serving ----------------------------------------------------------------------------

    /// Gives slots to those who are ready, in turn, until one of both runs out.
    void hand_out() noexcept {
        while (room_.turns_.anybody_ready()) {
            const slot_ref slot = next_slot();
            if (!slot) return;
            hand_over(slot);
        }
        // What is aside now was meant for waiters that have gone.
        while (const slot_ref slot = from_aside()) let_go(slot, false, me_);
        while (core_.pool.demand().meet()) {
        }
    }

    /// A slot that was laid aside, or a free one that nobody has seen the demand for.
    slot_ref next_slot() noexcept {
        if (const slot_ref slot = from_aside()) return slot;
        if (!core_.pool.demand().any() || core_.pool.gate().read().full()) return {};
        const slot_ref slot = core_.pool.take(me_.home);
        if (!slot || core_.pool.demand().meet()) return slot;
        let_go(slot, false, me_);
        return {};
    }

    slot_ref from_aside() noexcept {
        if (in_hand_) return std::exchange(in_hand_, {});
        if (!aside_) aside_ = core_.pool.take_aside();
        const slot_ref first = aside_;
        if (first) aside_ = core_.pool.after_aside(first);
        return first;
    }

    void hand_over(slot_ref slot) noexcept {
        if (core_.pool.quota().read().debt() > 0) {
            // The limit was lowered meanwhile, and this slot is needed for that.
            core_.pool.demand().add();
            let_go(slot, false, me_);
            return;
        }
        while (line* const own = room_.turns_.next()) {
            if (own->lane->read().count() > core_.pool.quota().read().limit.of_one) {
                give_up(*own);  // the user's limit was lowered meanwhile
                refresh(*own);
            } else if (grant(*own, slot)) {
                return;
            }
        }
        let_go(slot, false, me_);
    }

    /// Begins a conversation for the first of a line. False: it was withdrawn meanwhile.
    bool grant(line& own, slot_ref slot) noexcept {
        waiter_cell& cell = cell_of(own.waiters.front());
        room_.turns_.leave(own, cell);
        if (!cell.word.claim(cell.word.read().generation())) {
            refresh(own);
            return false;
        }
        step("room.claimed");
        room_.turns_.remove_ready(own);
        own.lane->grant();
        const admission begun = begin(slot, *own.lane, cell.who.get()->user(), core_.now());
        refresh(own);
        tell(cell, begun);
        return true;
    }

    /// Wakes a waiter that was claimed.
    void tell(waiter_cell& cell, const admission& verdict) noexcept {
        if (cell.who.get()->wake(verdict)) {
            free(cell);
        } else {
            others_like(cell).push_back(cell);
            cell.word.release();
        }
    }

    /// Where one stands who stands in no line.
    line::waiters_list& others_like(const waiter_cell& cell) noexcept {
        return cell.kind.get() == stay::for_rest ? room_.resting_ : room_.untold_;
    }

    /// Wakes all of a list, to which those return who cannot be woken.
    void tell_all(line::waiters_list& list) noexcept {
        line::waiters_list again;
        again.swap(list);
        while (!again.empty()) {
            waiter_cell& cell = cell_of(again.front());
            again.pop_front();
            if (cell.word.claim(cell.word.read().generation())) tell(cell, {});
        }
    }

    void turn_away(waiter_cell& cell, event counted, errc reason) noexcept {
        if (!cell.word.claim(cell.word.read().generation())) return;  // withdrawn: let out soon
        core_.events.count(counted, me_.stripe);
        tell(cell, {.slot = {}, .reason = reason});
    }

    // --- the end ----------------------------------------------------------------------------

    void turn_all_away() noexcept {
        while (line* const own = room_.turns_.any()) {
            waiter_cell& first = cell_of(own->waiters.front());
            leave(*own, first);
            turn_away(first, event::rejected_shutting_down, errc::shutting_down);
        }
    }

    /// Goes on where the last look ended: since the engine is closed, what was found at rest stays
    /// so, but for those who came in before; therefore all is looked at once more in the end.
    bool at_rest() noexcept {
        const unsigned groups = core_.pool.group_count();
        const auto advance = [&] {
            while (room_.swept_ < groups && slot_pool::at_rest(core_.pool.group(room_.swept_)))
                ++room_.swept_;
            return room_.swept_ == groups;
        };
        if (!advance()) return false;
        room_.swept_ = 0;
        return advance();
    }

    void settle() noexcept {
        room_.swept_ = 0;
        // relaxed: this pass's alone.
        room_.farewell_.store(false, memory_order_relaxed);
        if (wind_up(core_, me_)) core_store::put(&core_);
    }

    waiting_room& room_;
    engine_core& core_;
    thread_state& me_;
    const bool farewell_;
    bool closed_ = false;
    slot_ref in_hand_;  ///< that somebody came with
    slot_ref aside_;    ///< the first of those that were laid aside
};

// --- What others call -------------------------------------------------------------------------

void serve(engine_core& core, thread_state& me) noexcept {
    waiting_room* const room = waiting_room::find(core);
    if (room == nullptr) return;
    room->baton_.run([&] { waiting_room::pass{*room, core, me}.run(); });
}

void serve_with(engine_core& core, slot_ref slot, thread_state& me) noexcept {
    waiting_room& room = *waiting_room::find(core);  // somebody is in it, who owns the demand
    if (!room.baton_.try_take()) {
        core.pool.lay_aside(slot);
        return serve(core, me);
    }
    room.baton_.keep([&] { waiting_room::pass{room, core, me, std::exchange(slot, {})}.run(); });
}

void ring(engine_core& core, lane& user) noexcept {
    user.unwatch();
    step("room.ringing");
    // relaxed: edge baton; who rings serves afterwards.
    if (waiting_room* const room = waiting_room::find(core))
        room->rung_.fetch_or(std::uint64_t{1} << waiting_room::bell_of(&user),
                             memory_order_relaxed);
}

void ring_all(engine_core& core) noexcept {
    // relaxed: edge baton; who rings serves afterwards.
    if (waiting_room* const room = waiting_room::find(core))
        room->rung_.store(~std::uint64_t{0}, memory_order_relaxed);
}

bool say_farewell(engine_core& core, thread_state& me) noexcept {
    waiting_room* const room = waiting_room::find(core);
    if (room == nullptr) return false;
    static_cast<void>(core.keepers.join());  // succeeds: the engine is there
    // release: edge farewell; also a pass that is under way may be the one that sees it.
    room->farewell_.store(true, memory_order_release);
    serve(core, me);
    return true;
}

}  // namespace admit::core
