// One node of the summary over the free slots: for each of its children, whether slots under it may
// be free. "Open" is a hint and may be stale; "empty" is authoritative, and is set like the gate's
// "full" in three steps: propose, look again, confirm. Whoever gives a slot back visits its nodes
// from the bottom up, opening those that are not, and the gate last.
//
// Invariant: while a child is empty, every free slot under it belongs to a giver who has yet to
// visit this node. Proof: the confirmation succeeds only if the word did not change since the
// proposal was read, and all under the child was seen taken since then. A slot that is free now was
// given after it was seen taken, so after the proposal; had its giver visited this node, it would
// have changed the word. One level up the same holds with "node empty" for "slot taken".
//
// Edge give <-> summary, sequentially consistent like give <-> gate: the giver writes below and
// then reads here, the proposer writes here and then reads below.
#pragma once

#include <cstdint>

#include "base/atomic.hpp"
#include "base/sizes.hpp"

namespace admit::core {

class summary_word {
public:
    class snapshot {
    public:
        /// Nothing under any child.
        bool all_empty() const noexcept { return (bits_ & children_mask) == 0; }
        bool is_empty(unsigned child) const noexcept { return state(child) == empty; }

    private:
        friend class summary_word;
        explicit snapshot(std::uint64_t bits) noexcept : bits_{bits} {}
        std::uint64_t state(unsigned child) const noexcept { return bits_ >> (2 * child) & 3; }
        std::uint64_t with(unsigned child, std::uint64_t state) const noexcept {
            return (bits_ & ~(std::uint64_t{3} << (2 * child))) | state << (2 * child);
        }
        std::uint64_t bits_;
    };

    snapshot read() const noexcept {
        // seq_cst: edge give <-> summary.
        return snapshot{bits_.load(memory_order_seq_cst)};
    }

    /// First step to "empty". Returns what to confirm, be the proposal ours or another's.
    snapshot propose_empty(unsigned child) noexcept {
        snapshot seen = read();
        while (seen.state(child) == open) {
            const std::uint64_t wanted = seen.with(child, proposed) + version_one;
            // seq_cst: edge give <-> summary, the proposer's end.
            if (bits_.compare_exchange_weak(seen.bits_, wanted, memory_order_seq_cst,
                                            memory_order_seq_cst))
                return snapshot{wanted};
        }
        return seen;
    }

    /// Last step to "empty", after all under the child was seen taken since `proposal` was read.
    bool confirm_empty(unsigned child, snapshot proposal) noexcept {
        std::uint64_t seen = proposal.bits_;
        const std::uint64_t wanted = proposal.with(child, empty);
        // seq_cst: edge give <-> summary. relaxed on failure: nothing is read afterwards.
        return bits_.compare_exchange_strong(seen, wanted, memory_order_seq_cst,
                                             memory_order_relaxed);
    }

    /// Slots under the child may be free.
    void reopen(unsigned child) noexcept {
        snapshot seen = read();
        while (seen.state(child) != open) {
            // seq_cst: edge give <-> summary, the giver's end.
            if (bits_.compare_exchange_weak(seen.bits_, seen.with(child, open),
                                            memory_order_seq_cst, memory_order_seq_cst))
                return;
        }
    }

    /// Slots under every child may be free; for a level that comes into use.
    void reopen_all() noexcept {
        snapshot seen = read();
        // seq_cst: edge give <-> summary, the giver's end.
        while (!bits_.compare_exchange_weak(seen.bits_, (seen.bits_ & ~children_mask) | all_open,
                                            memory_order_seq_cst, memory_order_seq_cst)) {
        }
    }

private:
    static constexpr std::uint64_t empty = 0;
    static constexpr std::uint64_t proposed = 1;
    static constexpr std::uint64_t open = 2;
    static constexpr std::uint64_t children_mask = (std::uint64_t{1} << 32) - 1;
    static constexpr std::uint64_t all_open = 0xAAAAAAAA >> (32 - 2 * fan_out);
    // New with every proposal; wraps after 2^32 of them, like the gate's.
    static constexpr std::uint64_t version_one = std::uint64_t{1} << 32;
    static_assert(fan_out * 2 <= 32);

    atomic<std::uint64_t> bits_{0};
};

}  // namespace admit::core
