// What a thread brings along to every call.
#pragma once

namespace admit::core {

struct thread_state {
    static constexpr unsigned unclaimed = ~0U;

    unsigned stripe = unclaimed;  ///< its line of counters, which only it writes
    unsigned home = 0;            ///< where it found room last; a hint, any value is right

    /// How many exceptions unwind its stack: `std::uncaught_exceptions` without three calls, which
    /// cost as much as a look at the clock.
    const unsigned* uncaught = nullptr;
};

}  // namespace admit::core
