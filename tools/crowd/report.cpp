// SPDX-License-Identifier: BSL-1.0
#include "crowd/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/build_info.hpp"
#include "common/text_table.hpp"

namespace admit::crowd {
namespace {

using json = nlohmann::ordered_json;

std::string name_of(timer_kind kind) { return nlohmann::json(kind).get<std::string>(); }
std::string name_of(allocator_kind given) { return nlohmann::json(given).get<std::string>(); }

bool all_fit(const crowd_plan& plan) { return plan.max_concurrent >= plan.users; }

std::string limits_of(const crowd_plan& plan) {
    return fmt::format("{} / {}", plan.max_concurrent, plan.max_per_user);
}

std::string description_of(const crowd_plan& plan) {
    if (!plan.admitted) return all_fit(plan) ? "only sleep" : "only sleep, in turns";
    return all_fit(plan) ? "admitted at once" : "wait and are admitted";
}

std::vector<std::string> start_of_row(const crowd_case& subject) {
    return {description_of(subject.plan), limits_of(subject.plan), name_of(subject.plan.timers),
            name_of(subject.allocator)};
}

std::string figures_table(const std::vector<measured>& all, bool colour) {
    const measured& any = all.front();
    tools::text_table table(
        fmt::format("{} users on {} {}, medians of {}", any.subject.plan.users,
                    any.subject.plan.threads, any.subject.plan.threads == 1 ? "thread" : "threads",
                    any.runs),
        {"users", "limits", "timers", "allocator", "bytes/user", "of the engine", "arriving s",
         "leaving s", "users/s", "CPU us/user"});
    for (const measured& each : all) {
        auto row = start_of_row(each.subject);
        const auto users = static_cast<double>(each.subject.plan.users);
        for (std::string cell : {fmt::format("{:.0f}", each.median.bytes_per_user),
                                 fmt::format("{:.0f}", each.median.engine_per_user),
                                 fmt::format("{:.3f}", each.median.arriving_s),
                                 fmt::format("{:.3f}", each.median.leaving_s),
                                 fmt::format("{:.0f}", each.users_per_s()),
                                 fmt::format("{:.2f}", each.median.cpu_s / users * 1e6)})
            row.push_back(std::move(cell));
        table.add(std::move(row));
    }
    return table.text(colour);
}

std::string mark(bool met) { return met ? "" : " MISSED"; }

std::string comparison_table(const std::vector<comparison>& all, bool colour) {
    tools::text_table table("Beside users that only sleep",
                            {"users", "limits", "timers", "allocator", "bytes more", "at most",
                             "time x", "CPU x", "at most"});
    for (const comparison& each : all) {
        auto row = start_of_row(each.admitted->subject);
        for (std::string cell : {fmt::format("{:.0f}{}", each.more_bytes(), mark(each.bytes_met())),
                                 fmt::format("{:.0f}", each.max_bytes),
                                 fmt::format("{:.2f}{}", each.times_busy(), mark(each.busy_met())),
                                 fmt::format("{:.2f}{}", each.times_cpu(), mark(each.cpu_met())),
                                 fmt::format("{:.1f}", max_ratio)})
            row.push_back(std::move(cell));
        table.add(std::move(row));
    }
    return table.text(colour);
}

json of(const measured& each) {
    return {{"admitted", each.subject.plan.admitted},
            {"max_concurrent", each.subject.plan.max_concurrent},
            {"timers", name_of(each.subject.plan.timers)},
            {"allocator", name_of(each.subject.allocator)},
            {"allocator_version", each.median.allocator},
            {"bytes_per_user", each.median.bytes_per_user},
            {"engine_bytes_per_user", each.median.engine_per_user},
            {"waiting", each.median.waiting},
            {"arriving_s", each.median.arriving_s},
            {"leaving_s", each.median.leaving_s},
            {"users_per_s", each.users_per_s()},
            {"cpu_s", each.median.cpu_s}};
}

json target(double observed, double at_most, bool met) {
    return {{"observed", observed}, {"at_most", at_most}, {"met", met}};
}

json of(const comparison& each) {
    return {{"max_concurrent", each.admitted->subject.plan.max_concurrent},
            {"timers", name_of(each.admitted->subject.plan.timers)},
            {"allocator", name_of(each.admitted->subject.allocator)},
            {"bytes_more", target(each.more_bytes(), each.max_bytes, each.bytes_met())},
            {"times_busy", target(each.times_busy(), max_ratio, each.busy_met())},
            {"times_cpu", target(each.times_cpu(), max_ratio, each.cpu_met())}};
}

}  // namespace

std::string label_of(const crowd_case& subject) {
    return fmt::format("{}, limit {}, {}, {}", description_of(subject.plan),
                       subject.plan.max_concurrent, name_of(subject.plan.timers),
                       name_of(subject.allocator));
}

std::string table_report(const std::vector<measured>& all, bool colour) {
    const std::vector<comparison> compared = compare(all);
    const auto missed = std::count_if(compared.begin(), compared.end(),
                                      [](const comparison& each) { return !each.met(); });
    std::string out = figures_table(all, colour) + comparison_table(compared, colour) + '\n';
    out += missed == 0 ? tools::painted("All targets are met.", tools::green, colour)
                       : tools::painted(
                             fmt::format("{} of {} crowds miss a target.", missed, compared.size()),
                             tools::red, colour);
    return out + '\n';
}

std::string json_report(const std::vector<measured>& all) {
    const crowd_plan& plan = all.front().subject.plan;
    json crowds = json::array();
    for (const measured& each : all) crowds.push_back(of(each));
    json comparisons = json::array();
    bool met = true;
    for (const comparison& each : compare(all)) {
        comparisons.push_back(of(each));
        met = met && each.met();
    }
    const json report = {{"schema_version", 1},
                         {"tool", "admit-crowd"},
                         {"tool_version", tools::tool_version},
                         {"users", plan.users},
                         {"threads", plan.threads},
                         {"max_per_user", plan.max_per_user},
                         {"steps", plan.steps},
                         {"step_s", 1e-9 * static_cast<double>(plan.step)},
                         {"runs", all.front().runs},
                         {"targets_met", met},
                         {"crowds", std::move(crowds)},
                         {"comparisons", std::move(comparisons)}};
    return report.dump(2) + '\n';
}

}  // namespace admit::crowd
