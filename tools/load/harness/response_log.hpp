// SPDX-License-Identifier: BSL-1.0
// Percentiles of response times in bounded memory. Used by collector.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "load/metrics.hpp"

namespace admit::load {

/// Up to `exact_up_to` values are kept, and percentiles are exact by the nearest-rank definition:
/// the smallest value that at least p percent of all values do not exceed. With more values all go
/// into a histogram (Boost.Histogram, logarithmic axis) with bins 0.1 % wide: a percentile is off
/// by at most 0.05 %. Count, minimum, maximum and mean are always exact. Not thread-safe.
class response_log {
public:
    static constexpr std::size_t exact_up_to = 65'536;

    response_log();
    ~response_log();
    response_log(response_log&&) noexcept;
    response_log& operator=(response_log&&) noexcept;

    void add(std::uint64_t nanoseconds);
    void add(const response_log& other);

    /// Forgets all values and keeps the memory for the next ones.
    void reset();

    /// Touches the memory of the exact values, so that adding them is no growth of memory.
    void prefault();

    std::uint64_t count() const noexcept { return count_; }
    bool exact() const noexcept { return binned_ == nullptr; }

    /// In nanoseconds; 0 without values.
    double percentile(double percent) const;
    response_times summary() const;

    /// The distribution with five points in each half of what is left of it: 0, 10, ... 50, 55, ...
    /// 75, 77.5, ... 100 %.
    std::vector<percentile_point> distribution() const;

private:
    struct histogram;
    class ranking;

    void start_binning();

    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    double squares_ = 0;  // of milliseconds
    std::uint64_t min_ = UINT64_MAX;
    std::uint64_t max_ = 0;
    std::vector<std::uint64_t> exact_;
    std::unique_ptr<histogram> binned_;
};

}  // namespace admit::load
