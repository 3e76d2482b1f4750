// SPDX-License-Identifier: BSL-1.0
// The trend of memory use over a run. Used by runner.cpp; the samples are taken by the monitor.
#pragma once

#include <span>
#include <vector>

#include "load/metrics.hpp"

namespace admit::load {

/// Computes the trend after the first fifth of the samples, in which allocators, threads and queues
/// warm up. The slope is the median of the slopes between all pairs (Theil-Sen). Up to 29 % of the
/// samples may be outliers without moving it much, so a step or a spike is no trend.
memory_trend find_trend(std::span<const memory_sample> samples);

/// At most `max` of the samples, evenly spaced.
std::vector<memory_sample> evenly_spaced(std::span<const memory_sample> samples, std::size_t max);

}  // namespace admit::load
