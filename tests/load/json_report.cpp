// SPDX-License-Identifier: BSL-1.0
// The JSON report: every key of the schema with its type, and consistent numbers.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "load/report/json.hpp"
#include "load/report/table.hpp"
#include "load/runner.hpp"

namespace {

using namespace admit::load;
using json = nlohmann::json;

std::vector<run_result> quick_runs(fault planted = fault::none,
                                   std::optional<std::chrono::seconds> wait = {}) {
    settings wanted;
    wanted.wait = wait;
    wanted.pace = pace::quick;
    wanted.planted = planted;
    wanted.scenarios = {"concurrent_user_load_50_users", "sustained_load_5_minutes",
                        "per_user_limit_enforcement"};
    std::vector<run_result> results;
    for (const planned_run& run : plan_runs(wanted)) {
        results.push_back(run_once(*run.subject, run.numbers));
    }
    return results;
}

void has_numbers(const json& node, const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
        CAPTURE(key);
        REQUIRE(node.contains(key));
        CHECK(node[key].is_number());
    }
}

void is_check(const json& node) {
    CHECK(node["name"].is_string());
    CHECK((node["expected"].is_number() || node["expected"].is_string()));
    CHECK((node["observed"].is_number() || node["observed"].is_string()));
    CHECK(node["passed"].is_boolean());
}

void is_scenario(const json& node) {
    CHECK(node["name"].is_string());
    CHECK(node["passed"].is_boolean());
    CHECK(node["queue_wait_ms"].is_null());
    CHECK(node["wait_s"] == 0.0);
    has_numbers(node, {"threads", "completions", "success_rate_percent", "admitted_percent",
                       "duration_s", "throughput_per_s", "max_active"});
    has_numbers(node["response_time_ms"], {"count", "min", "max", "mean", "p50", "p95", "p99"});
    has_numbers(node["memory_mib"], {"before", "after", "peak", "growth"});
    has_numbers(node["starts"], {"successful", "failed"});
    CHECK(node["starts"]["failed_by_reason"].is_object());
    REQUIRE(node["checks"].size() > 10);
    for (const json& check : node["checks"]) is_check(check);
}

}  // namespace

TEST_CASE("the report has the keys and types of schema version 1") {
    const json report = json::parse(json_report(quick_runs()));
    CHECK(report["schema_version"] == 1);
    CHECK(report["passed"] == true);
    REQUIRE(report["scenarios"].size() == 6);
    for (const json& node : report["scenarios"]) is_scenario(node);
}

TEST_CASE("the report says where, with what and when it was measured") {
    const json report = json::parse(json_report({}));
    for (const char* key : {"tool_version", "revision", "compiler", "flags", "date"}) {
        CAPTURE(key);
        CHECK_FALSE(report[key].get<std::string>().empty());
    }
    CHECK(report["machine"]["cores"] > 0);
    CHECK_FALSE(report["machine"]["processor"].get<std::string>().empty());
    CHECK_FALSE(report["machine"]["system"].get<std::string>().empty());
    const std::string date = report["date"];
    CHECK(date.size() == std::string("2000-01-01T00:00:00Z").size());
    CHECK(date.ends_with('Z'));
}

TEST_CASE("the report has the distributions, the ranks of the users and all limits") {
    const json report = json::parse(json_report(quick_runs(fault::none, std::chrono::seconds{5})));
    for (const json& node : report["scenarios"]) {
        CHECK(node["distribution"]["response"].back()["percent"] == 100.0);
        CHECK(node["distribution"]["response"].back()["ms"] == node["response_time_ms"]["max"]);
        CHECK(node["distribution"]["queue_wait"].back()["ms"] == node["queue_wait_ms"]["max"]);
        CHECK(node["distribution"]["service"].empty());
        has_numbers(node["limits"], {"max_concurrent", "max_per_user", "idle_timeout_s",
                                     "max_duration_s", "max_waiting", "max_waiting_per_user"});
        std::uint64_t conversations = 0;
        std::uint64_t least = UINT64_MAX;
        for (const json& user : node["user_ranks"]) {
            const auto count = user["conversations"].get<std::uint64_t>();
            CHECK(count <= least);
            least = count;
            conversations += count;
        }
        CHECK(conversations == node["completions"]);
    }
}

