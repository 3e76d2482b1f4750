// Command lines, and the values of options, read strictly. The values not by CLI11, which would
// take 0x10, "1e3", or a number followed by something else.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace admit::load {

/// Fills in what was declared. Returns the help if that was asked for. Throws `usage_error`.
std::optional<std::string> parse(CLI::App& app, int argc, const char* const* argv);

/// An option as it was typed; absent if it was not.
using typed = std::optional<std::string>;

/// Throws `usage_error`, naming the option, its value and what is allowed.
[[noreturn]] void refuse(std::string_view option, std::string_view value, std::string_view allowed);

/// From `least` to `most`.
std::optional<std::size_t> whole_number(std::string_view option, const typed& value,
                                        std::size_t least, std::size_t most);
/// From 1 to `most`.
inline std::optional<std::size_t> whole_number(std::string_view option, const typed& number,
                                               std::size_t most) {
    return whole_number(option, number, 1, most);
}

/// Digits, or digits with a point between them: from a millisecond to a year.
std::optional<std::chrono::nanoseconds> seconds(std::string_view option, const typed& value);

}  // namespace admit::load
