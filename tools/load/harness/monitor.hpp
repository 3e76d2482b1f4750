// The thread beside the workers: takes their samples, watches memory and time, lets expire.
#pragma once

#include <admit/engine.hpp>
#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

#include "load/harness/collector.hpp"
#include "load/harness/memory.hpp"
#include "load/plan.hpp"

namespace admit::load {

/// Told the done part of the run, 0 to 1, a few times a second, by the monitor's thread.
using progress_listener = std::function<void(double)>;

/// Works from its construction to `finish`.
class monitor {
public:
    /// `give_up(false)` is called when the run takes longer than `plan::patience`, and
    /// `give_up(true)` when the workers have not come back half a minute later.
    monitor(const plan&, admit::engine&, collector&, const memory_probe&,
            progress_listener progress, std::function<void(bool)> give_up);

    /// After the workers were joined: stops the thread. Rethrows what went wrong in it.
    void finish();

    bool gave_up() const noexcept { return gave_up_; }
    std::uint64_t max_active_reported() const noexcept { return max_active_; }
    double highest_resident_mib() const noexcept { return highest_resident_; }
    const std::vector<memory_sample>& memory() const noexcept { return memory_; }

private:
    using clock = std::chrono::steady_clock;

    void guarded(const std::stop_token& stop) noexcept;
    void watch(const std::stop_token& stop);
    void look(clock::time_point now);
    void sample_memory(clock::time_point now);
    double done_part(clock::time_point now) const;

    const plan& numbers_;
    admit::engine& engine_;
    collector& samples_;
    const memory_probe& probe_;
    progress_listener progress_;
    std::function<void(bool)> give_up_;
    clock::time_point began_ = clock::now();
    clock::duration sample_interval_;
    clock::time_point next_memory_, next_expiry_, next_poll_, next_progress_;
    bool gave_up_ = false;
    std::exception_ptr error_;
    std::uint64_t max_active_ = 0;
    double highest_resident_ = 0;
    std::vector<memory_sample> memory_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace admit::load
