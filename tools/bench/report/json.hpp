// SPDX-License-Identifier: BSL-1.0
// The report as JSON, for programs and for the pages that tools/bench/*_page.py write.
#pragma once

#include <string>

#include "bench/figures.hpp"

namespace admit::bench {

std::string json_report(const results&);

}  // namespace admit::bench
