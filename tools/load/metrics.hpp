// SPDX-License-Identifier: BSL-1.0
// The measurements of one run. Written by the harness; read by the checks and the reports.
#pragma once

#include <admit/error.hpp>
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
    double deviation_ms = 0;
    double p50_ms = 0;
    double p90_ms = 0;
    double p95_ms = 0;
    double p99_ms = 0;
    double p99_9_ms = 0;
    double p99_99_ms = 0;
};

/// A point of a distribution: so many values are not above this one.
struct percentile_point {
    double percent = 0;
    double value_ms = 0;
    std::uint64_t count = 0;
};

/// Arrivals of the open model, which are planned before the run. A late one started after its
/// planned instant by more than the file allows.
struct arrival_counts {
    std::uint64_t planned = 0;
    std::uint64_t late = 0;
    double longest_delay_ms = 0;
};

struct kind_of_work {
    std::string name;
    response_times response;
};

struct user_share {
    std::string user;
    std::uint64_t conversations = 0;
    double mean_ms = 0;
};

/// The users in the order of their completed conversations: the first has most.
struct user_rank {
    std::size_t rank = 0;  ///< from 1
    std::uint64_t conversations = 0;
};

struct memory_sample {
    double at_s = 0;
    double resident_mib = 0;
};

/// One interval of the time series of a run. Counts and times are those of the interval.
struct series_point {
    double at_s = 0;            ///< its end, after the beginning of the run
    double interval_s = 0;      ///< its length
    std::uint64_t active = 0;   ///< at its end, by the engine
    std::uint64_t waiting = 0;  ///< at its end, by the engine
    std::uint64_t admitted = 0;
    std::uint64_t rejected = 0;
    std::uint64_t completed = 0;
    double p50_ms = 0;  ///< of the response times
    double p99_ms = 0;
    double max_ms = 0;
    double resident_mib = 0;
};

struct memory_trend {
    std::size_t samples = 0;  ///< used for the trend; 0: too few for one
    double mib_per_minute = 0;
    double rise_mib = 0;  ///< over the time of these samples
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
    std::uint64_t given_up = 0;  ///< waits that their user cancelled
    std::array<std::uint64_t, reason_names.size()> failed_by_reason{};

    std::uint64_t failed() const noexcept;
    std::uint64_t failed(admit::errc reason) const noexcept;
};

/// All members but `engine`, `listed` and `max_active_reported` are measured outside the engine.
struct metrics {
    response_times response;  ///< from the planned start, if there is a plan, to the end
    response_times service;   ///< from the actual start to the end
    std::optional<response_times> queue_wait;  ///< from request to permit; absent without --wait
    std::vector<kind_of_work> kinds;
    std::vector<user_share> users;      ///< empty for more users than are listed
    std::vector<user_rank> user_ranks;  ///< of all users; of many, evenly spaced ranks
    start_counts starts;
    std::uint64_t waits = 0;  ///< successful starts that could have waited
    std::uint64_t completions = 0;
    arrival_counts arrivals;
    std::uint64_t expired = 0;           ///< ended by the engine before their user did
    std::uint64_t thrown = 0;            ///< ended by an exception that the scenario asks for
    std::uint64_t false_rejections = 0;  ///< by the global limit, with a slot certainly free
    double fairness = 1;                 ///< Jain's index of the conversations of the users
    std::uint64_t abandoned = 0;         ///< permits destroyed without an end
    std::uint64_t failed_touches = 0;    ///< touches of an active conversation that failed
    std::uint64_t late_samples = 0;      ///< found the queue full; the worker added them itself
    double duration_s = 0;
    memory_use memory;
    std::vector<series_point> series;
    std::vector<percentile_point> distribution;          ///< of the response times
    std::vector<percentile_point> service_distribution;  ///< empty without a plan of starts
    std::vector<percentile_point> wait_distribution;     ///< of the queue waits; empty without any
    std::uint64_t max_active = 0;
    std::uint64_t max_active_of_a_user = 0;
    std::uint64_t max_active_reported = 0;  ///< by the engine, polled during the run
    admit::stats engine;                    ///< at the end
    std::size_t listed = 0;                 ///< conversations in the engine's listing at the end
    std::uint64_t exceptions = 0;
    std::string first_exception;
    bool finished = false;  ///< false: stopped by the watchdog or an exception

    double success_rate_percent() const noexcept;
    double admitted_percent() const noexcept;
    double throughput_per_s() const noexcept;
};

}  // namespace admit::load
