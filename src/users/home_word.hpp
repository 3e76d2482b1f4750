// The word that serialises the bindings of users to lanes; user_table.hpp says how.
#pragma once

#include <cstdint>

#include "base/atomic.hpp"

namespace admit::core {

/// The word that serialises the bindings of all users with the same home bucket: it names the
/// last one. A user is bound by a compare-and-swap of this word, after all lanes within `reach`
/// were looked at; so nobody else was bound in between, and no user ever gets two lanes. The lane
/// that is named may still be reserved: whoever comes by finishes the binding.
class home_word {
public:
    static constexpr unsigned max_distance = (1U << 10) - 1;

    struct snapshot {
        std::uint64_t generation = 0;  ///< of the lane, in which it was bound; 0: none was yet
        unsigned distance = 0;         ///< of the lane's bucket from home
        unsigned lane = 0;             ///< in that bucket
        unsigned reach = 0;            ///< no user of this home is bound farther away
        bool closed = false;           ///< no more bindings: a larger table has taken over

        friend bool operator==(const snapshot&, const snapshot&) = default;
    };

    snapshot read() const noexcept {
        // acquire: edge publish -> look; the bindings named by now are seen, or can be finished.
        return unpack(bits_.load(memory_order_acquire));
    }

    /// Replaces `seen` if it is still current.
    bool replace(const snapshot& seen, const snapshot& next) noexcept {
        std::uint64_t expected = pack(seen);
        // release: edge publish -> look; what `seen` published was acquired by its reader. relaxed
        // on failure: the caller reads again.
        return bits_.compare_exchange_strong(expected, pack(next), memory_order_release,
                                             memory_order_relaxed);
    }

private:
    static constexpr std::uint64_t pack(const snapshot& s) noexcept {
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

    atomic<std::uint64_t> bits_{0};
};

}  // namespace admit::core
