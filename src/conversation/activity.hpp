// SPDX-License-Identifier: BSL-1.0
// The last activity of the conversation in a slot, as one word. The word decides between a touch
// and the expiry for idleness; touching.hpp and expiry.cpp use it.
//
//     touch: last -> now        seal: last -> sealed, only if that `last` is old enough
//
// Both are one compare-and-swap. So the expiry never overlooks a touch that returned true, and no
// touch revives a sealed conversation. The thread that finds a seal ends the conversation.
//
// A late touch or seal, of a conversation that has ended, does no harm. A touch reads the clock
// first, then this word, then the generation. If the generation still matches, the next
// conversation begins at the touch's `now` or later, and the swap, which only moves forward, fails.
// A seal that hits a later conversation with the same last activity is right about that one too.
//
// Relaxed order is enough for both, since they decide about this one word, and its changes are
// totally ordered. conversation_word publishes the other fields of a conversation.
#pragma once

#include "base/atomic.hpp"
#include "base/time.hpp"

namespace admit::core {

class activity {
public:
    /// The word at one instant.
    struct snapshot {
        nanos bits;

        bool sealed() const noexcept { return bits == seal_value; }
        nanos last() const noexcept { return bits; }
    };

    /// Sets the first activity. Only for the holder of the slot, before the conversation begins.
    void start(nanos now) noexcept {
        // release: edge end -> read, for listings.
        last_.store(now, memory_order_release);
    }

    snapshot read() const noexcept {
        // acquire: edge end -> read; a listing that reads a later conversation's activity then
        // sees that the earlier conversation has ended.
        return snapshot{last_.load(memory_order_acquire)};
    }

    /// Moves the last activity from `seen` to `now`; false if it is not `seen` any more.
    bool advance(snapshot seen, nanos now) noexcept {
        ADMIT_ASSERT(!seen.sealed() && now > seen.last());
        return replace(seen.last(), now);
    }

    /// Seals the conversation if its last activity is still `seen`, so that it has to end. False if
    /// there was a later activity.
    bool seal(snapshot seen) noexcept {
        ADMIT_ASSERT(!seen.sealed());
        return replace(seen.last(), seal_value);
    }

private:
    static constexpr nanos seal_value = std::numeric_limits<nanos>::min();

    bool replace(nanos last, nanos next) noexcept {
        // relaxed: see the head of this file.
        return last_.compare_exchange_strong(last, next, memory_order_relaxed,
                                             memory_order_relaxed);
    }

    // All 64 bits: the instant of the last activity, or `seal_value`.
    atomic<nanos> last_{0};
};

}  // namespace admit::core
