// How many slots are owed to waiters and not yet laid aside for them. As long as there is demand,
// nobody keeps a slot for something else: who gives one back, or takes one to start a conversation,
// meets the demand with it first.
//
// Edge owe <-> give (sequentially consistent, like give <-> gate): who serves the waiters adds to
// the demand and then looks for free slots; a giver makes its slot free and then looks at the
// demand. So one of them sees the other, and no slot stays free beside a waiter. It is also what
// keeps a `try_admit` that begins after a waiter has its place from taking that waiter's room.
#pragma once

#include <cstdint>

#include "base/atomic.hpp"

namespace admit::core {

class owed_slots {
public:
    /// Whether a slot is owed. Read after the caller has taken, or given back, a slot.
    bool any() const noexcept {
        // seq_cst: edge owe <-> give, the giver's end.
        return owed_.load(memory_order_seq_cst) != 0;
    }

    /// One more slot is owed. The caller looks for free ones afterwards.
    void add() noexcept {
        // seq_cst: edge owe <-> give, the server's end.
        owed_.fetch_add(1, memory_order_seq_cst);
    }

    /// One slot less is owed: the caller lays one aside, or a waiter has gone. False: none was.
    bool pay() noexcept {
        // relaxed: the compare-and-swap decides.
        std::uint32_t seen = owed_.load(memory_order_relaxed);
        while (seen != 0) {
            // relaxed: a number; the slot itself goes by edge push -> pop.
            if (owed_.compare_exchange_weak(seen, seen - 1, memory_order_relaxed,
                                            memory_order_relaxed))
                return true;
        }
        return false;
    }

private:
    atomic<std::uint32_t> owed_{0};
};

}  // namespace admit::core
