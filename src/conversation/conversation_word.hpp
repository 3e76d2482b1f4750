// The life of the conversations in one slot, as one atomic word: a generation, odd while a
// conversation holds the slot. One compare-and-swap of this word decides who ends a conversation;
// everybody else learns that there is no such conversation.
//
// Invariant: a generation only grows for as long as the process lives, also when the memory goes
// to another engine. So a stale generation never matches again.
#pragma once

#include <cstdint>

#include "base/atomic.hpp"

namespace admit::core {

class conversation_word {
public:
    /// What the word said at one instant.
    struct snapshot {
        std::uint64_t generation;

        bool active() const noexcept { return (generation & 1) != 0; }
        bool active_as(std::uint64_t which) const noexcept {
            return generation == which && active();
        }
        /// How many conversations had begun in this slot.
        std::uint64_t begun() const noexcept { return (generation + 1) / 2; }
    };

    snapshot read() const noexcept {
        // acquire: edge begin -> read; the fields read next are at least this conversation's.
        return {generation_.load(memory_order_acquire)};
    }

    /// Whether that conversation is active, for who has just named its supervisor.
    bool still(std::uint64_t which) const noexcept {
        // seq_cst: edge name <-> end, the supervisor's end.
        return generation_.load(memory_order_seq_cst) == which;
    }

    /// Starts the next conversation and returns its generation. Only the holder of the slot may.
    std::uint64_t begin() noexcept {
        // relaxed: the ending before is known through the slot's free bit (edge give -> take).
        const std::uint64_t generation = generation_.load(memory_order_relaxed) + 1;
        // release: edge begin -> read; publishes the fields of the conversation.
        generation_.store(generation, memory_order_release);
        return generation;
    }

    /// Ends the conversation: true for exactly one caller, who then has to give back what the
    /// conversation holds.
    bool end(std::uint64_t generation) noexcept {
        // relaxed: spares the loser a write; the compare-and-swap decides.
        if ((generation & 1) == 0 || generation_.load(memory_order_relaxed) != generation)
            return false;
        // acquire, in it: edge begin -> read, for the fields that the winner gives back. seq_cst:
        // edge name <-> end, for the winner that then looks for a supervisor to tell.
        // relaxed on failure: the loser reads nothing more.
        return generation_.compare_exchange_strong(generation, generation + 1, memory_order_seq_cst,
                                                   memory_order_relaxed);
    }

private:
    atomic<std::uint64_t> generation_{0};
};

}  // namespace admit::core
