// SPDX-License-Identifier: BSL-1.0
// The numbers of one run: those of its scenario file with the settings applied.
// Made by drive/file_scenario.cpp; read by the harness, the checks and the reports.
#pragma once

#include <admit/limits.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "load/settings.hpp"

namespace admit::load {

inline constexpr std::size_t max_users = 2'000'000;
inline constexpr std::size_t max_threads = 256;

struct scenario_file;

/// Expected counts are computed from these numbers and are never constants.
struct plan {
    std::shared_ptr<const scenario_file> file;  ///< with the settings applied

    std::string_view scenario;
    std::string text;  ///< of the file, before the settings; bounded by `max_text`
    std::size_t threads = 1;
    admit::limits limits;
    std::size_t users = 0;                   ///< at once
    std::size_t distinct_users = 0;          ///< in the whole run
    std::size_t rounds = 1;                  ///< bursts, or cycles of each user
    std::uint64_t cycles = 0;                ///< of starts and ends without a pause
    admit::duration max_conversation{};      ///< of the kind with the longest conversations
    admit::duration duration{};              ///< of a run with a fixed duration
    admit::duration wait{};                  ///< longest wait of a start; 0: it is rejected
    std::uint64_t expected_completions = 0;  ///< for the progress bar; 0: use the time
    admit::duration expected_time{};         ///< for the progress bar and the watchdog
    std::vector<std::string_view> kinds;     ///< names of the kinds of samples
    double growth = 1;                       ///< the users, of those that the file says; 1 or more
    double memory_limit_mib = 0;             ///< threshold for the peak; 0: none
    bool checks_speed = true;                ///< false for large runs and sanitizers
    double allowance_ms = 0;                 ///< added to bounds of time in large runs
    bool from_file = false;                  ///< a user's own: its users may end in any way
    std::size_t seed = 0;                    ///< of the file
    std::size_t max_of_a_user = 0;           ///< the highest limit that a kind of users has
    double late_arrivals_percent = 100;      ///< of the open model, above which a run is invalid
    system_kind system = system_kind::admit;
    fault planted = fault::none;
    admit::duration time_limit{};  ///< after which the watchdog stops the run
};

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

/// The number of conversations that one worker tries to hold in the rapid cycles: two more than
/// there are slots, so that each worker reaches the limit all the time.
std::size_t max_open_rapid(std::size_t slots);

/// Refuses timeouts and waits of the settings that could end a conversation or a wait of a shipped
/// scenario, because its expected counts would not hold. Timeouts that are not given grow instead.
/// Throws `tools::usage_error` with the option, its value and the allowed range.
void fit_times(plan&, const settings&, admit::duration max_quiet);

}  // namespace admit::load
