// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace admit::model {

/// No limit. It is the number of digits of a seed, so that each lower limit is one digit.
inline constexpr unsigned unlimited = 61;

/// The bounds of a search. Each test has its own; `--bound` and `--deep` raise them.
struct options {
    /// Switches away from an enabled thread. The search goes through 0, 1, ... up to this bound, so
    /// that the first failure has the fewest preemptions.
    unsigned preemptions = 3;
    /// Loads of one execution that do not read the newest store.
    unsigned stale_reads = 3;
    /// compare_exchange_weak operations of one execution that fail on the expected value.
    unsigned spurious_failures = 1;
    /// Suspend one thread at each of its steps, and fail if the other threads do not finish.
    bool lock_freedom = false;
    /// With `lock_freedom`: a thread that is parked does not fail the execution.
    bool parking_is_progress = false;
    /// Leave out executions that only repeat another execution (design.md#reduction).
    bool reduce = true;
    /// Executions of the exhaustive search over all its bounds, with those that are pruned.
    std::uint64_t executions = 2'000'000;
    /// Executions of the random search that follows it.
    std::uint64_t random_executions = 0;
    std::uint64_t random_seed = 1;
    /// Priority changes of a random schedule.
    unsigned random_depth = 4;
    /// A thread that makes no progress for so many operations is taken to spin and yields. The
    /// limit has to be above what the code under test does without waiting.
    unsigned spin_limit = 32;
    /// Steps of one execution; more are a livelock.
    unsigned step_budget = 20'000;
    /// Steps of one thread while another thread is suspended; more are not lock-free.
    unsigned suspended_step_budget = 2'000;
};

}  // namespace admit::model
