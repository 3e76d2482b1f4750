// SPDX-License-Identifier: BSL-1.0
#include "load/report/search.hpp"

#include <nlohmann/json.hpp>

#include "load/report/json.hpp"

namespace admit::load {
namespace {

using json = nlohmann::ordered_json;

json of(const threshold& one) {
    return {{"text", one.text},
            {"figure", one.subject->name},
            {"unit", one.subject->unit},
            {"bound", one.bound}};
}

/// `figures` has a value for each threshold, and none if nothing ran.
json of(const load_step& step) {
    const metrics& seen = step.measured;
    return {{"factor", step.factor},
            {"load", step.load},
            {"valid", step.valid},
            {"holds", step.holds},
            {"broken", step.broken},
            {"figures", step.figures},
            {"p99_ms", seen.response.p99_ms},
            {"throughput_per_s", seen.throughput_per_s()},
            {"rejected_percent", 100 - seen.admitted_percent()},
            {"max_active", seen.max_active}};
}

json factor_of(const std::optional<load_step>& end) {
    return end ? json(end->factor) : json(nullptr);
}

}  // namespace

json search_value(const scenario_file& file, const found_limit& found,
                  const tools::origin& origin) {
    json thresholds = json::array();
    for (const threshold& one : file.thresholds) thresholds.push_back(of(one));
    json steps = json::array();
    for (const load_step& step : found.steps) steps.push_back(of(step));
    json search = report_head(origin);
    search["find_limit"] = {{"name", file.name},
                            {"thresholds", std::move(thresholds)},
                            {"holds", factor_of(found.highest_that_holds)},
                            {"breaks", factor_of(found.lowest_that_breaks)},
                            {"knee", factor_of(knee_of(found))},
                            {"steps", std::move(steps)}};
    return search;
}

}  // namespace admit::load
