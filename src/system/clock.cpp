// SPDX-License-Identifier: BSL-1.0
// The coarse clock, the default time source of an engine.
#include <admit/engine.hpp>
#include <ctime>

namespace admit {

namespace {

#if defined(CLOCK_MONOTONIC_COARSE) && !defined(ADMIT_PORTABLE)

duration as_duration(const std::timespec& time) noexcept {
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

time_point read_coarse_clock() noexcept {
    std::timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return time_point{as_duration(now)};
}

duration resolution_of_clock() noexcept {
    std::timespec resolution{};
    ::clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);
    return as_duration(resolution);
}

#else

// The fine clock: correct, but a reading takes 20 to 30 ns.
time_point read_coarse_clock() noexcept {
    return std::chrono::time_point_cast<duration>(std::chrono::steady_clock::now());
}

duration resolution_of_clock() noexcept {
    return std::chrono::ceil<duration>(std::chrono::steady_clock::duration{1});
}

#endif

}  // namespace

time_source coarse_clock() noexcept {
    return {.now = &read_coarse_clock, .resolution = resolution_of_clock()};
}

}  // namespace admit
