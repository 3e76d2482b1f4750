// SPDX-License-Identifier: BSL-1.0
#include "load/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/nearest.hpp"
#include "common/option_values.hpp"
#include "load/drive/file_scenario.hpp"
#include "shipped_scenarios.hpp"

namespace admit::load {
namespace {

/// In the order in which they are listed and run.
std::vector<scenario> make_all() {
    std::vector<scenario> all;
    for (const shipped_file& one : shipped_files)
        all.push_back(make_shipped_scenario(std::string(one.name), std::string(one.text)));
    return all;
}

}  // namespace

std::span<const scenario> all_scenarios() {
    static const std::vector<scenario> all = make_all();
    return all;
}

const scenario* find_scenario(std::string_view name) {
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
