// What the tool does with a command, as far as tests need it without a process.
#pragma once

#include "bench/catalog.hpp"
#include "bench/command_line.hpp"
#include "bench/measure.hpp"
#include "bench/report/tables.hpp"

namespace admit::bench {

enum exit_code : int { fine = 0, target_missed = 1, bad_usage = 2, not_completed = 3 };

pace pace_of(const command&);
extent extent_of(const command&);

/// Measures what the catalog holds, and judges it.
results measured_and_judged(const catalog&, const pace&, const progress&);

exit_code code_for(const command&, const results&);

}  // namespace admit::bench
