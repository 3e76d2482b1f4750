// When the conversation in a slot was last active; and the arbiter between a touch and the expiry
// for idleness. Both go through one compare-and-swap of this word:
//
//     touch: last -> now        seal: last -> sealed, only if that `last` is old enough
//
// so a touch that returned true was never overlooked, and a sealed conversation cannot be revived:
// whoever finds the seal (a sweep, a touch) ends the conversation, and nobody waits for the sealer.
//
// A latecomer, whose conversation ended and whose slot is in use again, does no harm. A touch reads
// the clock first, then this word, then the generation: if that is still right, a conversation that
// follows begins at the touch's `now` or later, and the swap, which only moves forward, fails. A
// seal that hits a later conversation with the very same last activity says of it what is true.
//
// The decisions are about this one word, whose changes are totally ordered, so that relaxed order
// is enough for them; what else belongs to a conversation is published by conversation_word.
#pragma once

#include <cstdint>
#include <limits>

#include "base/atomic.hpp"
#include "base/time.hpp"

namespace admit::core {

class activity {
public:
    class snapshot {
    public:
        explicit snapshot(nanos last) noexcept : last_{last} {}
        bool sealed() const noexcept { return last_ == seal_value; }
        nanos last() const noexcept { return last_; }

    private:
        nanos last_;
    };

    /// The first activity; only the holder of the slot may, before the conversation begins.
    void start(nanos now) noexcept {
        // release: edge end -> read, for listings.
        last_.store(now, memory_order_release);
    }

    snapshot read() const noexcept {
        // acquire: edge end -> read; a listing that reads a later conversation's activity then
        // sees that the earlier one has ended.
        return snapshot{last_.load(memory_order_acquire)};
    }

    /// Moves the last activity from `seen` to `now`; false if it is not `seen` any more.
    bool advance(snapshot seen, nanos now) noexcept {
        nanos last = seen.last();
        // relaxed: see above.
        return last_.compare_exchange_strong(last, now, memory_order_relaxed, memory_order_relaxed);
    }

    /// Dooms the conversation whose last activity is still `seen`; false if there was another.
    bool seal(snapshot seen) noexcept {
        nanos last = seen.last();
        // relaxed: see above.
        return last_.compare_exchange_strong(last, seal_value, memory_order_relaxed,
                                             memory_order_relaxed);
    }

private:
    static constexpr nanos seal_value = std::numeric_limits<nanos>::min();

    atomic<nanos> last_{0};
};

}  // namespace admit::core
