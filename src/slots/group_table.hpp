// SPDX-License-Identifier: BSL-1.0
// The groups of slots of one engine, in pages. Groups are added and never removed. slot_pool.hpp
// owns the table; free_search.hpp looks for free slots in it.
#pragma once

#include <array>

#include "base/get_or_install.hpp"
#include "slots/slot_group.hpp"

namespace admit::core {

class group_table {
public:
    ~group_table() {
        for_each([](slot_group& group) { delete &group; });
        for (auto& page : pages_) delete page.load(memory_order_relaxed);  // relaxed: single user
    }

    /// The number of groups; at least one after the first `add`.
    unsigned count() const noexcept {
        // seq_cst: edge grow -> use. The groups counted here exist, and a proposer of "full" knows
        // every group from which a slot was given before.
        return count_.load(memory_order_seq_cst);
    }

    slot_group& operator[](unsigned number) const noexcept {
        // relaxed: as in `page_of`.
        return *page_of(number).groups[number % groups_per_page].load(memory_order_relaxed);
    }

    /// The slot with that number, which is in one of the groups.
    slot_ref slot(std::uint32_t number) const noexcept {
        return slot_in(&(*this)[number / slots_per_group], number);
    }

    /// The instant before which no conversation in the group is due; see lifecycle/expiry.hpp. The
    /// instants of many groups lie close together, so that a pass over groups in which nothing is
    /// due touches few lines.
    atomic<std::uint64_t>& next_due(unsigned number) const noexcept {
        return page_of(number).next_due[number % groups_per_page];
    }

    template <class Visit>
    void for_each(Visit visit) const {
        const unsigned groups = count();
        for (unsigned i = 0; i < groups; ++i) visit((*this)[i]);
    }

    /// Adds a group, unless another thread adds it first. `timed` says whether the lengths of
    /// conversations are recorded. Throws `std::bad_alloc`.
    void add(engine_core* core, bool timed) {
        const unsigned number = count();
        ADMIT_ASSERT(number < max_groups);
        group_page& page = get_or_install(pages_[number / groups_per_page],
                                          [] { return std::make_unique<group_page>(); });
        const unsigned place = number % groups_per_page;
        name_tails& tails = get_or_install(page.tails[place / groups_per_tails], [] {
            return std::make_unique_for_overwrite<name_tails>();
        });
        get_or_install(page.groups[place], [&] {
            auto group =
                std::make_unique<slot_group>(core, number, tails.groups[place % groups_per_tails]);
            for (slot_record& each : group->record) each.conversation.reset(timed);
            return group;
        });
        unsigned seen = number;
        // seq_cst: edge grow -> use. relaxed on failure: another grower counted the same group.
        count_.compare_exchange_strong(seen, number + 1, memory_order_seq_cst,
                                       memory_order_relaxed);
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
        // relaxed: the page was installed before the count that the caller has read.
        return *pages_[number / groups_per_page].load(memory_order_relaxed);
    }

    atomic<std::uint32_t> count_{0};
    atomic<group_page*> pages_[group_pages] = {};
};

/// Visits the taken slots of a group.
template <class Visit>
void for_each_taken(slot_group& group, Visit visit) {
    for (unsigned word = 0; word < words_per_group; ++word)
        for (slot_mask taken = group.slots[word].taken(); taken != 0; taken &= taken - 1)
            visit(slot_at(group, word, taken));
}

}  // namespace admit::core
