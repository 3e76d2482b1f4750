// The limits of an engine: how many conversations, how many of one user, for how long.
#pragma once

#include <chrono>
#include <cstddef>

namespace admit {

/// Every length of time in the library, in nanoseconds of the monotonic clock.
using duration = std::chrono::nanoseconds;

/// Every instant in the library: a reading of the monotonic clock. Jumps of the wall clock do not
/// touch it.
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

/// A timeout that never comes.
inline constexpr duration never = duration::max();

/// What an engine allows. An aggregate: name the fields that differ from the defaults.
///
///     admit::limits{.max_concurrent = 20, .max_per_user = 5, .idle_timeout = 120s}
///
/// An engine checks the values when it is given them and throws `std::invalid_argument`, naming
/// the field, the value and the allowed range.
struct limits {
    /// The largest `max_concurrent` that an engine accepts.
    static constexpr std::size_t most_concurrent = 2'000'000;
    /// The largest `max_waiting` that an engine accepts.
    static constexpr std::size_t most_waiting = 1'000'000;

    /// Conversations active at once, of all users together: 1 to `most_concurrent`.
    std::size_t max_concurrent = 10;

    /// Conversations active at once of one user: 1 to `max_concurrent`. Name it when that is less
    /// than 3.
    std::size_t max_per_user = 3;

    /// A conversation without a `touch` for this long ends as `status::idle` at the next `expire`:
    /// more than 0, or `never`.
    duration idle_timeout = std::chrono::minutes{5};

    /// A conversation older than this ends as `status::timed_out` at the next `expire`: more than
    /// 0, or `never`.
    duration max_duration = std::chrono::minutes{10};

    /// Admissions that wait for room at once (`async_admit`), of all users together: 0 to
    /// `most_waiting`. One more is rejected with `errc::queue_full`.
    std::size_t max_waiting = 1024;

    /// Admissions of one user that wait for room at once: 0 to `most_waiting`. One more is rejected
    /// with `errc::user_queue_full`.
    std::size_t max_waiting_per_user = 16;

    friend bool operator==(const limits&, const limits&) = default;
};

}  // namespace admit
