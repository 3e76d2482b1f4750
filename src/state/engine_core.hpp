// All state of one engine. The memory is type-stable: when an engine goes, its core waits for the
// next engine, so that permits which outlive their engine may still look at their slots.
#pragma once

#include <chrono>
#include <cstdint>

#include "slots/slot_pool.hpp"
#include "state/counters.hpp"
#include "state/lifetime_count.hpp"
#include "state/settings.hpp"
#include "users/siphash.hpp"
#include "users/user_counts.hpp"

namespace admit::core {

using clock_function =
    std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds> (*)() noexcept;

/// What a higher layer keeps with a core, made when it is first needed.
struct attachment {
    virtual ~attachment() = default;
};

struct engine_core {
    engine_core() = default;
    engine_core(const engine_core&) = delete;
    engine_core& operator=(const engine_core&) = delete;
    ~engine_core() {
        // relaxed: single user
        delete waiting.load(memory_order_relaxed);
        delete supervisors.load(memory_order_relaxed);
    }

    slot_pool pool;
    user_counts users;
    core::settings settings;
    counters events;

    /// Reads the time; of whichever engine has the memory, for permits that outlive theirs.
    atomic<clock_function> clock{nullptr};
    atomic<nanos> resolution{0};  ///< how far it may be behind

    /// The waiters; see waiting/waiting_room.hpp.
    atomic<attachment*> waiting{nullptr};
    /// The supervisors of conversations; see lifecycle/supervision.hpp.
    atomic<attachment*> supervisors{nullptr};

    /// Of the engine, unique in the process; 0 when it has gone. Atomic, since an operation may ask
    /// whether its engine is still there.
    atomic<std::uint64_t> number{0};

    // Written while nobody else can reach the core, read by everybody.
    std::uint64_t begun = 0;  ///< conversations that had begun here when the engine was made
    hash_key key;

    lifetime_count lifetime;
    engine_core* next_spare = nullptr;  ///< in the list of cores without an engine
    engine_core* next_made = nullptr;   ///< in the list of all cores

    nanos now() const noexcept {
        // relaxed: a function pointer, which guards no data.
        return clock.load(memory_order_relaxed)().time_since_epoch().count();
    }

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
