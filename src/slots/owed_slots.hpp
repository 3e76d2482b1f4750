// SPDX-License-Identifier: BSL-1.0
// The number of slots that are owed to waiters and not yet earmarked. While a slot is owed, a
// thread that gives a slot back, or takes one for a new conversation, earmarks it first.
// slot_pool.hpp and starting.hpp pay; the combiner of the waiters (granting.cpp) adds.
//
// Edge owe <-> give (sequentially consistent, like give <-> gate): the combiner adds here and then
// looks for free slots; a giver makes its slot free and then reads here. So one of them sees the
// other, and no slot stays free beside a waiter. The edge also keeps a `try_admit` that begins
// after a waiter has its place from taking that waiter's room.
#pragma once

#include "base/update.hpp"

namespace admit::core {

class owed_slots {
public:
    /// Whether a slot is owed. Asked after the caller has taken, or given back, a slot.
    bool any() const noexcept {
        // seq_cst: edge owe <-> give, the giver's side.
        return owed_.load(memory_order_seq_cst) != 0;
    }

    /// Counts one more slot as owed. The caller looks for free slots afterwards.
    void add() noexcept {
        // seq_cst: edge owe <-> give, the combiner's side.
        [[maybe_unused]] const std::uint32_t before = owed_.fetch_add(1, memory_order_seq_cst);
        ADMIT_ASSERT(before + 1 != 0);
    }

    /// Counts one slot less as owed: the caller earmarks a slot, or a waiter has gone. False if no
    /// slot was owed.
    bool pay() noexcept {
        // relaxed: a number; the slot itself goes by edge push -> pop.
        return bool{update(owed_, memory_order_relaxed, memory_order_relaxed,
                           [](std::uint32_t seen) { return seen - (seen != 0 ? 1 : 0); })};
    }

private:
    // All 32 bits: the number.
    atomic<std::uint32_t> owed_{0};
};

}  // namespace admit::core
