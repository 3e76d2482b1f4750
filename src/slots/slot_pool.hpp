// All slots of an engine: taken, given back, earmarked for waiters, enabled and disabled as the
// limit moves. free_search.hpp finds free slots, group_table.hpp keeps the groups.
//
// A limit is moved by enabling and disabling slots. A slot above the limit that is in use cannot be
// disabled yet: it is excess, see `capacity::snapshot::excess`. While there is excess no slot is
// handed out; the thread that gives a slot back, or finds a free one, disables it.
//
// A slot that is owed to a waiter (`owed_slots`) is found in the same way: the thread that gives a
// slot back, or finds a free one, earmarks it for the thread that serves the waiters. So no call
// takes the room of a waiter, and no thread waits for the one that serves.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>

#include "base/index_stack.hpp"
#include "base/step.hpp"
#include "slots/capacity.hpp"
#include "slots/free_search.hpp"
#include "slots/gate.hpp"
#include "slots/group_table.hpp"
#include "slots/owed_slots.hpp"
#include "slots/summary.hpp"

namespace admit::core {

class slot_pool {
public:
    enum class given {
        done,
        unpin_engine,  ///< the engine has gone, and counts on hearing of this
        earmarked,     ///< the caller still has the slot, which is a waiter's
        closed,        ///< the engine is closed: somebody may want to hear that this was the last
    };

    core::gate& gate() noexcept { return gate_; }
    core::owed_slots& owed() noexcept { return owed_; }
    core::capacity& capacity() noexcept { return capacity_; }
    const core::capacity& capacity() const noexcept { return capacity_; }
    const group_table& groups() const noexcept { return groups_; }

    /// Takes a free slot; none when the engine was full at some instant within the call, which the
    /// gate then says. `home` is the group to look at first, and becomes the one to look at next
    /// time. Lock-free.
    slot_ref take(unsigned& home) noexcept { return search().take(home); }

    /// Whether a slot is free; false when the engine was full at some instant within the call,
    /// which the gate then says. Lock-free.
    bool any_free(unsigned home) noexcept { return search().any_free(home); }

    /// Lets go of a slot: gives it back, or pays debt with it. Effective when this returns.
    /// Lock-free.
    given give(slot_ref slot) noexcept {
        slot_word& word = slot.group->slots[slot.word()];
        for (;;) {
            // Debt is only ever paid by the holder of a slot, whose holding keeps the memory this
            // engine's; after giving, all may already be another engine's, which it does no
            // harm to look at, and whose gate it may open.
            if (capacity_.shrink_one()) return disable(slot);
            if (owed_.any() && owed_.pay()) return given::earmarked;
            step("pool.giving");
            if (word.give(slot.bit()) == slot_word::duty::unpin_engine) return given::unpin_engine;
            step("pool.given");
            const claimant claimed = announce(*slot.group);
            if (claimed == claimant::none) return given::done;
            if (claimed == claimant::closed) return given::closed;
            // What came to be owed meanwhile is paid with this slot, unless somebody else has it.
            if (!word.take(slot.bit())) return given::done;
        }
    }

    /// Lays a slot aside that is owed to a waiter: the caller has met the demand with it, and sees
    /// to it that somebody serves the waiters. Lock-free.
    void earmark(slot_ref slot) noexcept {
        step("pool.met");
        earmarked_.push(slot.number(), earmarked_links{groups_});
    }

    /// Takes all earmarked slots, for the thread that serves the waiters: the first one, which
    /// `after_earmarked` leads on from. Lock-free.
    slot_ref take_earmarked() noexcept { return numbered(earmarked_.take_all()); }
    slot_ref after_earmarked(slot_ref slot) const noexcept {
        return numbered(index_stack::next(slot.number(), earmarked_links{groups_}));
    }

    /// Makes room for that many slots in all, none of them enabled yet. Throws `std::bad_alloc`,
    /// and then nothing has changed but that there may be more groups.
    void prepare(std::size_t slots, unsigned homes, engine_core* core) {
        const unsigned wanted = groups_for(slots, homes);
        while (groups_.count() < wanted) groups_.add(core);
        const unsigned height = free_search::height_for(groups_.count());
        if (gate_.read().height() < height) search().raise_summary(height);
    }

    /// Puts limits into force, for which `prepare` made room: at one instant; then puts slots into
    /// circulation, or takes out those that are free. The caller serves the waiters. Lock-free.
    void set_limits(count_limits limit) noexcept {
        capacity_.replace(limit);
        step("pool.limited");
        enable_missing();
        unsigned home = 0;
        bool waiters = false;  // the caller serves them in any case
        shrink(home, waiters);
    }

