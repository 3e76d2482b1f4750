// SPDX-License-Identifier: BSL-1.0
/// @file
/// The limits of an engine: how many conversations, how many of one user, for how long.
#pragma once

#include <admit/version.hpp>
#include <chrono>
#include <concepts>
#include <type_traits>
#include <utility>

namespace admit {

/// Every length of time in the library, in nanoseconds of the monotonic clock. A length that does
/// not fit, for example `std::chrono::seconds::max()` or 300 years, counts as the longest:
/// `admit::never` for a timeout, `admit::forever` for a wait. No length wraps round.
using duration = std::chrono::nanoseconds;

/// Every instant in the library: a reading of the monotonic clock. Jumps of the wall clock do not
/// touch it.
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

/// A timeout that never comes: the longest `duration`.
inline constexpr duration never = duration::max();

/// A `duration` in an option or a limit: it takes every length that `std::chrono` converts to
/// nanoseconds, and a length that does not fit becomes the longest `duration` (or the shortest, if
/// the length is negative) instead of wrapping round.
///
/// It is a `duration` in every other way: it compares, adds and converts like its base.
class saturating_duration : public duration {
public:
    /// As the default constructor of `duration`: `saturating_duration{}` is 0.
    saturating_duration() = default;

    /// Converts a length. O(1).
    /// @param length The length, in any unit.
    template <std::integral Rep, class Period>
    requires std::convertible_to<std::chrono::duration<Rep, Period>, duration>
    constexpr saturating_duration(std::chrono::duration<Rep, Period> length) noexcept
        : duration{nanoseconds_of(length.count(), std::ratio_divide<Period, std::nano>::num)} {}

private:
    template <class Rep>
    static constexpr rep nanoseconds_of(Rep count, rep unit) noexcept {
        if (std::cmp_greater(+count, max().count() / unit)) return max().count();
        if (std::cmp_less(+count, min().count() / unit)) return min().count();
        return static_cast<rep>(count) * unit;
    }
};
static_assert(std::is_trivially_copyable_v<saturating_duration> &&
              std::is_trivially_destructible_v<saturating_duration>);

/// What an engine allows. An aggregate: name the fields that differ from the defaults.
///
/// An engine checks the values in its constructor and in `engine::set_limits`. A value out of range
/// throws `std::invalid_argument`, which names the field, the value and the allowed range. Each
/// field is checked alone: no pair of values is refused because one is larger than the other.
///
/// @par Example
/// @code
/// admit::limits{.max_concurrent = 20, .max_per_user = 5, .idle_timeout = 120s}
/// @endcode
struct limits {
    /// The largest `max_concurrent`, and the largest `max_per_user`, that an engine accepts.
    static constexpr std::size_t most_concurrent = 2'000'000;
    /// The largest `max_waiting`, and the largest `max_waiting_per_user`, that an engine accepts.
    static constexpr std::size_t most_waiting = 1'000'000;

    /// Conversations active at once, of all users together. Range: 0 to `most_concurrent`; with 0
    /// nothing new starts, which is a pause. Default: 10.
    std::size_t max_concurrent = 10;

    /// Conversations active at once of one user. Range: 0 to `most_concurrent`, independent of
    /// `max_concurrent`; 0 rejects every admission of a user with `errc::user_limit`. Default: 3.
    std::size_t max_per_user = 3;

    /// A conversation without a `permit::touch` for this long ends as `status::idle` at the next
    /// `engine::expire`. Range: more than 0, or `never`. Default: 5 minutes.
    saturating_duration idle_timeout = std::chrono::minutes{5};

    /// A conversation older than this ends as `status::timed_out` at the next `engine::expire`.
    /// Range: more than 0, or `never`. Default: 10 minutes.
    saturating_duration max_duration = std::chrono::minutes{10};

    /// Admissions that wait for room at once (`async_admit`), of all users together. Range: 0 to
    /// `most_waiting`. A further admission is rejected with `errc::queue_full`. Default: 1,024.
    std::size_t max_waiting = 1024;

    /// Admissions of one user that wait for room at once. Range: 0 to `most_waiting`. A further
    /// admission is rejected with `errc::user_queue_full`. Default: 16.
    std::size_t max_waiting_per_user = 16;

    /// Compares field by field.
    friend bool operator==(const limits&, const limits&) = default;
};

}  // namespace admit
