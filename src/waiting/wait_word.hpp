// What became of one who waits, as one atomic word: a generation and a state. One compare-and-swap
// decides between whoever wants to wake the waiter and whoever wants to take it back (cancellation,
// time-out, destruction); an error code never does.
//
//     idle --arm--> waiting --claim--> claimed --finish--> idle, generation + 1
//                      |                  |  |
//                      |                  |  '--leave--> left --finish--> idle, generation + 1
//                      |               release: waiting once more
//                      '---withdraw, leave--> withdrawn --finish--> idle, generation + 1
//
// `leave` is for one who can be told more than once: if somebody is just telling, it leaves the
// rest to that one.
//
// Who may touch the cell around the word:
//     idle        whoever took the cell from the stack of free ones
//     waiting     readers who then claim or withdraw; what they read is true if they succeed
//     claimed     the claimer, and through it what the waiter left in the cell
//     left        the claimer
//     withdrawn   the withdrawer until it has handed the cell in; then who serves the waiters
#pragma once

#include <cstdint>

#include "base/atomic.hpp"

namespace admit::core {

class wait_word {
public:
    class snapshot {
    public:
        bool waiting() const noexcept { return (bits_ & state_mask) == waiting_state; }
        bool claimed() const noexcept { return (bits_ & state_mask) == claimed_state; }
        /// Somebody waits, is just being woken, or has left while it was.
        bool referred() const noexcept {
            return waiting() || claimed() || (bits_ & state_mask) == departed_state;
        }
        std::uint64_t generation() const noexcept { return bits_ >> state_bits; }

    private:
        friend class wait_word;
        explicit snapshot(std::uint64_t bits) noexcept : bits_{bits} {}
        std::uint64_t bits_;
    };

    snapshot read() const noexcept {
        // acquire: edge arm -> claim, for who reads the cell before it tries.
        return snapshot{bits_.load(memory_order_acquire)};
    }

    /// The owner of an idle cell has filled it: from now on the waiter can be woken. Returns the
    /// generation, by which alone it can be taken back.
    std::uint64_t arm() noexcept {
        // relaxed: the owner's; it came by edge push -> pop.
        const std::uint64_t generation = bits_.load(memory_order_relaxed) >> state_bits;
        // release: edge arm -> claim.
        bits_.store(generation << state_bits | waiting_state, memory_order_release);
        return generation;
    }

    /// The right to wake the waiter of that generation, for one caller.
    bool claim(std::uint64_t generation) noexcept {
        return move(generation, waiting_state, claimed_state);
    }

    /// The right to take the waiter of that generation back, for one caller.
    bool withdraw(std::uint64_t generation) noexcept {
        return move(generation, waiting_state, withdrawn_state);
    }

    /// Goes away, and does not come back. True: the caller finishes; false: a claimer does.
    bool depart(std::uint64_t generation) noexcept {
        while (!withdraw(generation))
            if (move(generation, claimed_state, departed_state)) return false;
        return true;
    }

    /// The claimer has done what it could, and the waiter goes on waiting. False: it has left, and
    /// the claimer finishes.
    bool unclaim() noexcept {
        // relaxed: the generation is the claimer's own.
        const std::uint64_t generation = bits_.load(memory_order_relaxed) >> state_bits;
        return move(generation, claimed_state, waiting_state);
    }

    /// Nobody refers to the waiter any more; the cell can be used again.
    void finish() noexcept {
        // relaxed: nobody else changes the word by now.
        const std::uint64_t generation = bits_.load(memory_order_relaxed) >> state_bits;
        // release: edge finish -> read, for who waits until a claim has come to its end.
        bits_.store((generation + 1) << state_bits | idle_state, memory_order_release);
    }

private:
    static constexpr std::uint64_t idle_state = 0;
    static constexpr std::uint64_t waiting_state = 1;
    static constexpr std::uint64_t claimed_state = 2;
    static constexpr std::uint64_t departed_state = 3;
    static constexpr std::uint64_t withdrawn_state = 4;
    static constexpr unsigned state_bits = 3;
    static constexpr std::uint64_t state_mask = 7;

    bool move(std::uint64_t generation, std::uint64_t from, std::uint64_t to) noexcept {
        std::uint64_t seen = generation << state_bits | from;
        // release, from a claimer that gave up to the next one. acquire, also on failure, for a
        // claimer that lets go and finds that the waiter has left: edge arm -> claim.
        return bits_.compare_exchange_strong(seen, generation << state_bits | to,
                                             memory_order_acq_rel, memory_order_acquire);
    }

    atomic<std::uint64_t> bits_{0};
};

}  // namespace admit::core
