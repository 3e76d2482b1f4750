// SPDX-License-Identifier: BSL-1.0
// The results of admit-load as JSON. Schema: docs/load_testing.md#the-metrics.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "common/origin.hpp"
#include "load/runner.hpp"

namespace admit::load {

/// The first keys of each report: its tool, and what it was made by.
nlohmann::ordered_json report_head(const tools::origin&);

/// All runs as one JSON value.
nlohmann::ordered_json json_value(const std::vector<run_result>&, const tools::origin&);

/// As text with a final newline. Names in a file may be any bytes: what is no UTF-8 is replaced.
std::string json_text(const nlohmann::ordered_json&);

/// All runs as one JSON document of this process.
std::string json_report(const std::vector<run_result>&);

}  // namespace admit::load
