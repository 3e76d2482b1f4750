// SPDX-License-Identifier: BSL-1.0
// The limits in force and the number of enabled slots, as one word. A limit changes in one step,
// and excess and shortfall are differences of numbers that held at the same time. slot_pool.hpp
// enables and disables the slots; docs/design.md#limits-that-change explains how.
//
//     enabled below the limit: shortfall   --grow_one-->    enabled + 1, then a slot is enabled
//     enabled above the limit: excess      --shrink_one-->  enabled - 1, then a slot is disabled
//
// Never are more slots taken or free than `enabled` says. So a slot is counted before it is
// enabled, and counted off before its holder disables it. `enabled` only moves towards
// `limit.total`.
//
// Edge give <-> capacity (all sequentially consistent): the thread that lowers the limit writes
// this word and then looks for free slots; a giver makes its slot free and then reads this word. So
// one of them sees the other, and no slot stays free above the limit.
#pragma once

#include <algorithm>

#include "base/atomic.hpp"

namespace admit::core {

/// The limit on the conversations of all users, and on those of each user. Aligned as a word: for a
/// smaller alignment clang 14 makes a library call of each atomic access.
struct alignas(std::uint64_t) count_limits {
    std::uint32_t total = 0;
    std::uint32_t per_user = 0;
};

class capacity {
public:
    /// Neither limit is above this.
    static constexpr std::uint32_t max_count = (std::uint32_t{1} << 21) - 1;

    /// The word at one instant.
    struct snapshot {
        count_limits limit;
        std::uint32_t enabled = 0;

        /// Enabled slots above the limit, which have still to be disabled.
        std::uint32_t excess() const noexcept { return enabled - std::min(enabled, limit.total); }
        /// Slots that have still to be enabled.
        std::uint32_t shortfall() const noexcept {
            return limit.total - std::min(enabled, limit.total);
        }
    };

    snapshot read() const noexcept {
        // seq_cst: edge give <-> capacity, the giver's side; and a call that begins after
        // `set_limits` returned sees its limits.
        return unpack(bits_.load(memory_order_seq_cst));
    }

    /// Puts limits into force, and returns those before. The caller then enables or disables slots.
    /// Lock-free.
    count_limits replace(count_limits limit) noexcept {
        ADMIT_ASSERT(limit.total <= max_count && limit.per_user <= max_count);
        // relaxed, also on failure: the compare-and-swap decides.
        std::uint64_t seen = bits_.load(memory_order_relaxed);
        // seq_cst: edge give <-> capacity, the side of the thread that lowers; every call that
        // begins after this sees it. So limits that are the same are written as well.
        while (!bits_.compare_exchange_weak(seen,
                                            pack({.limit = limit, .enabled = unpack(seen).enabled}),
                                            memory_order_seq_cst, memory_order_relaxed)) {
        }
        return unpack(seen).limit;
    }

    /// Counts one slot off if there is excess. The caller holds a slot, and then disables it.
    bool shrink_one() noexcept {
        return count(~one_slot + 1, [](const snapshot& seen) { return seen.excess() > 0; });
    }

    /// Counts one slot more if there is a shortfall. The caller then enables a slot.
    bool grow_one() noexcept {
        return count(one_slot, [](const snapshot& seen) { return seen.shortfall() > 0; });
    }

    /// No limit and no enabled slot, for a new engine in this memory.
    void reset() noexcept {
        // relaxed: the memory is passed on as a whole.
        bits_.store(0, memory_order_relaxed);
    }

private:
    static constexpr unsigned width = 21;
    static constexpr std::uint64_t one_slot = std::uint64_t{1} << 2 * width;

    static constexpr std::uint64_t pack(const snapshot& s) noexcept {
        return std::uint64_t{s.enabled} << 2 * width | std::uint64_t{s.limit.total} << width |
               s.limit.per_user;
    }
    static constexpr snapshot unpack(std::uint64_t bits) noexcept {
        return {.limit = {.total = static_cast<std::uint32_t>(bits >> width) & max_count,
                          .per_user = static_cast<std::uint32_t>(bits) & max_count},
                .enabled = static_cast<std::uint32_t>(bits >> 2 * width)};
    }

    /// Counts slots while that is `due`: true if it was.
    template <class Due>
    bool count(std::uint64_t difference, Due due) noexcept {
        // relaxed, also on failure: the compare-and-swap decides.
        std::uint64_t seen = bits_.load(memory_order_relaxed);
        while (due(unpack(seen))) {
            ADMIT_ASSERT(unpack(seen + difference).enabled <= max_count);
            // relaxed: a number; the slot itself goes by edge give -> take.
            if (bits_.compare_exchange_weak(seen, seen + difference, memory_order_relaxed,
                                            memory_order_relaxed))
                return true;
        }
        return false;
    }

    // Bits 0-20: limit.per_user. Bits 21-41: limit.total. Bits 42-62: enabled. Bit 63: clear.
    atomic<std::uint64_t> bits_{0};
};

}  // namespace admit::core
