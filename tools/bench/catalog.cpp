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

bool is_called(const row& one, const std::string& name) {
    return one.work == name || one.name() == name;
}
bool is_called(const observation& one, const std::string& name) { return one.name == name; }
bool is_called(const curve& one, const std::string& name) { return one.name == name; }

/// Keeps what bears one of the names or is always wanted; notes which names were borne.
template <class Thing, class Always>
void keep(std::vector<Thing>& things, const std::vector<std::string>& names,
          std::set<std::string>& borne, Always always) {
    std::erase_if(things, [&](const Thing& thing) {
        bool wanted = always(thing);
        for (const std::string& name : names) {
            if (!is_called(thing, name)) continue;
            borne.insert(name);
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
    add_rejection(all);
    add_activity(all);
    add_fairness(all);
    add_memory(all);
    add_waiting(all);
    add_growth(all, size);
    return all;
}

catalog selected(catalog all, const std::vector<std::string>& names) {
    if (names.empty()) return all;
    std::set<std::string> borne;
    const auto never = [](const auto&) { return false; };
    keep(all.rows, names, borne, [](const row& one) { return one.system == systems::steps; });
    keep(all.observations, names, borne, never);
    keep(all.curves, names, borne, never);
    for (const std::string& name : names) {
        if (!borne.contains(name)) refuse("--only", name, "the names that --list shows");
    }
    return all;
}

row find_row(const catalog& all, std::string_view name) {
    const auto bears = [&](const row& one) { return one.name() == name; };
    const auto found = std::find_if(all.rows.begin(), all.rows.end(), bears);
    if (found != all.rows.end()) return *found;
    for (const curve& one : all.curves) {
        for (const curve::series& line : one.lines) {
            const auto point = std::find_if(line.points.begin(), line.points.end(), bears);
            if (point != line.points.end()) return *point;
        }
    }
    refuse("--run", name, "the names of single figures that --list shows");
}

}  // namespace admit::bench
