// What one run is known by afterwards: the material of the checks and the reports.
#pragma once

#include <admit/stats.hpp>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace admit::load {

struct response_times {
    std::uint64_t count = 0;
    double min_ms = 0;
    double max_ms = 0;
    double mean_ms = 0;
    double p50_ms = 0;
    double p95_ms = 0;
    double p99_ms = 0;
};

struct kind_of_work {
    std::string_view name;
    response_times response;
};

struct user_share {
    std::string user;
    std::uint64_t conversations = 0;
    double mean_ms = 0;
};

struct memory_sample {
    double at_s = 0;
    double resident_mib = 0;
};

struct memory_trend {
    std::size_t samples = 0;  ///< that were judged; 0: too few to tell
    double mib_per_minute = 0;
    double rise_mib = 0;  ///< over the time that was judged
};

struct memory_use {
    double before_mib = 0;
    double after_mib = 0;
    double peak_mib = 0;
    memory_trend trend;
    std::vector<memory_sample> samples;  ///< every 5 s, or 6 in a shorter run

    double growth_mib() const noexcept { return after_mib - before_mib; }
};

/// The reasons of rejections in the order of `admit::errc`; the last is any other error.
inline constexpr std::array<std::string_view, 8> reason_names = {
    "shutting_down", "global_limit",    "invalid_user_id", "user_limit",
    "queue_full",    "user_queue_full", "wait_timeout",    "other"};

struct start_counts {
    std::uint64_t attempts = 0;
    std::uint64_t successful = 0;
    std::array<std::uint64_t, reason_names.size()> failed_by_reason{};

    std::uint64_t failed() const noexcept;
    std::uint64_t failed(admit::errc reason) const noexcept;
};

/// Counted and measured outside the engine, but for `engine`.
struct metrics {
    response_times response;
    std::optional<response_times>
        queue_wait;  ///< from asking to having the permit, where starts wait
    std::vector<kind_of_work> kinds;
    std::vector<user_share> users;  ///< empty when there are too many to list
    start_counts starts;
    std::uint64_t waits = 0;  ///< of the successful starts: those that were ready to wait
    std::uint64_t completions = 0;
    std::uint64_t abandoned = 0;       ///< conversations whose user went away without ending them
    std::uint64_t failed_touches = 0;  ///< "no such conversation" while it was active
    std::uint64_t late_samples = 0;    ///< that found the queue full and were added up on the spot
    double duration_s = 0;
    memory_use memory;
    std::uint64_t max_active = 0;
    std::uint64_t max_active_of_a_user = 0;
    std::uint64_t max_active_reported = 0;  ///< by the engine, polled during the run
    admit::stats engine;                    ///< at the end
    std::size_t listed = 0;                 ///< conversations in the engine's listing at the end
    std::uint64_t exceptions = 0;
    std::string first_exception;
    bool finished = false;  ///< by itself, not by the watchdog

    double success_rate_percent() const noexcept;
    double admitted_percent() const noexcept;
    double throughput_per_s() const noexcept;
};

}  // namespace admit::load
