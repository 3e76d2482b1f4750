// What a thread brings along to every call.
#pragma once

namespace admit::core {

struct thread_state {
    static constexpr unsigned unclaimed = ~0U;

    unsigned stripe = unclaimed;  ///< its line of counters, which only it writes
    unsigned home = 0;            ///< where it found room last; a hint, any value is right
};

}  // namespace admit::core
