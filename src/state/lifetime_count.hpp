// SPDX-License-Identifier: BSL-1.0
// Counts the users of an engine's memory: the engine itself, the slots that are held, and the
// threads and operations that pin it. With a count of 0 the core is unused: engine_registry takes
// it. docs/design.md#lifetimes has the whole.
//
//     count    engine alive: 2^40 + pins      engine gone: pins + slots still held      0: unused
#pragma once

#include "base/update.hpp"

namespace admit::core {

class lifetime_count {
public:
    /// The engine goes; `others` slots are held, and each unpins once, before or after this call.
    /// True: the caller was the last user of the memory.
    bool drop_engine(std::int64_t others) noexcept { return change(others - engine); }

    /// Gives up a pin. True: the caller was the last user of the memory.
    bool unpin() noexcept { return change(-1); }

    /// Takes the memory for a new engine. False: it is used.
    bool try_reuse() noexcept {
        std::int64_t unused = 0;
        // acquire, also of the exchange: edge unpin -> reuse. An addition of nothing, since a load
        // may be stale: an unused core would be passed. relaxed on failure: another thread has it.
        return count_.fetch_add(0, memory_order_acquire) == 0 &&
               count_.compare_exchange_strong(unused, engine, memory_order_acquire,
                                              memory_order_relaxed);
    }

    /// Pins the memory; the caller unpins it later. False: the memory is unused. The caller then
    /// checks which engine the memory belongs to, which does not change while the pin lasts.
    /// Lock-free.
    bool try_pin() noexcept {
        // acquire: edge unpin -> reuse; the number of an engine that has gone is 0 by now. relaxed
        // on failure: the compare-and-swap decides.
        return bool{update(count_, memory_order_acquire, memory_order_relaxed,
                           [](std::int64_t seen) { return seen + (seen != 0 ? 1 : 0); })};
    }

private:
    // More than there are pins: a slot's holder may unpin before `drop_engine` has counted it.
    static constexpr std::int64_t engine = std::int64_t{1} << 40;

    bool change(std::int64_t by) noexcept {
        // acq_rel: edge unpin -> reuse; the last user sees all that the others did.
        const std::int64_t left = count_.fetch_add(by, memory_order_acq_rel) + by;
        ADMIT_ASSERT(left >= 0);  // a pin was there to be given up
        return left == 0;
    }

    atomic<std::int64_t> count_{0};
};

}  // namespace admit::core
