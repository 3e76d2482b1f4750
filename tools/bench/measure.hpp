// SPDX-License-Identifier: BSL-1.0
// Measures the rows, observations and curves of a catalog. Used by run.cpp.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "bench/catalog.hpp"
#include "bench/figures.hpp"

namespace admit::bench {

struct sampling {
    std::size_t rounds = 9;    ///< of each row; at least 7
    double seconds = 0.002;    ///< the least duration of a round; a short one is rarely disturbed
    std::size_t attempts = 8;  ///< how often rows with dropped rounds are measured
    bool quick = false;
};

/// Receives the name of the group of figures that is being measured, and its finished part, 0 to 1.
using progress = std::function<void(std::string_view, double)>;

/// The number of groups: each observation, each curve, and all rows together.
std::size_t groups_of(const catalog&);

/// Measures everything in this process. Throws `std::runtime_error` if an operation had another
/// outcome than its row expects, and what memory and threads throw.
figures measure(const catalog& requested, const sampling&, const progress& report);

}  // namespace admit::bench
