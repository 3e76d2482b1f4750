#include "bench/report/json.hpp"

#include <nlohmann/json.hpp>

#include "bench/build_info.hpp"
#include "bench/machine.hpp"
#include "common/allocator.hpp"

namespace admit::bench {
namespace {

using json = nlohmann::ordered_json;

json of(const figure& one) {
    json node = {{"median", one.median}, {"low", one.low},       {"high", one.high},
                 {"unit", one.unit},     {"rounds", one.rounds}, {"dropped", one.dropped}};
    if (one.line_price > 0) node["line_ns"] = one.line_price;
    return node;
}

json figure_or_null(const figures& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? json(nullptr) : of(found->second);
}

json of(const row& one, const figures& all) {
    return {{"name", one.name()},   {"work", one.work},
            {"system", one.system}, {"threads", one.threads},
            {"title", one.title},   {"figure", figure_or_null(all, one.name())}};
}

json of(const observation& one, const figures& all) {
    return {{"name", one.name},
            {"title", one.title},
            {"unit", one.unit},
            {"figure", figure_or_null(all, one.name)}};
}

json of(const judgement& one) {
    static constexpr const char* words[] = {"met", "missed", "unknown"};
    json node = {{"title", one.what.title}, {"figure", one.what.figure},
                 {"of", nullptr},           {"at_most", one.what.times},
                 {"is", nullptr},           {"verdict", words[static_cast<std::size_t>(one.is)]}};
    if (!one.what.of.empty()) node["of"] = one.what.of;
    if (one.ratio()) node["is"] = *one.ratio();
    return node;
}

json of(const curve& one, const figures& all) {
    json lines = json::array();
    for (const curve::series& line : one.lines) {
        json points = json::array();
        for (std::size_t i = 0; i < one.at.size(); ++i) {
            points.push_back(
                {{"at", one.at[i]}, {"figure", figure_or_null(all, line.points[i].name())}});
        }
        lines.push_back({{"system", line.system}, {"points", std::move(points)}});
    }
    return {{"name", one.name},
            {"title", one.title},
            {"x", one.x_label},
            {"growth", figure_or_null(all, one.growth())},
            {"lines", std::move(lines)}};
}

json of(const machine& one) {
    return {{"processor", one.processor}, {"cores", one.cores}, {"system", one.system}};
}

template <class Things, class... More>
json list_of(const Things& things, const More&... more) {
    json list = json::array();
    for (const auto& one : things) list.push_back(of(one, more...));
    return list;
}

}  // namespace

std::string json_report(const results& run) {
    const json report = {{"schema_version", 1},
                         {"tool", "admit-bench"},
                         {"tool_version", tool_version},
                         {"machine", of(this_machine())},
                         {"compiler", compiler},
                         {"flags", flags},
                         {"allocator", tools::allocator_name()},
                         {"passed", all_met(run.judged)},
                         {"observations", list_of(run.asked.observations, run.measured)},
                         {"rows", list_of(run.asked.rows, run.measured)},
                         {"curves", list_of(run.asked.curves, run.measured)},
                         {"targets", list_of(run.judged)}};
    return report.dump(2) + '\n';
}

}  // namespace admit::bench
