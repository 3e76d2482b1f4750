// SPDX-License-Identifier: BSL-1.0
// The summary over the groups of slots. A node says for each child whether slots under it may be
// free: "open" is a hint and may be stale, "empty" is authoritative. free_search.hpp walks it.
//
//     open             --propose_empty, with a new version-->             proposed
//     proposed         --confirm_empty, after all under it seen taken-->  empty
//     proposed, empty  --reopen, by a giver-->                            open
//
// A giver visits its nodes from the bottom up, and the gate last.
//
// Invariant: while a child is empty, every free slot under it belongs to a giver that has yet to
// visit this node. Proof: the confirmation succeeds only if the word did not change since the
// proposal was read, and all under the child was seen taken since then. A slot that is free now was
// given after it was seen taken, so after the proposal. Had its giver visited this node, it would
// have changed the word. One level up the same holds with "node empty" for "slot taken".
//
// Edge give <-> summary, sequentially consistent like give <-> gate: the giver writes below and
// then reads here, the proposer writes here and then reads below.
#pragma once

#include <array>
#include <bit>
#include <span>

#include "base/sizes.hpp"
#include "base/update.hpp"

namespace admit::core {

class summary_word {
public:
    /// The node at one instant.
    struct snapshot {
        std::uint64_t bits;

        /// Whether no slot is under any child.
        bool all_empty() const noexcept { return (bits & children_mask) == 0; }
        bool is_empty(unsigned child) const noexcept { return state(child) == empty; }
        std::uint64_t state(unsigned child) const noexcept { return bits >> (2 * child) & 3; }
        std::uint64_t with(unsigned child, std::uint64_t state) const noexcept {
            return (bits & ~(std::uint64_t{3} << (2 * child))) | state << (2 * child);
        }
    };

    snapshot read() const noexcept {
        // seq_cst: edge give <-> summary.
        return snapshot{bits_.load(memory_order_seq_cst)};
    }

    /// First step to "empty". Returns the proposal to confirm, which may be another thread's, or
    /// the node if the child is empty already.
    snapshot propose_empty(unsigned child) noexcept {
        // seq_cst: edge give <-> summary, the proposer's side; a failure is judged like `read`.
        return snapshot{
            update(bits_, memory_order_seq_cst, memory_order_seq_cst, [=](std::uint64_t seen) {
                const snapshot node{seen};
                return node.state(child) != open ? seen : node.with(child, proposed) + version_one;
            }).after};
    }

    /// Last step to "empty", after all under the child was seen taken since `proposal` was read.
    bool confirm_empty(unsigned child, snapshot proposal) noexcept {
        ADMIT_ASSERT(proposal.state(child) == proposed);
        std::uint64_t seen = proposal.bits;
        const std::uint64_t wanted = proposal.with(child, empty);
        // seq_cst: edge give <-> summary. relaxed on failure: nothing is read afterwards.
        return bits_.compare_exchange_strong(seen, wanted, memory_order_seq_cst,
                                             memory_order_relaxed);
    }

    /// Slots under the child may be free.
    void reopen(unsigned child) noexcept {
        // seq_cst: edge give <-> summary, the giver's side; a failure is judged like `read`.
        update(bits_, memory_order_seq_cst, memory_order_seq_cst,
               [=](std::uint64_t seen) { return snapshot{seen}.with(child, open); });
    }

    /// Slots under every child may be free; for a level that comes into use.
    void reopen_all() noexcept {
        // seq_cst: as in `reopen`.
        update(bits_, memory_order_seq_cst, memory_order_seq_cst,
               [](std::uint64_t seen) { return (seen & ~children_mask) | all_open; });
    }

private:
    static constexpr std::uint64_t empty = 0;
    static constexpr std::uint64_t proposed = 1;
    static constexpr std::uint64_t open = 2;
    static constexpr std::uint64_t children_mask = (std::uint64_t{1} << 32) - 1;
    static constexpr std::uint64_t all_open = 0xAAAAAAAA >> (32 - 2 * fan_out);
    static constexpr std::uint64_t version_one = std::uint64_t{1} << 32;
    static_assert(fan_out * 2 <= 32);

    // Bits 2c and 2c + 1: the state of child c. Bits 32-63: a version, new with every proposal; it
    // wraps after 2^32 of them, docs/design.md#what-wraps.
    atomic<std::uint64_t> bits_{0};
};

/// The number of the node `levels` above a group or node with that number.
constexpr unsigned ancestor(unsigned number, unsigned levels) noexcept {
    static_assert(std::has_single_bit(fan_out));
    return number >> (levels * static_cast<unsigned>(std::countr_zero(fan_out)));
}

/// The nodes, level by level. The children of a node of level 1 are groups, those of level k + 1
/// are nodes of level k.
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