TEST_CASE("the figures of a report are consistent") {
    const json report = json::parse(json_report(quick_runs()));
    const json& node = report["scenarios"][0];
    CHECK(node["name"] == "concurrent_user_load_50_users");
    CHECK(node["threads"] == 1);
    CHECK(node["starts"]["successful"] == 20);
    CHECK(node["starts"]["failed"] == 30);
    CHECK(node["starts"]["failed_by_reason"] == json{{"global_limit", 30}});
    CHECK(node["completions"] == 20);
    CHECK(node["response_time_ms"]["count"] == 20);
    CHECK(node["success_rate_percent"] == 100.0);
    CHECK(node["admitted_percent"] == 40.0);
    CHECK(node["max_active"] == 20);
    const json& times = node["response_time_ms"];
    CHECK(times["min"] <= times["p50"]);
    CHECK(times["p50"] <= times["p95"]);
    CHECK(times["p95"] <= times["p99"]);
    CHECK(times["p99"] <= times["max"]);
    CHECK(node["memory_mib"]["peak"] >= node["memory_mib"]["after"]);
}

TEST_CASE("with a wait the report has the queue waits, and the table shows them") {
    const auto results = quick_runs(fault::none, std::chrono::seconds{5});
    const json report = json::parse(json_report(results));
    CHECK(report["passed"] == true);
    for (const json& node : report["scenarios"]) {
        CHECK(node["wait_s"] == 5.0);
        has_numbers(node["queue_wait_ms"], {"count", "min", "max", "mean", "p50", "p95", "p99"});
        CHECK(node["queue_wait_ms"]["count"] == node["starts"]["successful"]);
        CHECK(node["starts"]["failed"] == 0);
    }
    const json& waits = report["scenarios"][0]["queue_wait_ms"];
    CHECK(waits["count"] == 50);
    CHECK(waits["max"] >= 200.0);  // the third round
    CHECK(waits["mean"] >= 80.0);
    CHECK(waits["min"] <= waits["p50"]);
    CHECK(waits["p99"] <= waits["max"]);
    CHECK(wide_report(results, false).find("Queue wait in ms") != std::string::npos);
    const std::string summary = summary_report(results, false);
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = summary.find('\n', begin)) != std::string::npos;
         begin = end + 1)
        CHECK(end - begin <= 80);
    CHECK(wide_report(quick_runs(), false).find("Queue wait in ms") == std::string::npos);
}

TEST_CASE("a sustained run lists its users and its memory samples") {
    const json report = json::parse(json_report(quick_runs()));
    const json& node = report["scenarios"][2];
    CHECK(node["per_user"].size() == 10);
    CHECK(node["memory_samples"].size() == 6);
    std::uint64_t conversations = 0;
    for (const json& user : node["per_user"]) {
        conversations += user["conversations"].get<std::uint64_t>();
    }
    CHECK(conversations == node["completions"]);
}

TEST_CASE("a failed check is in the report, with its likely causes") {
    const auto results = quick_runs(fault::over_admission);
    const json report = json::parse(json_report(results));
    CHECK(report["passed"] == false);
    const json& checks = report["scenarios"][0]["checks"];
    const auto failed = std::find_if(checks.begin(), checks.end(), [](const json& check) {
        return !check["passed"].get<bool>();
    });
    REQUIRE(failed != checks.end());
    CHECK((*failed)["likely_causes"].is_string());
    const std::string table = wide_report(results, false);
    CHECK(table.find("runs failed") != std::string::npos);
    CHECK(run_line(results.front(), false).find("expected <= 20, observed 50") !=
          std::string::npos);
}
