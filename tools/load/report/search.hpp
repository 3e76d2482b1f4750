// SPDX-License-Identifier: BSL-1.0
// The search of `admit-load find-limit` as JSON. Its page shows this value.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "common/origin.hpp"
#include "load/find_limit.hpp"

namespace admit::load {

/// The loads that were tried, in the order of their size. Schema: docs/load_testing.md#the-metrics.
nlohmann::ordered_json search_value(const scenario_file&, const found_limit&, const tools::origin&);

}  // namespace admit::load
