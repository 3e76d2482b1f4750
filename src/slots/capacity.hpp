// How many conversations may be active, of all users and of one, and how many slots are in
// circulation for them: one word, so that a limit moves in one step, and what is owed after it went
// down is the difference of two numbers that were true at the same time.
//
// Never are more slots in use, or free to be used, than the word counts. So a slot is counted
// before it is put into circulation, and only then; and it is taken out by its holder, after it was
// counted off. Both only as the limit has it: `circulation` moves towards `concurrent`, and stays
// there.
//
// Edge give <-> capacity (all sequentially consistent): who lowers the limit writes this word and
// then looks for free slots, a giver makes its slot free and then looks at this word. So one of
// them sees the other, and no slot stays free above the limit.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/atomic.hpp"

namespace admit::core {

/// So many of all users together, and so many of one.
struct count_limits {
    std::uint32_t total = 0;
    std::uint32_t per_user = 0;
};

class capacity {
public:
    /// Neither limit is above this.
    static constexpr std::uint32_t max_count = (std::uint32_t{1} << 21) - 1;

    /// What was in force at one instant.
    struct snapshot {
        count_limits limit;
        std::uint32_t enabled = 0;

        /// Slots that have still to leave circulation, or to enter it.
        std::uint32_t excess() const noexcept { return enabled - std::min(enabled, limit.total); }
        std::uint32_t shortfall() const noexcept {
            return limit.total - std::min(enabled, limit.total);
        }
    };

    snapshot read() const noexcept {
        // seq_cst: edge give <-> capacity, the giver's end; and a call that begins after
        // `set_limits` returned sees what it wrote.
        return unpack(bits_.load(memory_order_seq_cst));
    }

    /// Puts limits into force. The caller sees to the circulation. Lock-free.
    void replace(count_limits limit) noexcept {
        // relaxed, also on failure: the compare-and-swap decides.
        std::uint64_t seen = bits_.load(memory_order_relaxed);
        // seq_cst: edge give <-> capacity, the end of who lowers; no call that begins after this
        // misses it.
        while (!bits_.compare_exchange_weak(seen,
                                            pack({.limit = limit, .enabled = unpack(seen).enabled}),
                                            memory_order_seq_cst, memory_order_relaxed)) {
        }
    }

    /// The holder of a slot counts it off, if one has to leave circulation, and then takes it out.
    bool shrink_one() noexcept {
        return count(~one_slot + 1, [](const snapshot& seen) { return seen.excess() > 0; });
    }

    /// Counts one slot more, if one is missing, which the caller then puts into circulation.
    bool grow_one() noexcept {
        return count(one_slot, [](const snapshot& seen) { return seen.shortfall() > 0; });
    }

    /// Nothing is allowed, and nothing in circulation: for a new engine in this memory.
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
            // relaxed: a number; the slot itself goes by edge give -> take.
            if (bits_.compare_exchange_weak(seen, seen + difference, memory_order_relaxed,
                                            memory_order_relaxed))
                return true;
        }
        return false;
    }

    atomic<std::uint64_t> bits_{0};
};

}  // namespace admit::core
