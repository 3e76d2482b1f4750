// SPDX-License-Identifier: BSL-1.0
// Command lines and option values, read strictly. Used by all tools in C++.
// CLI11 names the options; it would also accept 0x10, "1e3" or trailing text as a number.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace admit::tools {

/// The command line cannot be used: exit code 2.
class usage_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Fills in the declared options. Returns the help text if it was requested. Throws `usage_error`.
std::optional<std::string> parse(CLI::App& app, int argc, const char* const* argv);

/// The text of an option; absent if the option was not given.
using typed = std::optional<std::string>;

/// Throws `usage_error` with the option, its value and the allowed range.
[[noreturn]] void refuse(std::string_view option, std::string_view value, std::string_view allowed);

/// A whole number from `min` to `max`. Throws `usage_error`.
std::optional<std::size_t> whole_number(std::string_view option, const typed& value,
                                        std::size_t min, std::size_t max);

/// A whole number from 1 to `max`. Throws `usage_error`.
inline std::optional<std::size_t> whole_number(std::string_view option, const typed& value,
                                               std::size_t max) {
    return whole_number(option, value, 1, max);
}

/// Digits, with or without a decimal point between them: 1 ms to one year. Throws `usage_error`.
std::optional<std::chrono::nanoseconds> seconds(std::string_view option, const typed& value);

/// Where a server listens, as it was typed: "127.0.0.1:9464", "[::1]:9464"; port 0 is a free one.
/// Neither a port alone nor a name, since either could mean all networks. Throws `usage_error`.
std::optional<std::string> listen_address(std::string_view option, const typed& value);

}  // namespace admit::tools
