// SPDX-License-Identifier: BSL-1.0
#include "load/report/json.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "common/build_info.hpp"
#include "common/machine.hpp"
#include "common/revision.hpp"
#include "load/file/threshold.hpp"

namespace admit::load {
namespace {

using json = nlohmann::ordered_json;

json of(const value& shown) {
    return std::visit([](const auto& plain) { return json(plain); }, shown);
}

json of(const check& one) {
    json node = {{"name", one.name},
                 {"expected", of(one.expected)},
                 {"observed", of(one.observed)},
                 {"passed", one.passed}};
    if (!one.passed) node["likely_causes"] = one.likely_causes;
    if (one.is_threshold) node["threshold"] = true;
    if (one.times_better) node["times_better"] = *one.times_better;
    return node;
}

json of(const response_times& times) {
    return {{"count", times.count},     {"min", times.min_ms}, {"max", times.max_ms},
            {"mean", times.mean_ms},    {"p50", times.p50_ms}, {"p90", times.p90_ms},
            {"p95", times.p95_ms},      {"p99", times.p99_ms}, {"p99_9", times.p99_9_ms},
            {"p99_99", times.p99_99_ms}};
}

json of(const start_counts& starts) {
    json reasons = json::object();
    for (std::size_t reason = 0; reason < reason_names.size(); ++reason) {
        const std::uint64_t count = starts.failed_by_reason[reason];
        if (count > 0) reasons[std::string(reason_names[reason])] = count;
    }
    return {{"successful", starts.successful},
            {"failed", starts.failed()},
            {"failed_by_reason", std::move(reasons)}};
}

json series_of(const std::vector<series_point>& points) {
    json all = json::array();
    for (const series_point& one : points) {
        all.push_back({{"at_s", one.at_s},
                       {"interval_s", one.interval_s},
                       {"active", one.active},
                       {"waiting", one.waiting},
                       {"admitted", one.admitted},
                       {"rejected", one.rejected},
                       {"completed", one.completed},
                       {"p50_ms", one.p50_ms},
                       {"p99_ms", one.p99_ms},
                       {"max_ms", one.max_ms},
                       {"resident_mib", one.resident_mib}});
    }
    return all;
}

/// What only scenario files have.
json of_file(const run_result& run) {
    const metrics& seen = run.measured;
    return {{"valid", run.valid()},
            {"invalid_because", run.invalid_because()},
            {"seed", run.numbers.seed},
            {"planned", seen.arrivals.planned},
            {"late", seen.arrivals.late},
            {"longest_delay_ms", seen.arrivals.longest_delay_ms},
            {"given_up", seen.starts.given_up},
            {"expired", seen.expired},
            {"thrown", seen.thrown},
            {"false_rejections", seen.false_rejections},
            {"fairness", seen.fairness}};
}

json of(const memory_use& memory) {
    return {{"before", memory.before_mib},
            {"after", memory.after_mib},
            {"peak", memory.peak_mib},
            {"growth", memory.growth_mib()}};
}

json trend_of(const memory_use& memory) {
    if (memory.trend.samples == 0) return nullptr;
    return {{"samples", memory.trend.samples},
            {"mib_per_minute", memory.trend.mib_per_minute},
            {"rise_mib", memory.trend.rise_mib}};
}

/// `null` for a time without an end.
json seconds_of(admit::duration length) {
    if (length >= admit::never) return nullptr;
    return std::chrono::duration<double>(length).count();
}

json limits_of(const plan& numbers) {
    const admit::limits& limits = numbers.limits;
    return {{"max_concurrent", limits.max_concurrent},
            {"max_per_user", limits.max_per_user},
            {"idle_timeout_s", seconds_of(limits.idle_timeout)},
            {"max_duration_s", seconds_of(limits.max_duration)},
            {"max_waiting", limits.max_waiting},
            {"max_waiting_per_user", limits.max_waiting_per_user}};
}

json of(const std::vector<percentile_point>& points) {
    json all = json::array();
    for (const percentile_point& one : points) {
        all.push_back({{"percent", one.percent}, {"ms", one.value_ms}, {"count", one.count}});
    }
    return all;
}

json of(const std::vector<user_rank>& ranks) {
    json all = json::array();
    for (const user_rank& one : ranks) {
        all.push_back({{"rank", one.rank}, {"conversations", one.conversations}});
    }
    return all;
}

json of(const tools::machine& item) {
    return {{"processor", item.processor}, {"cores", item.cores}, {"system", item.system}};
}

/// In UTC, by ISO 8601.
std::string now() {
    const auto time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(time));
}

void add_details(json& node, const run_result& run) {
    const metrics& seen = run.measured;
    node["limits"] = limits_of(run.numbers);
    node["users"] = run.numbers.users;
    node["wait_s"] = std::chrono::duration<double>(run.numbers.wait).count();
    node["max_active_of_a_user"] = seen.max_active_of_a_user;
    node["late_samples"] = seen.late_samples;
    if (run.numbers.from_file) {
        node["service_time_ms"] = of(seen.service);
        node["file"] = of_file(run);
        node["figures"] = json::object();
        for (const figure& one : all_figures())
            node["figures"][one.name] = one.of(run.numbers, run.measured);
    }
    node["per_kind"] = json::object();
    for (const kind_of_work& kind : seen.kinds) {
        node["per_kind"][kind.name] = of(kind.response);
    }
    node["per_user"] = json::array();
    for (const user_share& user : seen.users) {
        node["per_user"].push_back({{"user", user.user},
                                    {"conversations", user.conversations},
                                    {"mean_ms", user.mean_ms}});
    }
    node["user_ranks"] = of(seen.user_ranks);
    node["distribution"] = {{"response", of(seen.distribution)},
                            {"service", of(seen.service_distribution)},
                            {"queue_wait", of(seen.wait_distribution)}};
    node["series"] = series_of(seen.series);
    node["memory_samples"] = json::array();
    for (const memory_sample& sample : seen.memory.samples) {
        node["memory_samples"].push_back({{"at_s", sample.at_s}, {"mib", sample.resident_mib}});
    }
    node["memory_trend"] = trend_of(seen.memory);
}

json of(const run_result& run) {
    const metrics& seen = run.measured;
    json checks = json::array();
    for (const check& one : run.checks.all()) checks.push_back(of(one));
    json node = {{"name", run.numbers.scenario},
                 {"threads", run.numbers.threads},
                 {"passed", run.checks.passed()},
                 {"checks", std::move(checks)},
                 {"response_time_ms", of(seen.response)},
                 {"queue_wait_ms", seen.queue_wait ? of(*seen.queue_wait) : json(nullptr)},
                 {"starts", of(seen.starts)},
                 {"completions", seen.completions},
                 {"success_rate_percent", seen.success_rate_percent()},
                 {"admitted_percent", seen.admitted_percent()},
                 {"duration_s", seen.duration_s},
                 {"throughput_per_s", seen.throughput_per_s()},
                 {"memory_mib", of(seen.memory)},
                 {"max_active", seen.max_active}};
    add_details(node, run);
    return node;
}

}  // namespace

std::string json_report(const std::vector<run_result>& runs) {
    json scenarios = json::array();
    for (const run_result& run : runs) scenarios.push_back(of(run));
    const bool passed = std::all_of(runs.begin(), runs.end(),
                                    [](const run_result& run) { return run.checks.passed(); });
    const json report = {{"schema_version", 1},
                         {"tool", "admit-load"},
                         {"tool_version", tools::tool_version},
                         {"revision", tools::revision()},
                         {"compiler", tools::compiler},
                         {"flags", tools::flags},
                         {"machine", of(tools::this_machine())},
                         {"date", now()},
                         {"passed", passed},
                         {"scenarios", std::move(scenarios)}};
    // Names in a file may be any bytes: what is no UTF-8 is replaced.
    return report.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

}  // namespace admit::load
