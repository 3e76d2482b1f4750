// SPDX-License-Identifier: BSL-1.0
// The nodes of the summary over the groups of slots, level by level. The children of a node of
// level 1 are groups, those of level k + 1 are nodes of level k. free_search.hpp walks them.
#pragma once

#include <array>
#include <bit>
#include <span>

#include "base/sizes.hpp"
#include "slots/summary_word.hpp"

namespace admit::core {

/// The number of the node `levels` above a group or node with that number.
constexpr unsigned ancestor(unsigned number, unsigned levels) noexcept {
    static_assert(std::has_single_bit(fan_out));
    return number >> (levels * static_cast<unsigned>(std::countr_zero(fan_out)));
}

class summary {
public:
    summary_word& node(unsigned level, unsigned index) noexcept {
        return nodes_[first_of[level] + index];
    }
    const summary_word& node(unsigned level, unsigned index) const noexcept {
        return nodes_[first_of[level] + index];
    }

    /// All nodes of a level, also those without groups under them.
    std::span<summary_word> level(unsigned level) noexcept {
        return std::span{nodes_}.subspan(first_of[level], first_of[level + 1] - first_of[level]);
    }

private:
    /// Where each level begins; the last entry is the number of nodes in all.
    static constexpr auto first_of = [] {
        std::array<unsigned, summary_levels + 2> first{};
        for (unsigned level = 1; level <= summary_levels; ++level)
            first[level + 1] = first[level] + ancestor(max_groups - 1, level) + 1;
        return first;
    }();

    alignas(cache_line) summary_word nodes_[first_of.back()];
};

}  // namespace admit::core
