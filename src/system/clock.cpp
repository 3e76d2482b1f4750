// SPDX-License-Identifier: BSL-1.0
// The coarse clock, the default time source of an engine.
#include <admit/engine.hpp>
#include <ctime>

namespace admit {

namespace {

duration as_duration(const std::timespec& time) noexcept {
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

time_point read_coarse_clock() noexcept {
    std::timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return time_point{as_duration(now)};
}

}  // namespace

time_source coarse_clock() noexcept {
    std::timespec resolution{};
    ::clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);
    return {.now = &read_coarse_clock, .resolution = as_duration(resolution)};
}

}  // namespace admit
