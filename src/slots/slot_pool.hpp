// All slots of an engine. A free slot is found in the caller's own group, or by walking down the
// summary; that there is none is certified level by level, up to the gate.
//
//     gate                    full / closed                1 word
//       summary level h       fan_out children a word      at most `widest_top` words
//         ...
//           summary level 1
//             groups          256 free bits, one line each
//
// The height h is that of the number of groups; a small engine has none, and the gate then looks at
// the groups themselves.
//
// Limits are moved by putting slots into circulation and taking them out. What cannot be taken out
// because it is in use is owed: `quota::snapshot::debt`. While there is debt no slot is handed out;
// who gives one back, or finds one free, pays with it.
//
// What is owed to waiters is paid in the same way: `demand`. While there is demand, who gives a
// slot back, or finds one free, lays it aside for whoever serves the waiters. So nobody takes the
// room of a waiter, and nobody has to wait for the one who serves.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/get_or_install.hpp"
#include "base/index_stack.hpp"
#include "base/step.hpp"
#include "slots/capacity.hpp"
#include "slots/gate.hpp"
#include "slots/owed_slots.hpp"
#include "slots/slot_group.hpp"
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

    slot_pool() = default;
    slot_pool(const slot_pool&) = delete;
    slot_pool& operator=(const slot_pool&) = delete;
    ~slot_pool() {
        for_each_group([](slot_group& group) { delete &group; });
        for (auto& page : pages_) delete page.load(memory_order_relaxed);  // relaxed: single user
    }

    core::gate& gate() noexcept { return gate_; }
    core::owed_slots& owed() noexcept { return owed_; }
    core::capacity& capacity() noexcept { return capacity_; }
    const core::capacity& capacity() const noexcept { return capacity_; }

    unsigned group_count() const noexcept {
        // seq_cst: edge grow -> use, the groups counted here are there; and whoever proposes "full"
        // knows of every group of which a slot was given before.
        return group_count_.load(memory_order_seq_cst);
    }

    slot_group& group(unsigned number) const noexcept {
        // relaxed: as the page.
        return *page_of(number).groups[number % groups_per_page].load(memory_order_relaxed);
    }

    /// No conversation in the group is due before this; see admission/expiry. Those of many groups
    /// lie close together, so that a pass over groups in which nothing is due touches few lines.
    atomic<std::uint64_t>& next_due(unsigned number) const noexcept {
        return page_of(number).next_due[number % groups_per_page];
    }

    /// Takes a free slot; none when the engine was full at some instant within the call, which the
    /// gate then says. `home` is the group to look at first, and becomes the one to look at next
    /// time. Lock-free.
    slot_ref take(unsigned& home) noexcept {
        const unsigned groups = group_count();
        if (home >= groups) home %= groups;
        bool contended = false;
        const slot_ref slot = take_from(group(home), contended);
        if (!slot) return search(home, &take_in);
        // Threads that met at one group, since others were full, part: one line each.
        if (contended) ++home;
        return slot;
    }

    /// Whether a slot is free; false when the engine was full at some instant within the call,
    /// which the gate then says. Lock-free.
    bool any_free(unsigned home) noexcept {
        if (gate_.read().full()) return false;
        return find_in(group(home % group_count())) || search(home, &find_in);
    }

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
        earmarked_.push(slot.number(), earmarked_links{*this});
    }

    /// All slots that are laid aside, for who serves the waiters: the first, and what follows it.
    slot_ref take_earmarked() noexcept { return numbered(earmarked_.take_all()); }
    slot_ref after_earmarked(slot_ref slot) const noexcept {
        return numbered(index_stack::next(slot.number(), earmarked_links{*this}));
    }

    /// Makes room for that many slots in all, none of them in circulation yet. Throws
    /// `std::bad_alloc`, and then nothing has changed but that there may be more groups.
    void prepare(std::size_t slots, unsigned homes, engine_core* core) {
        const unsigned wanted = groups_for(slots, homes);
        while (group_count() < wanted) add_group(core);
        const unsigned height = height_for(group_count());
        if (gate_.read().height() < height) raise_summary(height);
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
        for_each_group([&](slot_group& group) {
            for (slot_word& word : group.slots) held += std::popcount(word.disable_all());
        });
        return static_cast<std::uint32_t>(held);
    }

    /// Takes everything out of circulation, for the next engine in this memory.
    void reset() noexcept {
        for_each_group([this](slot_group& group) {
            for (slot_word& word : group.slots) word.reset();
            // relaxed: passed on as a whole. The next engine may have another clock, of which the
            // times that are left here could be the future.
            next_due(group.number).store(0, memory_order_relaxed);
            for (atomic<nanos>& started : group.started) started.store(0, memory_order_relaxed);
            for (activity& last : group.last_activity) last.start(0);
        });
        gate_.reset();
        capacity_.reset();
    }

    template <class Visit>
    void for_each_group(Visit visit) const {
        const unsigned groups = group_count();
        for (unsigned i = 0; i < groups; ++i) visit(group(i));
    }

    /// Whether no slot is held in the group, for who has closed the gate and wants to hear of the
    /// last one.
    static bool idle(const slot_group& group) noexcept {
        return std::all_of(std::begin(group.slots), std::end(group.slots),
                           [](const slot_word& word) { return word.none_taken(); });
    }

    /// Visits the slots of a group that somebody holds.
    template <class Visit>
    static void for_each_taken(slot_group& group, Visit visit) {
        for (unsigned word = 0; word < words_per_group; ++word)
            for (slot_mask taken = group.slots[word].taken(); taken != 0; taken &= taken - 1)
                visit(slot_at(group, word, taken));
    }
    template <class Visit>
    void for_each_taken(Visit visit) const {
        for_each_group([&](slot_group& group) { for_each_taken(group, visit); });
    }

