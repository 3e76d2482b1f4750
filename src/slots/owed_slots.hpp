// SPDX-License-Identifier: BSL-1.0
// The number of slots that are owed to waiters and not yet earmarked. While a slot is owed, a
// thread that gives a slot back, or takes one for a new conversation, earmarks it first.
// slot_pool.hpp and starting.hpp pay; waiting_room.cpp and granting.hpp add, pay and balance.
//
// Edge owe <-> give (sequentially consistent, like give <-> gate): a waiter is added here, and then
// a pass looks for free slots; a giver makes its slot free and then reads here. So one of them sees
// the other, and no slot stays free beside a waiter. The edge also keeps a call that begins when a
// wait has returned from taking that waiter's room.
#pragma once

#include "base/update.hpp"

namespace admit::core {

class owed_slots {
public:
    /// The numbers at one instant.
    struct snapshot {
        std::uint32_t owed;
        std::uint32_t expected;  ///< waiters that no pass has seen; a slot may be owed to each
    };

    /// Whether a slot is owed. Asked after the caller has taken, or given back, a slot.
    bool any() const noexcept {
        // seq_cst: edge owe <-> give, the giver's side.
        return unpack(bits_.load(memory_order_seq_cst)).owed != 0;
    }

    snapshot read() const noexcept {
        // relaxed: old numbers do no harm, see `granting::balance`.
        return unpack(bits_.load(memory_order_relaxed));
    }

    /// Counts one more slot as owed. The caller looks for free slots afterwards, or has the waiters
    /// served.
    void add() noexcept {
        // seq_cst: edge owe <-> give, the waiter's side; as a release also edge owe -> pay.
        [[maybe_unused]] const std::uint64_t before = bits_.fetch_add(1, memory_order_seq_cst);
        ADMIT_ASSERT(unpack(before).owed + 1 != 0);
    }

    /// A waiter will count on its user's lane, and then be seen by a pass.
    void expect() noexcept {
        // relaxed: edge wait -> discharge carries it to the ending that hands over a slot, and with
        // the slot to the pass.
        bits_.fetch_add(expected_one, memory_order_relaxed);
    }

    /// A pass has seen such a waiter, or it was rejected.
    void arrived() noexcept {
        // relaxed: a number.
        [[maybe_unused]] const std::uint64_t before =
            bits_.fetch_sub(expected_one, memory_order_relaxed);
        ADMIT_ASSERT(unpack(before).expected > 0);
    }

    /// Counts one slot less as owed: the caller earmarks a slot, or a waiter has gone. False if no
    /// slot was owed.
    bool pay() noexcept {
        // acquire: edge owe -> pay; a pass that has the slot in hand knows for how many waiters to
        // keep it. relaxed on failure: no slot is owed.
        return bool{update(bits_, memory_order_acquire, memory_order_relaxed,
                           [](auto seen) { return seen - (unpack(seen).owed != 0 ? 1 : 0); })};
    }

private:
    static constexpr std::uint64_t expected_one = std::uint64_t{1} << 32;

    static constexpr snapshot unpack(std::uint64_t bits) noexcept {
        return {.owed = static_cast<std::uint32_t>(bits),
                .expected = static_cast<std::uint32_t>(bits >> 32)};
    }

    // Bits 0-31: owed. Bits 32-63: expected.
    atomic<std::uint64_t> bits_{0};
};

}  // namespace admit::core
