// SPDX-License-Identifier: BSL-1.0
// The numbers of one run: the defaults of its scenario with the settings applied.
// Made by `prepare` of each scenario; read by the harness, the checks and the reports.
#pragma once

#include <admit/limits.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "load/settings.hpp"

namespace admit::load {

inline constexpr std::size_t max_users = 2'000'000;
inline constexpr std::size_t max_threads = 256;

/// Expected counts are computed from these numbers and are never constants.
struct plan {
    std::string_view scenario;
    std::size_t threads = 1;
    admit::limits limits;
    std::size_t users = 0;           ///< at once
    std::size_t distinct_users = 0;  ///< in the whole run
    std::size_t rounds = 1;          ///< bursts, or cycles of each user
    std::uint64_t cycles = 0;
    admit::duration step{};  ///< a conversation sleeps `steps` times this long
    int steps = 0;
    admit::duration pause{};
    admit::duration duration{};              ///< of a run with a fixed duration
    admit::duration wait{};                  ///< longest wait of a start; 0: it is rejected
    std::uint64_t expected_completions = 0;  ///< for the progress bar; 0: use the time
    admit::duration expected_time{};         ///< for the progress bar and the watchdog
    std::vector<std::string_view> kinds;     ///< names of the kinds of samples
    double baseline_memory_mib = 0;          ///< baseline for memory growth; 0: none
    double memory_limit_mib = 0;             ///< threshold for the peak
    bool checks_speed = true;                ///< false for large runs and sanitizers
    double allowance_ms = 0;                 ///< added to bounds of time in large runs
    bool from_file = false;                  ///< a scenario file: its users may end in any way
    std::size_t seed = 0;                    ///< of a scenario file
    std::size_t max_of_a_user = 0;           ///< if a kind of users has another limit; 0: none has
    double late_arrivals_percent = 100;      ///< of the open model, above which a run is invalid
    fault planted = fault::none;
    admit::duration time_limit{};  ///< after which the watchdog stops the run
};

/// The numbers of a scenario before any override.
struct defaults {
    std::string_view scenario;
    std::size_t max_concurrent = 20;
    std::size_t max_per_user = 5;
    std::size_t users = 0;
    std::size_t min_users = 1;
    std::size_t min_concurrent = 1;
    admit::duration max_quiet{};  ///< longest time without a touch
    admit::duration max_conversation{};
    double baseline_memory_mib = 0;
};

/// Applies overrides and scale. Throws `tools::usage_error` with the option, its value and the
/// allowed range if the scenario cannot run with them.
plan derive_plan(const settings&, const defaults&, std::size_t threads);

/// Returns `quick` for the quick pace, else `normal`.
admit::duration paced(const settings&, admit::duration normal, admit::duration quick);

/// Peak memory of a run: 4 MiB for threads, context and engine, 4 KiB for each coroutine
/// (measured: 1 to 1.5) and 256 bytes for each slot.
double expected_memory_mib(std::size_t coroutines, std::size_t slots);

/// Users that are admitted when all request at once and none ends before.
std::size_t admitted_at_once(const plan&);

/// Users that are admitted in the end: all of them if they may wait.
std::size_t admitted_in_all(const plan&);

/// How often the slots are filled until all admitted users were served.
std::size_t rounds_of_admissions(const plan&);

/// Shortest possible wait of the last user, and of the average user, when all request before the
/// first conversation begins and each conversation takes this long. 0 if no user has to wait.
admit::duration max_wait(const plan&, admit::duration conversation);
admit::duration mean_wait(const plan&, admit::duration conversation);

double milliseconds(admit::duration);

/// Sets `max_waiting` for this many waiters. Throws `tools::usage_error` above the engine's range.
void reserve_queue(plan&, std::size_t waiters);

}  // namespace admit::load
