// SPDX-License-Identifier: BSL-1.0
// Compares two sets of runs: whether the second is worse than the first, beyond noise.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "load/runner.hpp"

namespace admit::load {

/// The values of each figure, one for each run.
using figure_values = std::map<std::string, std::vector<double>, std::less<>>;

/// Fewer runs of one side show nothing.
inline constexpr std::size_t least_repeats = 5;

enum class change { none, better, worse };

struct comparison {
    std::string figure;
    double first = 0;   ///< the median of the first side
    double second = 0;  ///< that of the second
    double ratio = 1;   ///< second / first
    double low = 1;     ///< the interval that holds the ratio in 95 of 100 cases
    double high = 1;
    change verdict = change::none;
};

/// By the bootstrap: 10,000 times, as many runs of each side are drawn with replacement, and the
/// ratio of their medians is taken (Efron, "Bootstrap methods: another look at the jackknife",
/// Annals of Statistics 1979). `worse` and `better` only when the whole interval lies beyond
/// `tolerance` (0.05: five percent). The draws are the same on each call.
std::vector<comparison> compare(const figure_values& first, const figure_values& second,
                                std::span<const std::string> figures, double tolerance);

/// The figures of a run that a scenario file made.
void add_values(figure_values&, const run_result&);

/// The figures of all runs in a report that `admit-load run --json` wrote. Throws
/// `tools::usage_error` for another file, and for fewer than `least_repeats` runs.
figure_values read_values(const std::string& path);

std::string comparison_report(std::span<const comparison>, bool colour);

}  // namespace admit::load
