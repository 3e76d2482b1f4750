// SPDX-License-Identifier: BSL-1.0
#include "bench/report/json.hpp"

#include <nlohmann/json.hpp>

#include "common/allocator.hpp"
#include "common/origin.hpp"

namespace admit::bench {
namespace {

using json = nlohmann::ordered_json;

json of(const figure& value) {
    json node = {{"median", value.median}, {"low", value.low},       {"high", value.high},
                 {"unit", value.unit},     {"rounds", value.rounds}, {"dropped", value.dropped}};
    if (value.line_transfer_ns > 0) node["line_ns"] = value.line_transfer_ns;
    return node;
}

json figure_or_null(const figures& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? json(nullptr) : of(found->second);
}

json of(const row& item, const figures& all) {
    return {{"name", item.name()},   {"work", item.work},
            {"system", item.system}, {"threads", item.threads},
            {"title", item.title},   {"figure", figure_or_null(all, item.name())}};
}

json of(const observation& item, const figures& all) {
    return {{"name", item.name},
            {"title", item.title},
            {"unit", item.unit},
            {"figure", figure_or_null(all, item.name)}};
}

json of(const judgement& item) {
    static constexpr const char* words[] = {"met", "missed", "unknown"};
    json node = {{"title", item.goal.title},
                 {"figure", item.goal.figure},
                 {"of", nullptr},
                 {"at_most", item.goal.times},
                 {"is", nullptr},
                 {"verdict", words[static_cast<std::size_t>(item.result)]}};
    if (!item.goal.of.empty()) node["of"] = item.goal.of;
    if (item.ratio()) node["is"] = *item.ratio();
    return node;
}

json of(const curve& item, const figures& all) {
    json lines = json::array();
    for (const curve::series& line : item.lines) {
        json points = json::array();
        for (std::size_t i = 0; i < item.at.size(); ++i) {
            points.push_back(
                {{"at", item.at[i]}, {"figure", figure_or_null(all, line.points[i].name())}});
        }
        lines.push_back({{"system", line.system}, {"points", std::move(points)}});
    }
    return {{"name", item.name},
            {"title", item.title},
            {"x", item.x_label},
            {"logarithmic", item.logarithmic},
            {"growth", figure_or_null(all, item.growth())},
            {"lines", std::move(lines)}};
}

json of(const tools::machine& item) {
    return {{"processor", item.processor}, {"cores", item.cores}, {"system", item.system}};
}

template <class Items, class... More>
json list_of(const Items& items, const More&... more) {
    json list = json::array();
    for (const auto& item : items) list.push_back(of(item, more...));
    return list;
}

}  // namespace

std::string json_report(const results& run) {
    const tools::origin origin = tools::origin_now();
    const json report = {{"schema_version", 1},
                         {"tool", "admit-bench"},
                         {"tool_version", origin.tool_version},
                         {"revision", origin.revision},
                         {"date", origin.date},
                         {"machine", of(origin.machine)},
                         {"compiler", origin.compiler},
                         {"flags", origin.flags},
                         {"allocator", tools::allocator_name()},
                         {"passed", all_met(run.judged)},
                         {"observations", list_of(run.requested.observations, run.measured)},
                         {"rows", list_of(run.requested.rows, run.measured)},
                         {"curves", list_of(run.requested.curves, run.measured)},
                         {"targets", list_of(run.judged)}};
    return report.dump(2) + '\n';
}

}  // namespace admit::bench
