// SPDX-License-Identifier: BSL-1.0
// All cores of the process, and those without an engine. Engines take a core here; the last user of
// a core's memory puts it back. So memory is reused, and never returned while the process lives.
// Each list is a stack onto which a thread pushes one core, and from which a thread takes all at
// once. What was taken whole cannot change under the taker, so there is no A-B-A (Treiber, IBM RJ
// 5118, 1986).
#pragma once

#include <memory>
#include <utility>

#include "state/engine_core.hpp"

namespace admit::core {

class engine_registry {
public:
    /// A core without an engine, with all slots disabled: the spare core that fits `groups` best,
    /// or a new one. Concurrent callers do not see each other's candidates. Throws
    /// `std::bad_alloc`.
    static engine_core* take(unsigned groups) {
        // acquire: edge put -> take.
        engine_core* best = nullptr;
        for (engine_core* spare = spares_.exchange(nullptr, memory_order_acquire);
             spare != nullptr;) {
            engine_core* const next = spare->next_spare;
            if (best == nullptr || misfit(*spare, groups) < misfit(*best, groups))
                std::swap(best, spare);
            if (spare != nullptr) put(spare);
            spare = next;
        }
        return best == nullptr ? make() : renew(best);
    }

    /// Leaves an unused core to the next engine. Lock-free.
    static void put(engine_core* core) noexcept { push(spares_, core, &engine_core::next_spare); }

    /// Gives up a pin; the last user of the memory leaves it to the next engine. Lock-free.
    static void unpin(engine_core& core) noexcept {
        if (core.lifetime.unpin()) put(&core);
    }

    /// Visits every core that was ever made. Lock-free.
    template <class Visit>
    static void for_each(Visit visit) {
        // acquire: edge put -> take.
        for (engine_core* core = all_.load(memory_order_acquire); core != nullptr;
             core = core->next_made)
            visit(*core);
    }

private:
    static engine_core* make() {
        engine_core* const core = std::make_unique<engine_core>().release();
        push(all_, core, &engine_core::next_made);
        return core;
    }

    static void push(atomic<engine_core*>& list, engine_core* core,
                     engine_core* engine_core::*next) noexcept {
        // relaxed: the compare-and-swap decides.
        engine_core* first = list.load(memory_order_relaxed);
        do core->*next = first;
        // release: edge put -> take.
        while (
            !list.compare_exchange_weak(first, core, memory_order_release, memory_order_relaxed));
    }

    /// The smaller, the better: of large enough cores the smallest is best, otherwise the largest.
    static unsigned misfit(const engine_core& core, unsigned groups) noexcept {
        const unsigned has = core.pool.groups().count();
        return has >= groups ? has : 2 * max_groups - has;
    }

    static engine_core* renew(engine_core* core) noexcept {
        core->users.clear();
        core->pool.reset();
        core->events.reset();
        core->lifetime.reset();
        return core;
    }

    static inline constinit atomic<engine_core*> spares_{nullptr};
    static inline constinit atomic<engine_core*> all_{nullptr};
};

}  // namespace admit::core
