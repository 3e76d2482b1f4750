// What the user of the tool, or a test, asked for.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace admit::load {

/// How long the scenarios take: a few seconds in all, the normal lengths, or the long ones.
enum class pace { quick, normal, full };

/// What a test plants to see a check fail. The tool has no option for it.
enum class fault {
    none,
    over_admission,   ///< a rejected start is admitted nevertheless
    false_rejection,  ///< a start is refused although there is room
    wrong_reason,     ///< a rejection gives another reason
    lost_slot,        ///< an end leaves its slot taken
    lost_sample,      ///< a response time does not reach the report
    exception,        ///< a user throws
    slow_work,        ///< every conversation takes much longer
    stuck_user,       ///< a user never comes back
    memory_leak,      ///< every conversation leaves memory behind
    lost_waiter,      ///< a waiter is never told that its turn has come
    out_of_turn,      ///< a waiter whose turn has come is sent back to the end of the queue
};

/// Overrides; what is absent keeps the scenario's own value.
struct settings {
    std::optional<std::size_t> max_concurrent;
    std::optional<std::size_t> max_per_user;
    std::optional<std::size_t> users;
    std::optional<std::size_t> threads;  ///< absent: 1 and all cores
    std::optional<std::chrono::nanoseconds> idle_timeout;
    std::optional<std::chrono::nanoseconds> max_duration;
    std::optional<std::chrono::nanoseconds> duration;
    std::optional<std::chrono::nanoseconds> wait;  ///< absent: a start without room is rejected
    std::size_t scale = 1;
    load::pace pace = pace::normal;
    std::vector<std::string> scenarios;  ///< empty: all

    /// For tests only.
    fault planted = fault::none;
    std::optional<std::chrono::nanoseconds> patience;  ///< how long a run may take
};

/// The command line, or the combination of its values, makes no sense: exit code 2.
class usage_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace admit::load
