// The cores that wait for an engine. Memory of an engine that is gone is kept for the next one: no
// more of it than the engines that lived at one time had.
//
// A stack of which one pushes single cores and takes all at once: what was taken whole cannot
// change under the taker, so there is no A-B-A (Treiber, "Systems programming: coping with
// parallelism", IBM RJ 5118, 1986).
#pragma once

#include <memory>
#include <utility>

#include "state/engine_core.hpp"

namespace admit::core {

class engine_registry {
public:
    /// A core without an engine, best one that had about so many groups, or a new one; callers at
    /// the same time do not see each other's choice. All its slots are out of circulation. Throws
    /// `std::bad_alloc`.
    static engine_core* take(unsigned groups) {
        // acquire: edge put -> take.
        engine_core* best = nullptr;
        for (engine_core* spare = spares_.exchange(nullptr, memory_order_acquire);
             spare != nullptr;) {
            engine_core* const next = spare->next_spare;
            if (best == nullptr || fits_better(*spare, *best, groups)) std::swap(best, spare);
            if (spare != nullptr) put(spare);
            spare = next;
        }
        return best == nullptr ? make() : renew(best);
    }

    /// Leaves a core that nobody uses any more to the next engine. Lock-free.
    static void put(engine_core* core) noexcept { push(spares_, core, &engine_core::next_spare); }

    /// Gives up a pin; the last thread that lets go leaves the core to the next engine. Lock-free.
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

    static bool fits_better(const engine_core& a, const engine_core& b, unsigned groups) noexcept {
        const unsigned of_a = a.pool.groups().count();
        const unsigned of_b = b.pool.groups().count();
        // The smallest that is large enough, otherwise the largest.
        if ((of_a >= groups) != (of_b >= groups)) return of_a >= groups;
        return of_a >= groups ? of_a < of_b : of_a > of_b;
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
