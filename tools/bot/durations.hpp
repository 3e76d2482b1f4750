// SPDX-License-Identifier: BSL-1.0
// Lengths of time as people write them: 500ms, 3s, 2m, 1h. Used by the configuration and commands.
#pragma once

#include <admit/limits.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace admit::bot {

/// A whole number and a unit, nothing else, up to a year.
std::optional<duration> read_duration(std::string_view text);
/// With the largest unit that shows it to a tenth: 1.5s, 2m.
std::string show(duration length);
/// A whole number of at most nine digits, and nothing else.
std::optional<std::size_t> read_number(std::string_view text);

}  // namespace admit::bot
