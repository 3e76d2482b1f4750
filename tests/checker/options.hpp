#pragma once

#include <cstdint>

namespace admit::model {

inline constexpr unsigned unlimited = 61;  // one digit in a seed

/// What one search may do; chosen per test, raised by `--bound` and `--deep`.
struct options {
    /// Switches away from a thread that could have gone on. The search runs with 0, 1, ... up to
    /// this many, so the first failure has the fewest.
    unsigned preemptions = 3;
    /// Loads in one execution that read an older store than the newest.
    unsigned stale_reads = 3;
    /// compare_exchange_weak that fail for no reason, in one execution.
    unsigned spurious_failures = 1;
    /// Stop one thread at each step until the others have finished, and fail if they cannot.
    bool lock_freedom = false;
    /// With `lock_freedom`: a parked thread waits for a partner, it is not held up by a lock.
    bool parking_is_progress = false;
    /// Leave out executions that only repeat another one (see "Reduction" in README.md).
    bool reduce = true;
    /// Executions of the exhaustive search, pruned ones included, over all its bounds.
    std::uint64_t executions = 2'000'000;
    /// Executions of the random search that follows it.
    std::uint64_t random_executions = 0;
    std::uint64_t random_seed = 1;
    /// Priority changes of a random schedule.
    unsigned random_depth = 4;
    /// A thread that neither learned nor changed anything for so many operations is taken to spin:
    /// it gives way to another one. Above what the code under test does without waiting.
    unsigned spin_limit = 32;
    /// Steps of one execution; more is a livelock.
    unsigned step_budget = 20'000;
    /// Steps of one thread while another is suspended; more is not lock-free.
    unsigned suspended_step_budget = 2'000;
};

}  // namespace admit::model
