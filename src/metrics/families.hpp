// SPDX-License-Identifier: BSL-1.0
// The metrics of engines as prometheus-cpp's families: names, help texts, labels, buckets. The
// table is in include/admit/metrics.hpp.
#pragma once

#include <prometheus/metric_family.h>
#include <admit/detail/engine_figures.hpp>
#include <span>
#include <string>
#include <vector>

namespace admit {

/// The figures of one engine in one scrape.
struct scraped_engine {
    std::string name;
    detail::engine_figures figures;
};

/// The families that have a figure. Throws `std::bad_alloc`.
std::vector<prometheus::MetricFamily> families_of(std::span<const scraped_engine> engines);

}  // namespace admit
