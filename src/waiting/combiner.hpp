// Serialises sequential code without making anybody wait: whoever asks first gets the baton and
// makes a pass; who asks while another has it leaves, and the holder makes one more pass before it
// lets go. What was put down before asking is seen by a pass that begins later.
//
// A suspended holder delays what passes do, and nothing else. (Compare the combining of Hendler et
// al., "Flat combining", SPAA 2010, where the others wait for their answers.)
#pragma once

#include <cstdint>

#include "base/atomic.hpp"

namespace admit::core {

class combiner {
public:
    /// Has `pass` run after this call began, by this thread or by the one that has the baton.
    /// Lock-free; a holder goes on for as long as others ask.
    template <class Pass>
    void run(Pass pass) noexcept {
        // release: edge combiner; what the caller put down is seen by the pass. acquire: what
        // earlier passes did is seen by this one.
        if (requests_.fetch_add(1, memory_order_acq_rel) == 0) drain(pass);
    }

    /// Takes the baton if nobody has it. The caller then has to `keep` it. Lock-free.
    bool try_enter() noexcept {
        std::uint64_t none = 0;
        // acquire: edge combiner. relaxed on failure: the caller asks.
        return requests_.compare_exchange_strong(none, 1, memory_order_acquire,
                                                 memory_order_relaxed);
    }

    /// For who has taken the baton: runs `pass`, and again for as long as others ask for it.
    template <class Pass>
    void drain(Pass pass) noexcept {
        std::uint64_t seen = 1;
        for (;;) {
            pass();
            // release: edge combiner, for the next holder. acquire, on failure: what those put down
            // who asked meanwhile; they are the ones counted in `seen`.
            if (requests_.compare_exchange_strong(seen, 0, memory_order_release,
                                                  memory_order_acquire))
                return;
        }
    }

private:
    atomic<std::uint64_t> requests_{0};
};

}  // namespace admit::core
