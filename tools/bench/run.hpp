// SPDX-License-Identifier: BSL-1.0
// The steps of a measuring command, apart from main.cpp so that tests need no process.
#pragma once

#include "bench/catalog.hpp"
#include "bench/command_line.hpp"
#include "bench/measure.hpp"

namespace admit::bench {

enum exit_code : int { fine = 0, target_missed = 1, bad_usage = 2, not_completed = 3 };

sampling sampling_of(const command&);
extent extent_of(const command&);

/// Measures the rows of the catalog, and judges its targets.
results measured_and_judged(const catalog&, const sampling&, const progress&);

exit_code code_for(const command&, const results&);

}  // namespace admit::bench
