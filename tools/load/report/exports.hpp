// SPDX-License-Identifier: BSL-1.0
// Results in the formats of other tools.
#pragma once

#include <string>

#include "load/metrics.hpp"

namespace admit::load {

/// The distribution of the response times in ms, as HdrHistogram's tools plot it (.hgrm).
std::string hgrm_report(const metrics&);

/// The time series: a heading and a line for each interval.
std::string csv_report(const metrics&);

}  // namespace admit::load
