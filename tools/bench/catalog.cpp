// SPDX-License-Identifier: BSL-1.0
#include "bench/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "bench/rows/rows.hpp"
#include "common/option_values.hpp"

namespace admit::bench {
namespace {

[[noreturn]] void refuse(std::string_view option, std::string_view name, std::string_view allowed) {
    throw tools::usage_error(
        fmt::format("{} {}: there is no such figure; allowed: {}", option, name, allowed));
}

bool has_name(const row& candidate, const std::string& name) {
    return candidate.work == name || candidate.name() == name;
}
bool has_name(const observation& candidate, const std::string& name) {
    return candidate.name == name;
}
bool has_name(const curve& candidate, const std::string& name) { return candidate.name == name; }

/// Removes the items that have none of the names and are not `always` wanted. Adds the names that
/// an item has to `found`.
template <class Item, class Always>
void keep(std::vector<Item>& items, const std::vector<std::string>& names,
          std::set<std::string>& found, Always always) {
    std::erase_if(items, [&](const Item& item) {
        bool wanted = always(item);
        for (const std::string& name : names) {
            if (!has_name(item, name)) continue;
            found.insert(name);
            wanted = true;
        }
        return !wanted;
    });
}

}  // namespace

std::string row::name() const { return fmt::format("{}/{}/{}", work, system, threads); }

catalog full_catalog(const extent& size) {
    catalog all;
    add_floor(all);
    add_admission(all);
    add_cold(all);
    add_rejection(all);
    add_activity(all);
    add_fairness(all);
    add_memory(all);
    add_waiting(all);
    add_growth(all, size);
    add_blocked(all, size);
    return all;
}

catalog selected(catalog all, const std::vector<std::string>& names) {
    if (names.empty()) return all;
    std::set<std::string> found;
    const auto never = [](const auto&) { return false; };
    keep(all.rows, names, found, [](const row& item) { return item.system == systems::steps; });
    keep(all.observations, names, found, never);
    keep(all.curves, names, found, never);
    for (const std::string& name : names) {
        if (!found.contains(name)) refuse("--only", name, "the names that --list shows");
    }
    return all;
}

row find_row(const catalog& all, std::string_view name) {
    const auto matches = [&](const row& item) { return item.name() == name; };
    const auto found = std::find_if(all.rows.begin(), all.rows.end(), matches);
    if (found != all.rows.end()) return *found;
    for (const curve& shape : all.curves) {
        for (const curve::series& line : shape.lines) {
            const auto point = std::find_if(line.points.begin(), line.points.end(), matches);
            if (point != line.points.end()) return *point;
        }
    }
    refuse("--run", name, "the names of single figures that --list shows");
}

}  // namespace admit::bench
