// SPDX-License-Identifier: BSL-1.0
// The gate: the read-mostly word that every admission looks at first. It says whether the engine is
// full or closed, and how high the summary is. slot_pool.hpp owns it; free_search.hpp proposes and
// confirms "full". docs/design.md#full has the proof.
//
//     open      --propose_full, with a new version-->            proposed
//     proposed  --confirm_full, after all slots seen taken-->    full
//     proposed, full  --reopen, by a giver-->                    open
//     any       --close-->                                       the same and closed
//
// A giver looks at the gate after its slot is free and reopens it. That makes the confirmation of a
// proposal made before fail. So while the gate says full, every free slot belongs to a giver that
// has yet to look at the gate.
//
// Edge give <-> gate (all sequentially consistent): the giver writes the free bit and then reads
// the gate; the proposer writes the gate and then reads the free bits. So one of them sees the
// other.
#pragma once

#include "base/sizes.hpp"
#include "base/update.hpp"

namespace admit::core {

class gate {
public:
    /// The gate at one instant.
    struct snapshot {
        std::uint64_t bits;

        bool open() const noexcept { return (bits & (closed_bit | full_mask)) == 0; }
        bool closed() const noexcept { return (bits & closed_bit) != 0; }
        bool full() const noexcept { return (bits & full_mask) == full_bit; }
        /// Whether "full" is proposed or confirmed.
        bool room_denied() const noexcept { return (bits & full_mask) != 0; }
        unsigned height() const noexcept {
            return static_cast<unsigned>((bits & height_mask) >> height_shift);
        }
    };

    snapshot read() const noexcept {
        // seq_cst: edge give <-> gate, the giver's side; and a call that begins after `close`
        // returned sees it.
        return snapshot{bits_.load(memory_order_seq_cst)};
    }

    /// First step to "full". Returns the proposal to confirm, which may be another thread's, or the
    /// gate if that is full already.
    snapshot propose_full() noexcept {
        // seq_cst: edge give <-> gate, the proposer's side; a failure is judged like `read`.
        return snapshot{
            update(bits_, memory_order_seq_cst, memory_order_seq_cst, [](std::uint64_t seen) {
                return (seen & full_mask) != 0 ? seen : (seen + version_one) | proposed_bit;
            }).after};
    }

    /// Last step to "full", after all slots were seen taken since `proposal` was read.
    bool confirm_full(snapshot proposal) noexcept {
        ADMIT_ASSERT(proposal.room_denied() && !proposal.full());
        std::uint64_t seen = proposal.bits;
        const std::uint64_t full = (seen & ~full_mask) | full_bit;
        // seq_cst: edge give <-> gate. relaxed on failure: nothing is read afterwards.
        return bits_.compare_exchange_strong(seen, full, memory_order_seq_cst,
                                             memory_order_relaxed);
    }

    /// There is room again: withdraws "full" and every proposal of it.
    void reopen() noexcept {
        // seq_cst: edge give <-> gate, the giver's side; a failure is judged like `read`.
        update(bits_, memory_order_seq_cst, memory_order_seq_cst,
               [](std::uint64_t seen) { return seen & ~full_mask; });
    }

    void close() noexcept {
        // seq_cst: edge give <-> gate; every call that begins after this sees it.
        bits_.fetch_or(closed_bit, memory_order_seq_cst);
    }

    /// Raises the height to at least this. The new levels are open already.
    void raise_summary(unsigned height) noexcept {
        ADMIT_ASSERT(height <= summary_levels);
        // seq_cst: edge give <-> gate; a giver that reads the old height has written its bit.
        update(bits_, memory_order_seq_cst, memory_order_seq_cst, [=](std::uint64_t seen) {
            return snapshot{seen}.height() >= height
                       ? seen
                       : (seen & ~height_mask) | std::uint64_t{height} << height_shift;
        });
    }

    /// Opens the gate for a new engine in this memory. Version and height stay.
    void reset() noexcept {
        // seq_cst: as every change of the gate; there is no contention here.
        bits_.fetch_and(~(closed_bit | full_mask), memory_order_seq_cst);
    }

private:
    static constexpr std::uint64_t closed_bit = 1;
    static constexpr std::uint64_t proposed_bit = 2;
    static constexpr std::uint64_t full_bit = 4;
    static constexpr std::uint64_t full_mask = proposed_bit | full_bit;
    static constexpr unsigned height_shift = 3;
    static constexpr std::uint64_t height_mask = std::uint64_t{3} << height_shift;
    static constexpr std::uint64_t version_one = std::uint64_t{1} << 5;

    // Bit 0: closed. Bit 1: "full" is proposed. Bit 2: full; never both. Bits 3-4: the height of
    // the summary. Bits 5-63: a version, new with every proposal; 2^59 of some 40 ns do not happen.
    atomic<std::uint64_t> bits_{0};
};

}  // namespace admit::core
