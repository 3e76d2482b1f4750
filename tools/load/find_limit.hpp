// SPDX-License-Identifier: BSL-1.0
// Raises the load of a scenario file until a threshold breaks.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "load/file/scenario_file.hpp"
#include "load/runner.hpp"

namespace admit::load {

/// One load that was tried.
struct load_step {
    double factor = 1;
    std::string load;      ///< "400 starts a second"
    bool valid = true;     ///< the machine kept to the plan
    bool holds = false;    ///< all checks and thresholds hold, and it is valid
    std::string broken{};  ///< what did not hold: the first of it
    metrics measured{};
    std::vector<double> figures{};  ///< that the thresholds of the file judge; empty: no run
};

struct found_limit {
    std::vector<load_step> steps;                 ///< in the order in which they were tried
    std::optional<load_step> highest_that_holds;  ///< none: no load that was tried
    std::optional<load_step> lowest_that_breaks;  ///< none: no load that was tried
};

/// Tries one load. A parameter of `find_limit`, so that a test can put a formula in its place.
using load_trial = std::function<load_step(const scenario_file&, double factor)>;

/// Doubles or halves the load until one load holds and one breaks, then narrows the gap to less
/// than `precision` (0.1: ten percent). Stops early when `tools::interrupts` counts one, or at 2^20
/// times or 2^-10 times the load of the file. A load without a valid run counts as one that breaks;
/// if no lower load holds, nothing was measured, and the search ends.
found_limit find_limit(const scenario_file&, double precision, const load_trial&);

/// Runs the file under `factor` times its load: up to three times, until a run is valid.
load_step try_load(const scenario_file&, double factor, std::size_t threads,
                   const progress_listener& progress);

/// The last load before the throughput grows by less than half of what the load grows by. Loads
/// less than a quarter apart are not told from noise. Nothing: no such bend in what was tried.
std::optional<load_step> knee_of(const found_limit&);

std::string find_limit_report(const found_limit&, bool colour);

}  // namespace admit::load
