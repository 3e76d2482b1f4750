// SPDX-License-Identifier: BSL-1.0
// The ranges of limits and options, and what a refused value is told. The constructor of an engine,
// `engine::set_limits` and the functions of async.hpp check their arguments here.
#pragma once

#include <admit/limits.hpp>
#include <cstddef>
#include <string_view>

namespace admit {

/// Throws `std::invalid_argument`, which names the field, the value and the allowed range.
void check(const limits& limits);

/// Throws `std::invalid_argument` unless `value` is 0 to `max`.
void check_count(std::string_view field, std::size_t value, std::size_t max);

/// Throws `std::invalid_argument` unless `length` is more than 0. `field` and `range` are the
/// beginning and the end of the message.
void check_positive(std::string_view field, duration length, std::string_view range);

}  // namespace admit
