// What one crowd does, and what came of it: what the tool and the process that runs the crowd tell
// each other, as JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace admit::load::million {

enum class timers { heap, wheel };
enum class allocator { glibc, mimalloc };

NLOHMANN_JSON_SERIALIZE_ENUM(timers, {{timers::heap, "heap"}, {timers::wheel, "wheel"}})
NLOHMANN_JSON_SERIALIZE_ENUM(allocator,
                             {{allocator::glibc, "glibc"}, {allocator::mimalloc, "mimalloc"}})

inline constexpr std::int64_t without_limit = -1;

/// Times in nanoseconds.
struct crowd_plan {
    bool admitted = true;  ///< false: they only sleep, as often and as long
    million::timers timers = timers::heap;
    std::size_t users = 0;
    std::size_t threads = 1;
    std::size_t max_concurrent = 1;
    std::size_t max_per_user = 1;
    std::size_t steps = 1;
    std::int64_t step = 0;
    std::int64_t wait_at_most = without_limit;
    std::int64_t opening = 0;  ///< how long nobody goes on, so that all can arrive
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(crowd_plan, admitted, timers, users, threads, max_concurrent,
                                   max_per_user, steps, step, wait_at_most, opening)

struct crowd_result {
    std::string allocator;  ///< with its version
    /// All were there at once. If not, the other figures mean nothing.
    bool all_alive = false;
    std::size_t arrived = 0;     ///< of the users, by the opening
    double bytes_per_user = 0;   ///< resident while all were there, the engine included
    double engine_per_user = 0;  ///< of these, what the engine took before anybody came
    double arriving_s = 0;       ///< from the first who came to the last
    double leaving_s = 0;        ///< from the opening to the last who left
    double cpu_s = 0;            ///< of all threads, from the first who came to the last who left
    std::size_t waiting = 0;     ///< of the users, while all were there

    double busy_s() const noexcept { return arriving_s + leaving_s; }
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(crowd_result, allocator, all_alive, arrived, bytes_per_user,
                                   engine_per_user, arriving_s, leaving_s, cpu_s, waiting)

}  // namespace admit::load::million
