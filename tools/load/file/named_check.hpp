// SPDX-License-Identifier: BSL-1.0
// Checks that a scenario file asks for by name, because they need more than a figure and a bound.
#pragma once

#include <span>
#include <string_view>

#include "load/checklist.hpp"
#include "load/metrics.hpp"
#include "load/plan.hpp"

namespace admit::load {

/// The names of all, as `key::choices` lists them.
inline constexpr std::string_view check_choices =
    "all_at_once|steady_loop|memory_trend|rapid_cycles|script";

struct named_check {
    std::string_view name;
    std::string_view help;
    void (*judge)(const plan&, const metrics&, checklist&);
};

/// In the order of `check_choices`.
std::span<const named_check> named_checks() noexcept;

/// Makes the checks, the bounds and the thresholds of the file of the plan.
void check_file_of(const plan&, const metrics&, checklist&);

}  // namespace admit::load
