// SPDX-License-Identifier: BSL-1.0
// The life of the conversations in one slot, as one word: a generation. slot_group.hpp keeps it,
// the functions of src/lifecycle begin and end conversations with it.
//
//     even (no conversation)  --begin, by the holder of the slot-->  odd (active)
//     odd                     --end, by one compare-and-swap-->      even
//
// One thread's `end` succeeds; every other thread learns that there is no such conversation. A
// generation only grows while the process lives, also when the memory goes to another engine. So a
// stale generation never matches again.
#pragma once

#include <cstdint>

#include "base/assert.hpp"
#include "base/atomic.hpp"

namespace admit::core {

class conversation_word {
public:
    /// The word at one instant.
    struct snapshot {
        std::uint64_t generation;

        bool active() const noexcept { return (generation & 1) != 0; }
        bool active_as(std::uint64_t wanted) const noexcept {
            return generation == wanted && active();
        }
        /// The number of conversations that have begun in this slot.
        std::uint64_t begun() const noexcept { return (generation + 1) / 2; }
    };

    snapshot read() const noexcept {
        // acquire: edge begin -> read; the fields read next are of this conversation or a later
        // one.
        return {generation_.load(memory_order_acquire)};
    }

    /// Whether that conversation is active; asked after its supervisor was named.
    bool still(std::uint64_t generation) const noexcept {
        // seq_cst: edge name <-> end, the supervisor's side.
        return generation_.load(memory_order_seq_cst) == generation;
    }

    /// Begins the next conversation and returns its generation. Only for the holder of the slot.
    std::uint64_t begin() noexcept {
        // relaxed: the slot's free bit has ordered the end before this (edge give -> take).
        const std::uint64_t generation = generation_.load(memory_order_relaxed) + 1;
        ADMIT_ASSERT(generation % 2 == 1);
        // release: edge begin -> read; publishes the fields of the conversation.
        generation_.store(generation, memory_order_release);
        return generation;
    }

    /// Ends the conversation. True for exactly one caller, which then gives back the slot and the
    /// user's count.
    bool end(std::uint64_t generation) noexcept {
        // relaxed: spares a late caller the write; the compare-and-swap decides.
        if ((generation & 1) == 0 || generation_.load(memory_order_relaxed) != generation)
            return false;
        // seq_cst: edge name <-> end, for a winner that then looks for a supervisor to notify; as
        // an acquire also edge begin -> read, for the fields that the winner reads.
        // relaxed on failure: the caller reads nothing more.
        return generation_.compare_exchange_strong(generation, generation + 1, memory_order_seq_cst,
                                                   memory_order_relaxed);
    }

private:
    // Bit 0: whether a conversation is active. Bits 1-63: the number of conversations that have
    // ended. 2^63 of them do not happen.
    atomic<std::uint64_t> generation_{0};
};

}  // namespace admit::core
