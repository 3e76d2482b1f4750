// SPDX-License-Identifier: BSL-1.0
// The requested settings of the load tool. Filled by command_line.cpp or by a test.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace admit::load {

/// Length of the scenarios: a few seconds in all, the normal lengths, or the long ones.
enum class pace { quick, normal, full };

/// A fault that a test injects to see a check fail. The tool has no option for it.
enum class fault {
    none,
    over_admission,   ///< a rejected start is admitted
    false_rejection,  ///< a start is rejected although a slot is free
    wrong_reason,     ///< a rejection gives another reason
    lost_slot,        ///< an end leaves its slot taken
    lost_sample,      ///< a response time does not reach the report
    exception,        ///< a user throws
    slow_work,        ///< every conversation takes much longer
    stuck_user,       ///< a user waits forever
    memory_leak,      ///< every conversation leaves memory behind
    lost_waiter,      ///< the grant never reaches its waiter
    stall,            ///< one user blocks its thread for a third of a second
    out_of_turn,      ///< a granted waiter goes back to the end of the queue
};

/// What a run drives: the engine, one mutex around two maps, or 64 mutexes with the users spread
/// over them.
enum class system_kind { admit, mutex, sharded };

/// Overrides. An absent value keeps the default of the scenario.
struct settings {
    std::optional<std::size_t> max_concurrent;
    std::optional<std::size_t> max_per_user;
    std::optional<std::size_t> users;
    std::optional<std::size_t> threads;  ///< absent: 1 and all cores
    std::optional<std::chrono::nanoseconds> idle_timeout;
    std::optional<std::chrono::nanoseconds> max_duration;
    std::optional<std::chrono::nanoseconds> duration;
    std::optional<std::chrono::nanoseconds>
        wait;  ///< absent: a start without a free slot is rejected
    std::size_t scale = 1;
    load::pace pace = pace::normal;
    std::vector<std::string> scenarios;  ///< empty: all
    system_kind system = system_kind::admit;

    /// For tests only.
    fault planted = fault::none;
    std::optional<std::chrono::nanoseconds> time_limit;  ///< of one run
};

}  // namespace admit::load
