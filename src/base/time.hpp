// SPDX-License-Identifier: BSL-1.0
// Instants and lengths of time in the core. Times are arguments: the core reads no clock.
#pragma once

#include <cstdint>
#include <limits>

namespace admit::core {

/// An instant in nanoseconds of the monotonic clock, or a length in nanoseconds.
using nanos = std::int64_t;

/// The instant that never comes.
inline constexpr nanos end_of_time = std::numeric_limits<nanos>::max();

/// `instant + length`, or the end of time if the sum does not fit.
inline nanos after(nanos instant, nanos length) noexcept {
    nanos sum = 0;
    return __builtin_add_overflow(instant, length, &sum) ? end_of_time : sum;
}

}  // namespace admit::core
