// SPDX-License-Identifier: BSL-1.0
// The results of admit-load as JSON.
#pragma once

#include <string>
#include <vector>

#include "load/runner.hpp"

namespace admit::load {

/// All runs as one JSON document with a final newline. Schema: docs/load_testing.md#the-metrics.
std::string json_report(const std::vector<run_result>&);

}  // namespace admit::load
