// SPDX-License-Identifier: BSL-1.0
// The word that serialises the bindings of users to lanes. user_table.hpp uses it and explains how
// a user is bound.
#pragma once

#include "base/atomic.hpp"

namespace admit::core {

/// Names the last binding of the users with the same home bucket. A user is bound by a
/// compare-and-swap of this word, after a look at all lanes within `reach`. So no other user of the
/// home was bound in between, and no user ever gets two lanes. The lane that is named may still be
/// reserved: the next reader of the word finishes the binding.
class home_word {
public:
    static constexpr unsigned max_distance = (1U << 10) - 1;

    struct snapshot {
        std::uint64_t generation = 0;  ///< of the lane when it was bound; 0: no binding yet
        unsigned distance = 0;         ///< from the home to the lane's bucket
        unsigned lane = 0;             ///< in that bucket
        unsigned reach = 0;            ///< no user of the home is bound farther away
        bool closed = false;           ///< no more bindings: a larger table is in front

        friend bool operator==(const snapshot&, const snapshot&) = default;
    };

    snapshot read() const noexcept {
        // acquire: edge publish -> look; the bindings named so far are seen, or can be finished.
        return unpack(bits_.load(memory_order_acquire));
    }

    /// Replaces `seen` if it is still current.
    bool replace(const snapshot& seen, const snapshot& next) noexcept {
        std::uint64_t expected = pack(seen);
        // release: edge publish -> look; the bindings before were acquired with `seen`. relaxed on
        // failure: the caller reads again.
        return bits_.compare_exchange_strong(expected, pack(next), memory_order_release,
                                             memory_order_relaxed);
    }

private:
    static std::uint64_t pack(const snapshot& s) noexcept {
        ADMIT_ASSERT(s.generation >> 40 == 0 && s.lane <= 7);
        ADMIT_ASSERT(s.distance <= max_distance && s.reach <= max_distance);
        return s.generation << 24 | std::uint64_t{s.distance} << 14 | std::uint64_t{s.reach} << 4 |
               std::uint64_t{s.lane} << 1 | (s.closed ? 1U : 0U);
    }
    static constexpr snapshot unpack(std::uint64_t bits) noexcept {
        return {.generation = bits >> 24,
                .distance = static_cast<unsigned>(bits >> 14) & max_distance,
                .lane = static_cast<unsigned>(bits >> 1) & 7U,
                .reach = static_cast<unsigned>(bits >> 4) & max_distance,
                .closed = (bits & 1) != 0};
    }

    // Bit 0: closed. Bits 1-3: lane. Bits 4-13: reach. Bits 14-23: distance. Bits 24-63:
    // generation.
    atomic<std::uint64_t> bits_{0};
};

}  // namespace admit::core