private:
    struct group_page {
        std::array<atomic<slot_group*>, groups_per_page> groups{};
        std::array<atomic<name_tails*>, groups_per_page / groups_per_tails> tails{};
        std::array<atomic<std::uint64_t>, groups_per_page> next_due{};

        ~group_page() {
            for (auto& each : tails)
                delete each.load(memory_order_relaxed);  // relaxed: single user
        }
    };

    group_page& page_of(unsigned number) const noexcept {
        // relaxed: read-only before the count that the caller knows was published.
        return *pages_[number / groups_per_page].load(memory_order_relaxed);
    }

    // --- taking -----------------------------------------------------------------------------

    static slot_ref take_from(slot_group& group, bool& contended) noexcept {
        for (unsigned word = 0; word < words_per_group; ++word)
            if (const slot_mask bit = group.slots[word].take_any(contended))
                return slot_at(group, word, bit);
        return {};
    }

    static slot_ref take_in(slot_group& group) noexcept {
        bool contended = false;
        return take_from(group, contended);
    }

    /// Finds a free slot without taking it.
    static slot_ref find_in(slot_group& group) noexcept {
        for (unsigned word = 0; word < words_per_group; ++word)
            if (const slot_mask free = group.slots[word].free()) return slot_at(group, word, free);
        return {};
    }

    static slot_ref slot_at(slot_group& group, unsigned word, slot_mask bit) noexcept {
        return {&group, word * slots_per_word + static_cast<unsigned>(std::countr_zero(bit))};
    }

    /// Visits groups that may have free slots until one yields a slot, or it is certain that there
    /// was none.
    template <class Visit>
    [[gnu::noinline]] slot_ref search(unsigned& home, Visit visit) noexcept {
        for (;;) {
            const unsigned height = gate_.read().height();
            const unsigned width = top_width(height);
            const unsigned first = ancestor(home, height) % width;
            for (unsigned i = 0; i < width; ++i) {
                const slot_ref slot = descend(height, (first + i) % width, home, visit);
                if (!slot) continue;
                home = slot.group->number;
                return slot;
            }
            if (certify()) return {};
        }
    }

    /// Visits what is under this node; children that turn out empty are recorded as that.
    template <class Visit>
    slot_ref descend(unsigned level, unsigned index, unsigned home, Visit& visit) noexcept {
        if (level == 0) return index < group_count() ? visit(group(index)) : slot_ref{};
        summary_word& node = summary_.node(level, index);
        const unsigned first = ancestor(home, level - 1);  // so that threads spread out
        for (unsigned i = 0; i < fan_out; ++i) {
            const unsigned child = (first + i) % fan_out;
            if (node.read().is_empty(child)) continue;
            const unsigned below = index * fan_out + child;
            if (const slot_ref slot = descend(level - 1, below, home, visit)) return slot;
            record_empty(node, child, level - 1, below);
        }
        return {};
    }

    void record_empty(summary_word& node, unsigned child, unsigned level, unsigned index) noexcept {
        const summary_word::snapshot proposal = node.propose_empty(child);
        step("summary.proposed");
        if (proposal.is_empty(child) || !looks_empty(level, index)) return;
        step("summary.looked");
        node.confirm_empty(child, proposal);
    }

    /// Tries to establish that the engine is full. False: it was not, or it changed meanwhile.
    bool certify() noexcept {
        const gate::snapshot proposal = gate_.propose_full();
        step("gate.proposed");
        if (proposal.full()) return true;
        const unsigned height = proposal.height();
        const unsigned width = top_width(height);
        for (unsigned i = 0; i < width; ++i)
            if (!looks_empty(height, i)) return false;
        step("gate.looked");
        return gate_.confirm_full(proposal);
    }

    bool looks_empty(unsigned level, unsigned index) const noexcept {
        if (level > 0) return summary_.node(level, index).read().all_empty();
        return index >= group_count() || is_empty(group(index));
    }

    static bool is_empty(const slot_group& group) noexcept {
        return std::all_of(std::begin(group.slots), std::end(group.slots),
                           [](const slot_word& word) { return word.free() == 0; });
    }

    // --- giving -----------------------------------------------------------------------------

    /// Who has a claim to a slot that was just given.
    enum class claimant {
        none,
        excess,  ///< the limit was lowered
        waiter,  ///< a waiter, who has to be served
        closed,  ///< who waits for the last one of a closed engine
    };

    struct earmarked_links {
        const slot_pool& pool;
        index_stack::link& operator()(std::uint32_t slot) const noexcept {
            return pool.group(slot / slots_per_group).next_earmarked[slot % slots_per_group];
        }
    };
    slot_ref numbered(std::uint32_t slot) const noexcept {
        if (slot == index_stack::none) return {};
        return {&group(slot / slots_per_group), slot % slots_per_group};
    }

    /// Makes it known from the bottom up that slots of the group are free.
    claimant announce(const slot_group& group) noexcept {
        gate::snapshot seen = gate_.read();
        if (seen.height() > 0) seen = announce_upwards(group.number, seen);
        step("pool.announced");
        if (seen.room_denied()) gate_.reopen();
        // After giving: who lowers looks for slots once it has, and one of both sees the other.
        if (capacity_.read().excess() > 0) return claimant::excess;
        if (owed_.any()) return claimant::waiter;
        return seen.closed() ? claimant::closed : claimant::none;
    }

    /// The same for the summary. Returns the gate as it was after that: only then is it certain
    /// that nobody has concluded "full" from what the summary said before.
    [[gnu::noinline]] gate::snapshot announce_upwards(unsigned group,
                                                      gate::snapshot seen) noexcept {
        for (;;) {
            unsigned index = group;
            for (unsigned level = 1; level <= seen.height(); ++level, index /= fan_out)
                summary_.node(level, index / fan_out).reopen(index % fan_out);
            const gate::snapshot last = gate_.read();
            if (last.height() == seen.height()) return last;
            seen = last;
        }
    }

    [[gnu::noinline]] given disable(slot_ref slot) noexcept {
        slot_word& word = slot.group->slots[slot.word()];
        if (word.disable(slot.bit()) == slot_word::duty::unpin_engine) return given::unpin_engine;
        return gate_.read().closed() ? given::closed : given::done;
    }

    // --- circulation ------------------------------------------------------------------------

    /// Puts slots into circulation, as many of each group, until none is missing. One at a time, so
    /// that a thread that is suspended here keeps no more than one from the others. Lock-free:
    /// there are `spare_slots` more than any limit, for payers between paying and retiring.
    void enable_missing() noexcept {
        bool claimed = false;
        while (const std::uint32_t missing = capacity_.read().shortfall() + (claimed ? 1 : 0)) {
            const unsigned groups = group_count();
            const std::uint32_t share = (missing + groups - 1) / groups;
            for (unsigned i = 0; i < groups; ++i) enable(group(i), share, claimed);
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

    /// Enough groups for the slots, and one for each core as long as they get a few slots each.
    static unsigned groups_for(std::size_t slots, unsigned homes) noexcept {
        const auto needed =
            static_cast<unsigned>((slots + spare_slots + slots_per_group - 1) / slots_per_group);
        const auto shared = static_cast<unsigned>((slots + 7) / 8);
        return std::max(needed, std::min({homes, shared, max_groups}));
    }

    /// The least height whose top is narrow enough to be read at one go.
    static unsigned height_for(unsigned groups) noexcept {
        unsigned height = 0;
        for (; height < summary_levels && groups > widest_top; ++height)
            groups = (groups + fan_out - 1) / fan_out;
        return height;
    }

    unsigned top_width(unsigned height) const noexcept {
        return ancestor(group_count() - 1, height) + 1;
    }

    /// Adds one group unless another thread does so first.
    void add_group(engine_core* core) {
        const unsigned number = group_count();
        group_page& page = get_or_install(pages_[number / groups_per_page],
                                          [] { return std::make_unique<group_page>(); });
        const unsigned place = number % groups_per_page;
        name_tails& tails = get_or_install(page.tails[place / groups_per_tails], [] {
            return std::make_unique_for_overwrite<name_tails>();
        });
        get_or_install(page.groups[place], [&] {
            return std::make_unique<slot_group>(core, number,
                                                tails.groups[place % groups_per_tails]);
        });
        unsigned seen = number;
        // seq_cst: edge grow -> use. relaxed on failure: another grower counted the same group.
        group_count_.compare_exchange_strong(seen, number + 1, memory_order_seq_cst,
                                             memory_order_relaxed);
    }

    /// Adds levels to the summary. They start with every child open, which is always allowed. A
    /// giver who does not know of them yet has written its bit before any thread that does can
    /// look for it: the order of both is that of their accesses to the gate.
    void raise_summary(unsigned height) noexcept {
        for (unsigned level = gate_.read().height() + 1; level <= height; ++level)
            for (summary_word& node : summary_.level(level)) node.reopen_all();
        gate_.raise_summary(height);
    }

    // On one line, which all read and few write.
    alignas(cache_line) core::gate gate_;
    core::owed_slots owed_;
    core::capacity capacity_;

    alignas(cache_line) atomic<std::uint32_t> group_count_{0};
    index_stack earmarked_;
    atomic<group_page*> pages_[group_pages] = {};
    core::summary summary_;
};

}  // namespace admit::core
