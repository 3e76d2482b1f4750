// SPDX-License-Identifier: BSL-1.0
// All slots of an engine: taken, given back, earmarked for waiters, enabled and disabled as the
// limit moves. state/engine_core.hpp owns the pool; docs/design.md#slots explains it.
//
// A limit is moved by enabling and disabling slots. A slot above the limit that is in use cannot be
// disabled yet: it is excess, see `capacity::snapshot::excess`. While there is excess no slot is
// handed out; the thread that gives a slot back, or finds a free one, disables it.
//
// A slot that is owed to a waiter (`owed_slots`) is found in the same way: the thread that gives a
// slot back, or finds a free one, earmarks it for the thread that serves the waiters. So no call
// takes the room of a waiter, and no thread waits for the one that serves.
#pragma once

#include <optional>

#include "slots/capacity.hpp"
#include "slots/free_search.hpp"
#include "slots/owed_slots.hpp"

namespace admit::core {

class slot_pool {
public:
    enum class given {
        done,
        unpin_engine,  ///< the engine has gone, and the slot pinned its memory
        earmarked,     ///< the caller still holds the slot, which is owed to a waiter
        closed,        ///< the engine is closed: a drain may wait for the last slot
    };

    core::gate& gate() noexcept { return gate_; }
    core::owed_slots& owed() noexcept { return owed_; }
    core::capacity& capacity() noexcept { return capacity_; }
    const core::capacity& capacity() const noexcept { return capacity_; }
    const group_table& groups() const noexcept { return groups_; }

    /// Takes a free slot. None when the engine was full at some instant within the call; the gate
    /// then says so. `home` is the group to look at first, and becomes that of the next call.
    /// Lock-free.
    slot_ref take(unsigned& home) noexcept { return search().take(home); }

    /// Whether a slot is free. False when the engine was full at some instant within the call; the
    /// gate then says so. Lock-free.
    bool any_free(unsigned home) noexcept { return search().any_free(home); }

    /// Gives a slot back: frees it, disables it if there is excess, or leaves it to the caller to
    /// earmark. Effective when this returns. Lock-free.
    given give(slot_ref slot) noexcept {
        slot_word& word = slot.group->slots[slot.word()];
        for (;;) {
            // Shrink before giving back: the taken slot pins the memory. Once it is free, the
            // memory may belong to another engine; to look at that, or to open its gate, does no
            // harm.
            if (capacity_.shrink_one()) return disable(slot);
            if (owed_.any() && owed_.pay()) return given::earmarked;
            step("pool.giving");
            if (word.give(slot.bit()) == slot_word::duty::unpin_engine) return given::unpin_engine;
            step("pool.given");
            const gate::snapshot seen = announce(*slot.group);
            if (!is_claimed()) return seen.closed() ? given::closed : given::done;
            // Excess, or an owed slot, that came up meanwhile is met with this slot, unless another
            // thread has taken it.
            if (!word.take(slot.bit())) return given::done;
        }
    }

    /// Earmarks a slot that is owed to a waiter. The caller has counted it as paid, and has the
    /// waiters served afterwards. Lock-free.
    void earmark(slot_ref slot) noexcept {
        step("pool.met");
        earmarked_.push(slot.number(), slot_links{groups_});
    }

    /// Hands over the slot of a conversation that ended while requests of its user wait. The slot
    /// was never free. The caller has the waiters served afterwards. Lock-free.
    void hand_over(slot_ref slot) noexcept {
        handed_over_.push(slot.number(), slot_links{groups_});
    }

    /// Take all earmarked slots, or all that were handed over, for the combiner. They return the
    /// first; `next` leads from each slot to the one before it. Lock-free.
    slot_ref take_earmarked() noexcept { return numbered(earmarked_.take_all()); }
    slot_ref take_handed_over() noexcept { return numbered(handed_over_.take_all()); }
    slot_ref next(slot_ref slot) const noexcept {
        return numbered(index_stack::next(slot.number(), slot_links{groups_}));
    }
    /// Links slots that the caller has taken.
    void set_next(slot_ref slot, slot_ref next) noexcept {
        // relaxed: not on a stack.
        slot.next().store(next ? next.number() : index_stack::none, memory_order_relaxed);
    }

    /// Makes room for that many slots in all, and enables none of them. Throws `std::bad_alloc`,
    /// and then only the number of groups may have changed.
    void prepare(std::size_t slots, unsigned homes, engine_core* core) {
        const unsigned wanted = groups_for(slots, homes);
        while (groups_.count() < wanted) groups_.add(core, timed());
        const unsigned height = free_search::height_for(groups_.count());
        if (gate_.read().height() < height) search().raise_summary(height);
    }

    /// Puts limits into force at one instant, for which `prepare` made room. Then enables slots, or
    /// disables those that are free. The caller serves the waiters. Returns the limits that were in
    /// force before. Lock-free.
    count_limits set_limits(count_limits limit) noexcept {
        const count_limits before = capacity_.replace(limit);
        step("pool.limited");
        enable_missing();
        unsigned home = 0;
        bool waiters = false;  // the caller serves them in any case
        shrink(home, waiters);
        return before;
    }

    /// Disables free slots until there is no excess, and returns the limits of that instant;
    /// nothing if no slot is free, and the gate then says full. An admission that meets excess
    /// helps in this way. A slot taken here may be owed to a waiter by then: it is earmarked, and
    /// `must_serve` tells the caller to have the waiters served. Lock-free.
    std::optional<count_limits> shrink(unsigned& home, bool& must_serve) noexcept {
        for (;;) {
            const capacity::snapshot seen = capacity_.read();
            if (seen.excess() == 0) return seen.limit;
            const slot_ref slot = take(home);
            if (!slot) return std::nullopt;
            const given what = give(slot);
            if (what == given::earmarked) earmark(slot);
            if (what == given::earmarked || what == given::closed) must_serve = true;
        }
    }

