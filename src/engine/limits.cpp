// SPDX-License-Identifier: BSL-1.0
#include "engine/limits.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace admit {

namespace {

/// The length in its largest exact unit.
std::string to_text(duration length) {
    using namespace std::chrono_literals;
    static constexpr std::pair<duration, const char*> units[] = {
        {1h, " h"}, {1min, " min"}, {1s, " s"}, {1ms, " ms"}, {1us, " us"}};
    if (length != duration::zero())
        for (const auto& [unit, name] : units)
            if (length % unit == duration::zero()) return std::to_string(length / unit) + name;
    return std::to_string(length.count()) + " ns";
}

[[noreturn]] void refuse(std::string_view field, std::string_view value, std::string_view range) {
    std::string message{"admit::"};
    message.append(field).append(" is ").append(value).append("; allowed is ").append(range);
    throw std::invalid_argument{message};
}

}  // namespace

void check_count(std::string_view field, std::size_t value, std::size_t max) {
    if (value > max) refuse(field, std::to_string(value), "0 to " + std::to_string(max));
}

void check_positive(std::string_view field, duration length, std::string_view range) {
    if (length <= duration::zero()) refuse(field, to_text(length), range);
}

void check(const limits& limits) {
    static constexpr std::string_view timeout_range = "more than 0 ns, up to admit::never";
    check_count("limits::max_concurrent", limits.max_concurrent, limits::most_concurrent);
    check_count("limits::max_per_user", limits.max_per_user, limits::most_concurrent);
    check_count("limits::max_waiting", limits.max_waiting, limits::most_waiting);
    check_count("limits::max_waiting_per_user", limits.max_waiting_per_user, limits::most_waiting);
    check_positive("limits::idle_timeout", limits.idle_timeout, timeout_range);
    check_positive("limits::max_duration", limits.max_duration, timeout_range);
}

}  // namespace admit
