// SPDX-License-Identifier: BSL-1.0
// The life of the conversations in one slot, as one word: a generation. slot_group.hpp keeps it,
// the functions of src/lifecycle begin, tell and end conversations with it. docs/design.md#ending
//
//     even (no conversation)  --begin, by the holder of the slot-->  odd (active)
//     odd                     --tell, by one compare-and-swap-->     odd, told to end as a status
//     odd, told or not        --end, by one compare-and-swap-->      even
//
// One thread's `end` succeeds; every other thread learns that there is no such conversation. A
// generation is never used again while the process lives, also not when the memory goes to another
// engine. So a stale generation never matches.
#pragma once

#include <cstdint>

#include "base/assert.hpp"
#include "base/atomic.hpp"

namespace admit::core {

class conversation_word {
public:
    /// The word at one instant.
    class snapshot {
    public:
        explicit snapshot(std::uint64_t bits) noexcept : bits_{bits} {}

        bool active() const noexcept { return (bits_ & 1) != 0; }
        bool active_as(std::uint64_t wanted) const noexcept {
            return (bits_ == wanted || (bits_ > generation_mask && generation() == wanted)) &&
                   active();
        }
        std::uint64_t generation() const noexcept { return bits_ & generation_mask; }
        /// Whether the lengths of this slot's conversations are recorded.
        bool timed() const noexcept { return (bits_ & timed_bit) != 0; }
        /// As what the active conversation was told to end; 0: it was not told.
        unsigned told() const noexcept { return static_cast<unsigned>(bits_ >> told_shift); }
        /// The number of conversations that have begun in this slot, and that have ended.
        std::uint64_t begun() const noexcept { return (count() + 1) / 2; }
        std::uint64_t ended() const noexcept { return count() / 2; }
        /// The ended conversations of this engine that were cut off, and that overstayed.
        unsigned cut() const noexcept { return field(cut_shift, timed_shift); }
        unsigned overstayed() const noexcept { return field(overstayed_shift, cut_shift); }

    private:
        friend class conversation_word;
        std::uint64_t count() const noexcept { return bits_ & count_mask; }
        unsigned field(unsigned shift, unsigned end) const noexcept {
            return static_cast<unsigned>((bits_ & field_mask(shift, end)) >> shift);
        }
        std::uint64_t bits_;
    };

    snapshot read() const noexcept {
        // acquire: edge begin -> read; the fields read next are of this conversation or a later
        // one.
        return snapshot{bits_.load(memory_order_acquire)};
    }

    /// Whether that conversation is active; asked after its supervisor was named.
    bool still(std::uint64_t generation) const noexcept {
        // seq_cst: edge name <-> end, the supervisor's side.
        return snapshot{bits_.load(memory_order_seq_cst)}.active_as(generation);
    }

    /// Begins the next conversation and returns its generation. Only for the holder of the slot.
    std::uint64_t begin() noexcept {
        // relaxed: the slot's free bit has ordered the end before this (edge give -> take).
        const std::uint64_t begun = bits_.load(memory_order_relaxed) + 1;
        ADMIT_ASSERT(snapshot{begun}.active() && snapshot{begun}.told() == 0);
        // release: edge begin -> read; publishes the fields of the conversation.
        bits_.store(begun, memory_order_release);
        return begun & ~timed_bit;
    }

    /// Tells the conversation seen to end as `as`, which is not 0. True for exactly one caller;
    /// otherwise `seen` is what the word is now.
    bool tell(snapshot& seen, unsigned as) noexcept {
        ADMIT_ASSERT(seen.active() && seen.told() == 0 && as != 0 && as <= max_told);
        // relaxed: the word alone decides; what else a teller leaves has its own edges.
        return bits_.compare_exchange_strong(seen.bits_,
                                             seen.bits_ | std::uint64_t{as} << told_shift,
                                             memory_order_relaxed, memory_order_relaxed);
    }

    /// Ends the active conversation of that generation, which is odd, if it was not told to end.
    /// True for exactly one caller, which then gives back the slot and the user's count. False also
    /// if it was told, or if its length is to be recorded.
    bool end(std::uint64_t generation) noexcept {
        ADMIT_ASSERT(is_generation(generation));
        // relaxed: spares a late caller the write; the compare-and-swap decides.
        if (bits_.load(memory_order_relaxed) != generation) return false;
        // seq_cst: edge name <-> end, for a winner that then looks for a supervisor to notify; as
        // an acquire also edge begin -> read, for the fields that the winner reads.
        // relaxed on failure: the caller reads nothing more.
        return bits_.compare_exchange_strong(generation, generation + 1, memory_order_seq_cst,
                                             memory_order_relaxed);
    }

    /// The same for every active conversation, and counts what kind of end it is. If this fails,
    /// `seen` is what the word is now.
    bool end(snapshot& seen, bool cut, bool overstayed) noexcept {
        ADMIT_ASSERT(seen.active());
        std::uint64_t after = seen.generation() + 1;
        if (cut) after = with_one_more(after, cut_shift, timed_shift);
        if (overstayed) after = with_one_more(after, overstayed_shift, cut_shift);
        after |= seen.bits_ & timed_bit;
        // seq_cst, relaxed on failure: as above.
        return bits_.compare_exchange_strong(seen.bits_, after, memory_order_seq_cst,
                                             memory_order_relaxed);
    }

    /// The memory has a new engine, and no conversation is active: its ends are counted from 0. The
    /// engine may have the lengths of its conversations recorded.
    void reset(bool timed) noexcept {
        // relaxed: the memory is passed on as a whole.
        bits_.store((bits_.load(memory_order_relaxed) & count_mask) | (timed ? timed_bit : 0),
                    memory_order_relaxed);
    }

    /// Whether a number, which a user may have made up, can be the generation of a conversation.
    static constexpr bool is_generation(std::uint64_t number) noexcept {
        return number % 2 == 1 && number <= generation_mask;
    }

    static constexpr unsigned max_told = 7;

private:
    static constexpr unsigned overstayed_shift = 49;
    static constexpr unsigned cut_shift = 54;
    static constexpr unsigned timed_shift = 60;
    static constexpr unsigned told_shift = 61;
    static constexpr std::uint64_t count_mask = (std::uint64_t{1} << overstayed_shift) - 1;
    static constexpr std::uint64_t timed_bit = std::uint64_t{1} << timed_shift;
    static constexpr std::uint64_t generation_mask = timed_bit - 1;

    /// Bits `shift` to `end` - 1.
    static constexpr std::uint64_t field_mask(unsigned shift, unsigned end) noexcept {
        return (std::uint64_t{1} << end) - (std::uint64_t{1} << shift);
    }
    static constexpr std::uint64_t with_one_more(std::uint64_t bits, unsigned shift,
                                                 unsigned end) noexcept {
        const std::uint64_t field = field_mask(shift, end);
        return (bits & ~field) | ((bits + (std::uint64_t{1} << shift)) & field);
    }

    // Bit 0: whether a conversation is active. Bits 1-48: the number of conversations that have
    // ended; 2^48 of them in one slot take 65 days at 20 ns each, and then run into the next field.
    // Bits 49-53 and 54-59: how many conversations of this engine overstayed, and how many were cut
    // off. An engine that drains admits at most the calls under way, so that no slot sees 64 cuts.
    // Bit 60: see `timed`. Bits 61-63: see `told`. Bits 0-59 are the generation: bits 0-48 make it
    // unique.
    atomic<std::uint64_t> bits_{0};
};

}  // namespace admit::core