    /// Pays with free slots until no debt is left (then the limits of that instant) or none is free
    /// (nothing; the gate then says full). Lock-free; an admission does this too when it meets a
    /// lowering under way. Others may have paid the debt meanwhile: a slot that is then wanted by
    /// waiters is `passed_on`, and the caller sees to it that somebody serves them.
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

    /// The engine goes away: every holder of a slot settles when it lets go. Returns how many.
    std::uint32_t disable_all() noexcept {
        int held = 0;
        groups_.for_each([&](slot_group& group) {
            for (slot_word& word : group.slots) held += std::popcount(word.disable_all());
        });
        return static_cast<std::uint32_t>(held);
    }

    /// Takes everything out of circulation, for the next engine in this memory.
    void reset() noexcept {
        groups_.for_each([this](slot_group& group) {
            for (slot_word& word : group.slots) word.reset();
            // relaxed: passed on as a whole. The next engine may have another clock, of which the
            // times that are left here could be the future.
            groups_.next_due(group.number).store(0, memory_order_relaxed);
            for (atomic<nanos>& started : group.started) started.store(0, memory_order_relaxed);
            for (activity& last : group.last_activity) last.start(0);
        });
        gate_.reset();
        capacity_.reset();
    }

    /// Whether no slot is held in the group, for who has closed the gate and wants to hear of the
    /// last one.
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

    /// Who has a claim to a slot that was just given.
    enum class claimant {
        none,
        excess,  ///< the limit was lowered
        waiter,  ///< a waiter, who has to be served
        closed,  ///< who waits for the last one of a closed engine
    };

    struct earmarked_links {
        const group_table& groups;
        index_stack::link& operator()(std::uint32_t number) const noexcept {
            const slot_ref slot = groups.slot(number);
            return slot.group->next_earmarked[slot.index];
        }
    };
    slot_ref numbered(std::uint32_t number) const noexcept {
        return number == index_stack::none ? slot_ref{} : groups_.slot(number);
    }

    /// Makes it known from the bottom up that slots of the group are free.
    claimant announce(const slot_group& group) noexcept {
        gate::snapshot seen = gate_.read();
        if (seen.height() > 0) seen = search().announce(group.number, seen);
        step("pool.announced");
        if (seen.room_denied()) gate_.reopen();
        // After giving: who lowers looks for slots once it has, and one of both sees the other.
        if (capacity_.read().excess() > 0) return claimant::excess;
        if (owed_.any()) return claimant::waiter;
        return seen.closed() ? claimant::closed : claimant::none;
    }

    [[gnu::noinline]] given disable(slot_ref slot) noexcept {
        slot_word& word = slot.group->slots[slot.word()];
        if (word.disable(slot.bit()) == slot_word::duty::unpin_engine) return given::unpin_engine;
        return gate_.read().closed() ? given::closed : given::done;
    }

    // --- enabling ---------------------------------------------------------------------------

    /// Puts slots into circulation, as many of each group, until none is missing. One at a time, so
    /// that a thread that is suspended here keeps no more than one from the others. Lock-free:
    /// there are `spare_slots` more than any limit, for payers between paying and retiring.
    void enable_missing() noexcept {
        bool claimed = false;
        while (const std::uint32_t missing = capacity_.read().shortfall() + (claimed ? 1 : 0)) {
            const unsigned groups = groups_.count();
            const std::uint32_t share = (missing + groups - 1) / groups;
            for (unsigned i = 0; i < groups; ++i) enable(groups_[i], share, claimed);
        }
    }

    /// Puts at most `most` retired slots of the group into circulation. `claimed`: one is counted
    /// already.
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
        if (some) announce(group);  // who raised the limit pays debt that this meets
    }

    // --- growing ----------------------------------------------------------------------------

    /// Enough groups for the slots, at least one, and one for each core as long as they get a few
    /// slots each.
    static unsigned groups_for(std::size_t slots, unsigned homes) noexcept {
        const auto needed =
            static_cast<unsigned>((slots + spare_slots + slots_per_group - 1) / slots_per_group);
        const auto shared = static_cast<unsigned>((slots + 7) / 8);
        return std::max({needed, std::min({homes, shared, max_groups}), 1U});
    }

    // On one line, which all threads read and few write.
    alignas(cache_line) core::gate gate_;
    core::owed_slots owed_;
    core::capacity capacity_;

    alignas(cache_line) group_table groups_;
    index_stack earmarked_;
    core::summary summary_;
};

}  // namespace admit::core
