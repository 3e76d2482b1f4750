// SPDX-License-Identifier: BSL-1.0
// The plan and the result of one crowd. admit-crowd sends the plan to a worker program as JSON,
// which sends back the result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace admit::crowd {

enum class timer_kind { heap, wheel };
enum class allocator_kind { glibc, mimalloc };

NLOHMANN_JSON_SERIALIZE_ENUM(timer_kind, {{timer_kind::heap, "heap"}, {timer_kind::wheel, "wheel"}})
NLOHMANN_JSON_SERIALIZE_ENUM(allocator_kind, {{allocator_kind::glibc, "glibc"},
                                              {allocator_kind::mimalloc, "mimalloc"}})

inline constexpr std::int64_t without_limit = -1;

/// Times in nanoseconds.
struct crowd_plan {
    bool admitted = true;  ///< false: the users only sleep, as often and as long
    timer_kind timers = timer_kind::heap;
    std::size_t users = 0;
    std::size_t threads = 1;
    std::size_t max_concurrent = 1;
    std::size_t max_per_user = 1;
    std::size_t steps = 1;
    std::int64_t step = 0;
    std::int64_t wait_at_most = without_limit;
    std::int64_t start_delay = 0;  ///< time in which all users arrive
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(crowd_plan, admitted, timers, users, threads, max_concurrent,
                                   max_per_user, steps, step, wait_at_most, start_delay)

struct crowd_result {
    std::string allocator;  ///< with its version
    /// Whether all users were alive at once. If not, the other figures are not valid.
    bool all_alive = false;
    std::size_t arrived = 0;     ///< users, before the start
    double bytes_per_user = 0;   ///< resident with all users alive, engine included
    double engine_per_user = 0;  ///< of these, the engine without users
    double arriving_s = 0;       ///< from the first arrival to the last
    double leaving_s = 0;        ///< from the start to the last departure
    double cpu_s = 0;            ///< of all threads, from first arrival to last departure
    std::size_t waiting = 0;     ///< users, while all were alive

    double busy_s() const noexcept { return arriving_s + leaving_s; }
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(crowd_result, allocator, all_alive, arrived, bytes_per_user,
                                   engine_per_user, arriving_s, leaving_s, cpu_s, waiting)

}  // namespace admit::crowd
