// SPDX-License-Identifier: BSL-1.0
// The course of a run over time, in bounded memory. Filled by the monitor thread.
#pragma once

#include <admit/engine.hpp>
#include <chrono>
#include <vector>

#include "load/harness/collector.hpp"
#include "load/metrics.hpp"

namespace admit::load {

/// At most 2,000 points: a longer run has longer intervals. Not thread-safe.
class time_series {
public:
    using clock = std::chrono::steady_clock;
    static constexpr std::size_t max_points = 2'000;

    /// Intervals of one second, or shorter ones in a run of less than 20 s.
    explicit time_series(admit::duration expected_time);

    bool due(clock::time_point now) const noexcept { return now >= next_; }

    /// Ends an interval.
    void add(clock::time_point now, const admit::engine&, collector&, double resident_mib);

    const std::vector<series_point>& points() const noexcept { return points_; }

private:
    void halve();

    admit::duration interval_;
    clock::time_point began_ = clock::now();
    clock::time_point last_ = began_;
    clock::time_point next_;
    start_counts starts_;
    std::uint64_t completed_ = 0;
    std::vector<series_point> points_;
};

}  // namespace admit::load
