// SPDX-License-Identifier: BSL-1.0
#include "load/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "common/nearest.hpp"
#include "common/option_values.hpp"
#include "load/scenarios/scenarios.hpp"

namespace admit::load {
namespace {

const std::array<scenario, 7>& table() noexcept {
    static const std::array<scenario, 7> scenarios = {
        concurrent_user_load_50_users(), sustained_load_5_minutes(), burst_load_pattern(),
        mixed_workload_patterns(),       global_limit_enforcement(), per_user_limit_enforcement(),
        stress_rapid_start_stop_cycles()};
    return scenarios;
}

}  // namespace

std::span<const scenario> all_scenarios() noexcept { return table(); }

const scenario* find_scenario(std::string_view name) noexcept {
    const auto all = all_scenarios();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const scenario& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

const scenario& require_scenario(std::string_view name) {
    if (const scenario* found = find_scenario(name)) return *found;
    std::string known;
    std::vector<std::string_view> names;
    for (const scenario& one : all_scenarios()) {
        known += fmt::format("\n  {}", one.name);
        names.push_back(one.name);
    }
    throw tools::usage_error(
        fmt::format("--scenario {}: no such scenario; did you mean {}? There are:{}", name,
                    tools::nearest(name, names), known));
}

}  // namespace admit::load
