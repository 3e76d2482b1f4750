// The numbers of one run, derived from the scenario's own and the user's overrides.
#pragma once

#include <admit/limits.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "load/settings.hpp"

namespace admit::load {

inline constexpr std::size_t most_users = 2'000'000;
inline constexpr std::size_t most_threads = 256;

/// Everything that a scenario, its judge and the reports need to know before the run. Expected
/// counts are computed from these numbers and never written down as constants.
struct plan {
    std::string_view scenario;
    std::size_t threads = 1;
    admit::limits limits;
    std::size_t users = 0;   ///< at once; the table's number unless overridden or scaled
    std::size_t people = 0;  ///< different users in the whole run
    std::size_t rounds = 1;  ///< bursts, or cycles of each user
    std::uint64_t cycles = 0;
    admit::duration step{};  ///< a conversation is `steps` rests of this length
    int steps = 0;
    admit::duration pause{};
    admit::duration duration{};              ///< of a run that is bounded by time
    admit::duration wait{};                  ///< how long a start waits for room; 0: not at all
    std::uint64_t expected_completions = 0;  ///< for the progress bar; 0: use the time
    admit::duration expected_time{};         ///< likewise, and for the watchdog
    std::vector<std::string_view> kinds;     ///< names of the kinds of samples
    double memory_floor_mib = 0;             ///< the older system's threshold for growth; 0: none
    double own_memory_mib = 0;               ///< our own, for the peak
    bool judges_speed = true;                ///< own timing checks hold for this size and build
    double allowance_ms = 0;  ///< for crowds: what serving all of them once may add to each
    fault planted = fault::none;
    admit::duration patience{};  ///< the watchdog stops the run after this
};

/// What the table of scenarios says, before any override.
struct defaults {
    std::string_view scenario;
    std::size_t max_concurrent = 20;
    std::size_t max_per_user = 5;
    std::size_t users = 0;
    std::size_t fewest_users = 1;
    std::size_t fewest_concurrent = 1;
    admit::duration longest_quiet{};  ///< the longest time without a touch
    admit::duration longest_conversation{};
    double memory_floor_mib = 0;
};

/// Applies overrides and scale. Throws `usage_error` for a combination that the scenario cannot
/// run with, saying which option, which value and what is allowed.
plan derive_plan(const settings&, const defaults&, std::size_t threads);

/// `normal` unless the pace is quick.
admit::duration paced(const settings&, admit::duration normal, admit::duration quick);

/// What a run with so many coroutines at once may need at its peak: 4 MiB for threads, context and
/// engine, 4 KiB for a coroutine (measured: 1 to 1.5) and 256 bytes for a slot.
double expected_memory_mib(std::size_t coroutines, std::size_t slots);

/// Users of this plan that are admitted when all ask at once and none ends before.
std::size_t admitted_at_once(const plan&);

/// Users of this plan that are admitted in the end: all of them where they may wait.
std::size_t admitted_in_all(const plan&);

/// How often the slots are filled until everybody who is admitted was.
std::size_t rounds_of_admissions(const plan&);

/// What the last and the average user wait when all ask before the first begins and every
/// conversation takes this long. With the limit kept nobody can wait less; 0 where nobody waits.
admit::duration longest_wait(const plan&, admit::duration conversation);
admit::duration mean_wait(const plan&, admit::duration conversation);

double milliseconds(admit::duration);

/// Makes room for so many who wait at once. Throws `usage_error` when no engine has that much.
void make_waiting_room(plan&, std::size_t waiters);

}  // namespace admit::load
