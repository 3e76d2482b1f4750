// SPDX-License-Identifier: BSL-1.0
// All cores of the process, in one list. A core is appended and never removed, so its memory is
// reused and never returned while the process lives. `engine::engine` takes a core here;
// context_shutdown.cpp visits all of them. docs/design.md#lifetimes has the whole.
#pragma once

#include "state/engine_core.hpp"

namespace admit::core {

class engine_registry {
public:
    /// A core for a new engine, with all slots disabled: the first one that is unused, or a new one
    /// at the end. There are never more cores than engines, constructors and cores pinned by
    /// earlier operations at one time: a thread passes a core only while it is used. Wait-free
    /// except for the allocator. Throws `std::bad_alloc`.
    static engine_core& take(bool timed = false) {
        for (atomic<engine_core*>* place = &first_;;) {
            engine_core& core =
                get_or_install(*place, [] { return std::make_unique<engine_core>(); });
            if (core.try_renew(timed)) return core;
            step("registry.passed");
            place = &core.next;
        }
    }

    /// Visits every core that was ever made. Wait-free.
    template <class Visit>
    static void for_each(Visit visit) {
        // acquire: edge install -> use.
        for (engine_core* core = first_.load(memory_order_acquire); core != nullptr;
             core = core->next.load(memory_order_acquire))
            visit(*core);
    }

private:
    static inline constinit atomic<engine_core*> first_{nullptr};
};

}  // namespace admit::core
