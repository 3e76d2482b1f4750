// SPDX-License-Identifier: BSL-1.0
#include "load/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <vector>

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

/// Insertions, deletions and replacements that turn `from` into a prefix of `to`.
std::size_t edit_distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return *std::min_element(row.begin(), row.end());
}

/// A part of the name has distance 0.
std::size_t distance(std::string_view typed, std::string_view name) {
    const bool part = !typed.empty() && name.find(typed) != std::string_view::npos;
    return part ? 0 : edit_distance(typed.substr(0, 64), name);
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
    const auto all = all_scenarios();
    const auto nearest =
        std::min_element(all.begin(), all.end(), [&](const scenario& a, const scenario& b) {
            return distance(name, a.name) < distance(name, b.name);
        });
    std::string known;
    for (const scenario& one : all) known += fmt::format("\n  {}", one.name);
    throw tools::usage_error(
        fmt::format("--scenario {}: no such scenario; did you mean {}? There are:{}", name,
                    nearest->name, known));
}

}  // namespace admit::load