    /// The engine goes away: disables all slots. Returns how many are taken; the holder of each
    /// unpins the memory when it gives the slot back.
    std::uint32_t disable_all() noexcept {
        int held = 0;
        groups_.for_each([&](slot_group& group) {
            for (slot_word& word : group.slots) held += std::popcount(word.disable_all());
        });
        return static_cast<std::uint32_t>(held);
    }

    /// Whether the lengths of conversations are recorded.
    bool timed() const noexcept {
        return timed_.load(memory_order_relaxed);  // relaxed: published with the engine
    }

    /// Disables everything, for the next engine in this memory, which may be timed.
    void reset(bool timed) noexcept {
        // relaxed: the memory is passed on as a whole.
        timed_.store(timed, memory_order_relaxed);
        groups_.for_each([timed](slot_group& group) {
            for (slot_word& word : group.slots) word.reset();
            // relaxed: the memory is passed on as a whole. Times of this engine could be in the
            // future of the next engine's clock. Its timeouts have a new version, so that the
            // groups' bounds are void.
            for (atomic<nanos>& started : group.started) started.store(0, memory_order_relaxed);
            for (activity& last : group.last_activity) last.start(0);
            for (slot_record& each : group.record) each.conversation.reset(timed);
        });
        gate_.reset();
        capacity_.reset();
    }

    /// Whether no slot of the group is taken. Asked after the gate was closed: then the giver of a
    /// slot that was found taken finds the gate closed.
    static bool idle(const slot_group& group) noexcept {
        return std::all_of(std::begin(group.slots), std::end(group.slots),
                           [](const slot_word& word) { return word.none_taken(); });
    }

    template <class Visit>
    void for_each_taken(Visit visit) const {
        groups_.for_each([&](slot_group& group) { core::for_each_taken(group, visit); });
    }

private:
    free_search search() noexcept { return {gate_, summary_, groups_}; }

    // --- giving -----------------------------------------------------------------------------

    struct slot_links {
        const group_table& groups;
        index_stack::link& operator()(std::uint32_t number) const noexcept {
            return groups.slot(number).next();
        }
    };
    slot_ref numbered(std::uint32_t number) const noexcept {
        return number == index_stack::none ? slot_ref{} : groups_.slot(number);
    }

    /// Announces free slots of the group, from the bottom of the summary up to the gate. Returns
    /// the gate of an instant after that.
    gate::snapshot announce(const slot_group& group) noexcept {
        gate::snapshot seen = gate_.read();
        if (seen.height() > 0) seen = search().announce(group.number, seen);
        step("pool.announced");
        if (seen.room_denied()) gate_.reopen();
        return seen;
    }

    /// Whether a slot that was just given is needed for excess or for a waiter. Read after giving:
    /// edges give <-> capacity and owe <-> give.
    bool is_claimed() const noexcept { return capacity_.read().excess() > 0 || owed_.any(); }

    [[gnu::noinline]] given disable(slot_ref slot) noexcept {
        slot_word& word = slot.group->slots[slot.word()];
        if (word.disable(slot.bit()) == slot_word::duty::unpin_engine) return given::unpin_engine;
        return gate_.read().closed() ? given::closed : given::done;
    }

    // --- enabling ---------------------------------------------------------------------------

    /// Enables slots, as many of each group, until there is no shortfall. One at a time, so that a
    /// suspended thread keeps at most one slot from the others. Lock-free: there are `spare_slots`
    /// more slots than any limit, for threads between `shrink_one` and `disable`.
    void enable_missing() noexcept {
        bool claimed = false;
        while (const std::uint32_t wanted = capacity_.read().shortfall() + (claimed ? 1 : 0)) {
            const unsigned groups = groups_.count();
            const std::uint32_t share = (wanted + groups - 1) / groups;
            for (unsigned i = 0; i < groups; ++i) enable(groups_[i], share, claimed);
        }
    }

    /// Enables at most `limit` slots of the group. `claimed`: one of them is counted already.
    void enable(slot_group& group, std::uint32_t limit, bool& claimed) noexcept {
        bool some = false;
        for (slot_word& word : group.slots) {
            while (limit > 0 && (claimed || (claimed = capacity_.grow_one()))) {
                step("pool.claimed");
                if (word.enable() == 0) break;
                claimed = false;
                some = true;
                --limit;
            }
        }
        if (some) announce(group);  // excess that comes up meanwhile is shrunk by `set_limits`
    }

    // --- growing ----------------------------------------------------------------------------

    /// Enough groups for the slots, at least one, and a group for each core while each gets about
    /// eight slots.
    static unsigned groups_for(std::size_t slots, unsigned homes) noexcept {
        const auto needed =
            static_cast<unsigned>((slots + spare_slots + slots_per_group - 1) / slots_per_group);
        const auto shared = static_cast<unsigned>((slots + 7) / 8);
        return std::max({needed, std::min({homes, shared, max_groups}), 1U});
    }

    // One line, which all threads read and few write.
    alignas(cache_line) core::gate gate_;
    core::owed_slots owed_;
    core::capacity capacity_;

    alignas(cache_line) group_table groups_;
    index_stack earmarked_;
    index_stack handed_over_;
    core::summary summary_;
    atomic<bool> timed_{false};
};

}  // namespace admit::core
