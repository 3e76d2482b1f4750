// SPDX-License-Identifier: BSL-1.0
#include "load/harness/time_series.hpp"

#include <algorithm>

namespace admit::load {
namespace {

using namespace std::chrono_literals;

double seconds(admit::duration length) { return std::chrono::duration<double>(length).count(); }

/// Two neighbours as one. The percentiles of both are those of the slower one.
series_point joined(const series_point& first, const series_point& second) {
    series_point both = second;
    both.interval_s += first.interval_s;
    both.admitted += first.admitted;
    both.rejected += first.rejected;
    both.completed += first.completed;
    both.p50_ms = std::max(first.p50_ms, second.p50_ms);
    both.p99_ms = std::max(first.p99_ms, second.p99_ms);
    both.max_ms = std::max(first.max_ms, second.max_ms);
    return both;
}

}  // namespace

time_series::time_series(admit::duration expected_time)
    : interval_(std::clamp<admit::duration>(expected_time / 20, 50ms, 1s)),
      next_(began_ + interval_) {
    // Touched now, so that the points are no growth of memory.
    points_.resize(max_points);
    points_.clear();
}

void time_series::add(clock::time_point now, const admit::engine& engine, collector& samples,
                      double resident_mib) {
    if (points_.size() == max_points) halve();
    const admit::stats stats = engine.stats();
    const start_counts starts = samples.starts();
    const std::uint64_t completed = samples.sum(&worker_record::completed);
    const response_times times = samples.table().interval().summary();
    samples.table().end_interval();
    points_.push_back({.at_s = seconds(now - began_),
                       .interval_s = seconds(now - last_),
                       .active = stats.active,
                       .waiting = stats.waiting,
                       .admitted = starts.successful - starts_.successful,
                       .rejected = starts.failed() - starts_.failed(),
                       .completed = completed - completed_,
                       .p50_ms = times.p50_ms,
                       .p99_ms = times.p99_ms,
                       .max_ms = times.max_ms,
                       .resident_mib = resident_mib});
    starts_ = starts;
    completed_ = completed;
    last_ = now;
    next_ = now + interval_;
}

void time_series::halve() {
    std::size_t kept = 0;
    for (std::size_t at = 0; at + 1 < points_.size(); at += 2)
        points_[kept++] = joined(points_[at], points_[at + 1]);
    points_.resize(kept);
    interval_ *= 2;
}

}  // namespace admit::load
