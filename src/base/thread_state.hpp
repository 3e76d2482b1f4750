// SPDX-License-Identifier: BSL-1.0
// The state that a thread brings along to every call; system::this_thread keeps it.
#pragma once

namespace admit::core {

struct thread_state {
    static constexpr unsigned unclaimed = ~0U;

    unsigned stripe = unclaimed;  ///< line of counters that only this thread writes
    unsigned home = 0;  ///< group where the thread found room last; a hint, any value works

    /// The number of exceptions that unwind the thread's stack: `std::uncaught_exceptions` without
    /// three calls, which cost as much as a look at the clock. Null where it is not known to exist:
    /// see system::unwinding.
    const unsigned* uncaught = nullptr;
};

}  // namespace admit::core
