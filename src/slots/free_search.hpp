// SPDX-License-Identifier: BSL-1.0
// The search for a free slot: first in the caller's home group, then down the summary. "None is
// free" is certified level by level, up to the gate. slot_pool.hpp makes a search for each call.
//
//     gate                    full / closed                1 word
//       summary level h       fan_out children a word      at most `widest_top` words
//         ...
//           summary level 1
//             groups          256 free bits, one line each
//
// The height h follows from the number of groups. A small engine has height 0: under the gate are
// the groups themselves.
#pragma once

#include "slots/gate.hpp"
#include "slots/group_table.hpp"
#include "slots/summary.hpp"

namespace admit::core {

class free_search {
public:
    free_search(core::gate& gate, core::summary& summary, const group_table& groups) noexcept
        : gate_{gate}, summary_{summary}, groups_{groups} {}

    /// Takes a free slot. None when the engine was full at some instant within the call; the gate
    /// then says so. `home` is the group to look at first, and becomes that of the next call.
    /// Lock-free.
    slot_ref take(unsigned& home) noexcept {
        const unsigned groups = groups_.count();
        if (home >= groups) home %= groups;
        bool contended = false;
        const slot_ref slot = take_from(groups_[home], contended);
        if (!slot) return search(home, &take_in);
        // Two threads have met at this group; afterwards each has a line for itself.
        if (contended) ++home;
        return slot;
    }

    /// Whether a slot is free. False when the engine was full at some instant within the call; the
    /// gate then says so. Lock-free.
    bool any_free(unsigned home) noexcept {
        if (gate_.read().full()) return false;
        return find_in(groups_[home % groups_.count()]) || search(home, &find_in);
    }

    /// Opens the nodes above a group, from the bottom up, after one of its slots became free.
    /// Returns the gate as read after that: a "full" that was concluded from the summary before is
    /// seen there.
    [[gnu::noinline]] gate::snapshot announce(unsigned group, gate::snapshot seen) noexcept {
        for (;;) {
            unsigned index = group;
            for (unsigned level = 1; level <= seen.height(); ++level, index /= fan_out)
                summary_.node(level, index / fan_out).reopen(index % fan_out);
            const gate::snapshot last = gate_.read();
            if (last.height() == seen.height()) return last;
            seen = last;
        }
    }

    /// Adds levels to the summary. They start with every child open, which is always allowed. A
    /// giver that does not know of them yet has written its bit before a thread that does can look
    /// for it: both access the gate in that order.
    void raise_summary(unsigned height) noexcept {
        for (unsigned level = gate_.read().height() + 1; level <= height; ++level)
            for (summary_word& node : summary_.level(level)) node.reopen_all();
        gate_.raise_summary(height);
    }

    /// The least height with at most `widest_top` words at its top.
    static unsigned height_for(unsigned groups) noexcept {
        unsigned height = 0;
        for (; height < summary_levels && groups > widest_top; ++height)
            groups = (groups + fan_out - 1) / fan_out;
        return height;
    }

private:
    [[gnu::always_inline]] static slot_ref take_from(slot_group& group, bool& contended) noexcept {
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

    /// Visits groups that may have free slots until a visit yields a slot, or until it is certain
    /// that none was free.
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

    /// Visits the groups under this node. Records children that turn out empty.
    template <class Visit>
    slot_ref descend(unsigned level, unsigned index, unsigned home, Visit& visit) noexcept {
        if (level == 0) return index < groups_.count() ? visit(groups_[index]) : slot_ref{};
        summary_word& node = summary_.node(level, index);
        const unsigned first = ancestor(home, level - 1);  // threads spread out
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

    /// Tries to establish that the engine is full. False if it was not, or if it changed meanwhile.
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
        return index >= groups_.count() || !find_in(groups_[index]);
    }

    unsigned top_width(unsigned height) const noexcept {
        return ancestor(groups_.count() - 1, height) + 1;
    }

    core::gate& gate_;
    core::summary& summary_;
    const group_table& groups_;
};

}  // namespace admit::core
