// SPDX-License-Identifier: BSL-1.0
#include "bot/durations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace admit::bot {
namespace {

struct unit {
    std::string_view name;
    std::chrono::milliseconds length;
};
using std::chrono::milliseconds;
constexpr std::array<unit, 4> units{{{"h", milliseconds{3'600'000}},
                                     {"m", milliseconds{60'000}},
                                     {"s", milliseconds{1000}},
                                     {"ms", milliseconds{1}}}};
constexpr std::size_t max_digits = 9;
constexpr milliseconds a_year = std::chrono::hours{365 * 24};

}  // namespace

std::optional<std::size_t> read_number(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || text.size() > max_digits)
        return std::nullopt;
    return number;
}

std::optional<duration> read_duration(std::string_view text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = read_number(text.substr(0, digits));
    const auto found = std::find_if(units.begin(), units.end(), [&](const unit& one) {
        return one.name == text.substr(digits);
    });
    if (!number || found == units.end()) return std::nullopt;
    const auto count = static_cast<milliseconds::rep>(*number);
    if (count > a_year / found->length) return std::nullopt;
    return count * found->length;
}

std::string show(duration length) {
    if (length == never) return "for ever";
    for (const unit& one : units)
        if (length >= one.length) {
            const auto tenths = (length * 10 + one.length / 2) / duration{one.length};
            if (tenths % 10 == 0) return fmt::format("{}{}", tenths / 10, one.name);
            return fmt::format("{}.{}{}", tenths / 10, tenths % 10, one.name);
        }
    return "0s";
}

}  // namespace admit::bot
