// SPDX-License-Identifier: BSL-1.0
// Runs sequential code, one pass at a time, without a lock. waiting_room.cpp runs the passes of one
// engine behind it. The thread that asks first makes a pass. A thread that asks meanwhile returns
// at once, and the first thread makes one more pass. A suspended thread delays what passes do, and
// nothing else. (Hendler et al., "Flat combining", SPAA 2010; there the others wait for answers.)
//
//     requests_    0: no pass runs    n > 0: a thread is inside, n - 1 asked since its first pass
#pragma once

#include <cstdint>

#include "base/assert.hpp"
#include "base/atomic.hpp"

namespace admit::core {

class combiner {
public:
    /// Has `pass` run after this call began, by this thread or by the thread that is inside.
    /// Lock-free; the thread inside goes on for as long as others ask.
    template <class Pass>
    void run(Pass pass) noexcept {
        // release: edge combiner; the pass sees what the caller left for it. acquire: this pass
        // sees what earlier passes did.
        if (requests_.fetch_add(1, memory_order_acq_rel) != 0) return;
        std::uint64_t seen = 1;
        for (;;) {
            pass();
            // release: edge combiner, for the next thread inside. acquire, on failure: edge
            // combiner; `seen` counts the threads that asked meanwhile, and the pass sees what they
            // left.
            if (requests_.compare_exchange_strong(seen, 0, memory_order_release,
                                                  memory_order_acquire))
                return;
            ADMIT_ASSERT(seen > 1);  // this thread is inside, and another has asked
        }
    }

    /// For the thread that is inside: one more pass follows.
    void ask_again() noexcept {
        // relaxed: this thread makes the pass.
        [[maybe_unused]] const std::uint64_t before = requests_.fetch_add(1, memory_order_relaxed);
        ADMIT_ASSERT(before > 0);
    }

private:
    atomic<std::uint64_t> requests_{0};
};

}  // namespace admit::core
