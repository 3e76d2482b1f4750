// SPDX-License-Identifier: BSL-1.0
// All state of one engine; every layer above works on it. The memory is type-stable: when an engine
// has gone, the next engine takes its core from engine_registry. So a permit that outlives its
// engine may still read its slot. docs/design.md#lifetimes has the whole.
#pragma once

#include <chrono>

#include "slots/slot_pool.hpp"
#include "state/attachment.hpp"
#include "state/counters.hpp"
#include "state/lifetime_count.hpp"
#include "state/settings.hpp"
#include "state/timings.hpp"
#include "users/siphash.hpp"
#include "users/user_counts.hpp"

namespace admit::core {

using clock_function =
    std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds> (*)() noexcept;

struct engine_core {
    ~engine_core() {
        // relaxed: no other thread reaches the core any more.
        delete waiting.load(memory_order_relaxed);
        delete supervisors.load(memory_order_relaxed);
        delete lengths.load(memory_order_relaxed);
    }

    slot_pool pool;
    user_counts users;
    core::settings settings;
    counters events;

    /// The clock of the engine that has the memory; permits that outlive their engine read it too.
    atomic<clock_function> clock{nullptr};
    atomic<nanos> resolution{0};  ///< how far the clock may be behind

    atomic<attachment*> waiting{nullptr};      ///< see waiting/waiting_room.hpp
    atomic<attachment*> supervisors{nullptr};  ///< see lifecycle/supervision.hpp
    atomic<attachment*> lengths{nullptr};      ///< `timings`, once an engine here was timed

    /// The engine's number, unique in the process; 0 when the engine has gone. Atomic, since an
    /// operation may ask whether its engine is still there.
    atomic<std::uint64_t> number{0};

    // Written while no other thread can reach the core, read by all.
    std::uint64_t begun = 0;  ///< conversations that had begun here when the engine was made
    hash_key key;

    lifetime_count lifetime;
    atomic<engine_core*> next{nullptr};  ///< in the list of all cores; see engine_registry.hpp

    /// Takes an unused core for a new engine, which starts from nothing and may be `timed`. False:
    /// the core is used.
    bool try_renew(bool timed = false) noexcept {
        if (!lifetime.try_reuse()) return false;
        users.clear();
        pool.reset(timed);
        events.reset();
        return true;
    }

    /// The time by the engine's clock.
    nanos now() const noexcept {
        // relaxed: the pointer guards no data.
        return clock.load(memory_order_relaxed)().time_since_epoch().count();
    }

    /// Where the engine records how long conversations last and requests wait; null if it does not.
    timings* recorded_lengths() const noexcept {
        return pool.timed() ? attachment::find<timings>(lengths) : nullptr;
    }

    /// How many conversations ever began in this memory.
    std::uint64_t all_begun() const noexcept {
        std::uint64_t sum = 0;
        pool.groups().for_each([&](const slot_group& group) {
            for (const slot_record& record : group.record)
                sum += record.conversation.read().begun();
        });
        return sum;
    }
};

}  // namespace admit::core
