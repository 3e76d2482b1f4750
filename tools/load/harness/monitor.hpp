// SPDX-License-Identifier: BSL-1.0
// The monitor thread of a run: drains samples, reads memory, calls `expire`, watches the time.
// Used by runner.cpp. See docs/load_testing.md#how-a-run-works.
#pragma once

#include <admit/engine.hpp>
#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

#include "common/memory_probe.hpp"
#include "load/harness/collector.hpp"
#include "load/harness/memory_trend.hpp"
#include "load/harness/time_series.hpp"
#include "load/plan.hpp"

namespace admit::load {

/// How far a run is.
struct run_progress {
    double part = 0;        ///< 0 to 1
    std::size_t limit = 0;  ///< of conversations at once
    series_point latest{};  ///< the last interval that has ended
};

/// Called by the monitor thread ten times a second.
using progress_listener = std::function<void(const run_progress&)>;

/// The thread runs from the construction to `finish`.
class monitor {
public:
    /// Calls `stop_run(false)` when the run exceeds `plan::time_limit`, and `stop_run(true)` if the
    /// workers have not finished 30 s later.
    monitor(const plan&, admit::engine&, collector&, const tools::memory_probe&,
            progress_listener progress, std::function<void(bool)> stop_run);

    /// Stops the thread and rethrows its exception. Call after the workers were joined.
    void finish();

    bool timed_out() const noexcept { return timed_out_; }
    std::uint64_t max_active_reported() const noexcept { return max_active_; }
    double highest_resident_mib() const noexcept { return highest_resident_; }
    const std::vector<memory_sample>& memory() const noexcept { return memory_; }
    const std::vector<series_point>& series() const noexcept { return series_.points(); }

private:
    using clock = std::chrono::steady_clock;

    void guarded(const std::stop_token& stop) noexcept;
    void watch(const std::stop_token& stop);
    void look(clock::time_point now);
    void sample_memory(clock::time_point now);
    run_progress progress(clock::time_point now) const;
    double done_part(clock::time_point now) const;

    const plan& numbers_;
    admit::engine& engine_;
    collector& samples_;
    const tools::memory_probe& probe_;
    progress_listener progress_;
    std::function<void(bool)> stop_run_;
    clock::time_point began_ = clock::now();
    clock::duration sample_interval_;
    clock::time_point next_memory_, next_expiry_, next_poll_, next_progress_;
    bool timed_out_ = false;
    std::exception_ptr error_;
    std::uint64_t max_active_ = 0;
    double highest_resident_ = 0;
    std::vector<memory_sample> memory_;
    time_series series_;
    std::jthread thread_;  // last member: it uses all others
};

}  // namespace admit::load
