// SPDX-License-Identifier: BSL-1.0
// The results of one run as a block of text in 80 columns: what matters first.
#pragma once

#include <string>

#include "load/runner.hpp"

namespace admit::load {

std::string block_report(const run_result&, bool colour);

}  // namespace admit::load
