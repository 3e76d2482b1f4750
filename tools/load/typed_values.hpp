// Values of options, read strictly. Not by CLI11, which would take 0x10, "1e3", or a number
// followed by something else.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace admit::load {

/// An option as it was typed; absent if it was not.
using typed = std::optional<std::string>;

/// Throws `usage_error`, naming the option, its value and what is allowed.
[[noreturn]] void refuse(std::string_view option, std::string_view value, std::string_view allowed);

/// From 1 to `most`.
std::optional<std::size_t> whole_number(std::string_view option, const typed& value,
                                        std::size_t most);

/// Digits, or digits with a point between them: from a millisecond to a year.
std::optional<std::chrono::nanoseconds> seconds(std::string_view option, const typed& value);

}  // namespace admit::load
