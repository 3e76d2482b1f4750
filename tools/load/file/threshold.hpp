// SPDX-License-Identifier: BSL-1.0
// Thresholds of a scenario file, such as "response_p99_ms < 5", and the figures that they judge.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "load/checklist.hpp"
#include "load/metrics.hpp"
#include "load/plan.hpp"

namespace admit::load {

/// A figure of a finished run that a threshold can name.
struct figure {
    std::string name;
    std::string unit;  ///< "ms", "MiB", "%", "/s", or nothing for a count
    std::string help;
    std::function<double(const plan&, const metrics&)> of;
    bool higher_is_better = false;
    double response_times::*time = nullptr;  ///< of a response time, which kinds of users have too
};

/// All figures, in the order of the documentation.
std::span<const figure> all_figures();

/// The figure of that name. Throws `std::invalid_argument` with the nearest name.
const figure& require_figure(std::string_view name);

struct threshold {
    const figure* subject = nullptr;
    std::string relation;  ///< one of < <= > >= ==
    double bound = 0;
    std::string text;  ///< as in the file
};

/// Reads "figure relation number". Throws `std::invalid_argument` that says what is allowed.
threshold parse_threshold(std::string_view text);

/// Adds a check for each threshold.
void check_thresholds(std::span<const threshold>, const plan&, const metrics&, checklist&);

}  // namespace admit::load
