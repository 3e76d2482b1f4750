// SPDX-License-Identifier: BSL-1.0
// A recorded report is read back as it was written, and refused by name if it was changed.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/option_values.hpp"
#include "load/drive/file_scenario.hpp"
#include "load/file/read_file.hpp"
#include "load/report/block.hpp"
#include "load/report/exports.hpp"
#include "load/report/json.hpp"
#include "load/report/read_report.hpp"
#include "load/report/table.hpp"
#include "load/runner.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

namespace {

using namespace admit::load;
using json = nlohmann::ordered_json;
using support::contains;

/// A file with waits, rejections, kinds and thresholds of which one fails.
constexpr std::string_view busy = R"(
duration_s = 0.4
thresholds = ["rejected_percent < 0.001", "overshoot == 0"]
[limits]
max_concurrent = 2
[arrival]
model = "open"
rate_per_s = 400
late_ms = 60000
[[users]]
name = "one_kind"
count = 5
step_ms = 10
[[users]]
name = "another"
count = 5
step_ms = 20
wait_s = 1
)";

run_result run_of_file() {
    static const scenario chosen = make_scenario(parse_scenario_file(busy, "busy.toml"));
    return run_once(chosen, chosen.prepare({}, 2));
}

std::vector<run_result> runs_of_scenarios() {
    settings wanted;
    wanted.pace = pace::quick;
    wanted.threads = 1;
    wanted.planted = fault::over_admission;  // so that checks fail
    wanted.scenarios = {"concurrent_user_load_50_users", "sustained_load_5_minutes"};
    std::vector<run_result> results;
    for (const planned_run& next : plan_runs(wanted))
        results.push_back(run_once(*next.subject, next.numbers));
    return results;
}

class report_in_folder {
public:
    std::string path() const { return (folder_ / "report.json").string(); }
    recording read(std::string_view text) const {
        std::ofstream(path(), std::ios::binary) << text;
        return read_report(path());
    }
    /// The message; nothing: the report was taken.
    std::string refusal(std::string_view text) const {
        try {
            read(text);
        } catch (const admit::tools::usage_error& error) {
            return error.what();
        }
        return "";
    }

private:
    support::temporary_folder folder_;
};

/// The pointers to all values, of lists to the first.
void walk(const json& node, const json::json_pointer& here, std::vector<json::json_pointer>& to) {
    if (node.is_object()) {
        for (const auto& [key, child] : node.items()) {
            to.push_back(here / key);
            walk(child, here / key, to);
        }
    } else if (node.is_array() && !node.empty()) {
        to.push_back(here / 0);
        walk(node[0], here / 0, to);
    }
}

/// What may be missing: a reason that did not occur, a kind, a reading of a list.
bool is_optional(const json::json_pointer& at) {
    const std::string parent = at.parent_pointer().to_string();
    const std::string key = at.back();
    return parent.ends_with("failed_by_reason") || parent.ends_with("per_kind") ||
           parent.ends_with("figures") || key == "0" || key == "threshold" || key == "times_better";
}

std::vector<json::json_pointer> places_in(const json& report) {
    std::vector<json::json_pointer> places;
    walk(report, json::json_pointer(), places);
    return places;
}

}  // namespace

TEST_CASE("a report is read back as it was written") {
    const report_in_folder file;
    std::vector<run_result> runs = runs_of_scenarios();
    runs.push_back(run_of_file());
    const json written = json_value(runs, admit::tools::origin_now());
    const recording read = file.read(json_text(written));
    CHECK(json_value(read.runs, read.origin) == written);
    REQUIRE(read.runs.size() == runs.size());
    CHECK(wide_report(read.runs, true) == wide_report(runs, true));
    CHECK(summary_report(read.runs, true) == summary_report(runs, true));
    for (std::size_t at = 0; at < runs.size(); ++at) {
        CHECK(run_line(read.runs[at], true) == run_line(runs[at], true));
        CHECK(block_report(read.runs[at], true) == block_report(runs[at], true));
        CHECK(csv_report(read.runs[at].measured) == csv_report(runs[at].measured));
        CHECK(hgrm_report(read.runs[at].measured) == hgrm_report(runs[at].measured));
    }
}

TEST_CASE("a key that is gone, or of another type, is refused by its name") {
    const report_in_folder file;
    const json whole = json_value({run_of_file()}, admit::tools::origin_now());
    const auto places = places_in(whole);
    REQUIRE(places.size() > 120);
    for (const json::json_pointer& at : places) {
        const std::string key = at.back();
        CAPTURE(at.to_string());
        json other = whole;
        other[at] = json::array({"another"});
        const std::string message = file.refusal(json_text(other));
        CHECK(contains(message, file.path() + ": "));
        CHECK(contains(message, "; allowed: "));
        if (key != "0") CHECK(contains(message, key));
        if (is_optional(at)) continue;
        other = whole;
        other[at.parent_pointer()].erase(key);
        // Without its part, the run of a file has what other runs do not.
        CHECK(contains(file.refusal(json_text(other)), key == "file" ? "service_time_ms" : key));
    }
}

TEST_CASE("a figure that contradicts the others is refused") {
    const report_in_folder file;
    const json whole = json_value({run_of_file()}, admit::tools::origin_now());
    for (const char* key : {"/scenarios/0/passed", "/scenarios/0/starts/failed", "/passed",
                            "/scenarios/0/throughput_per_s", "/scenarios/0/memory_mib/growth",
                            "/scenarios/0/file/invalid_because", "/scenarios/0/file/valid"}) {
        CAPTURE(key);
        json other = whole;
        json& value = other[json::json_pointer(key)];
        if (value.is_boolean()) {
            value = !value.get<bool>();
        } else if (value.is_string()) {
            value = "because";
        } else {
            value = value.get<double>() * 1.001 + 1;
        }
        CHECK(contains(file.refusal(json_text(other)), json::json_pointer(key).back()));
    }
    json fewer = whole;
    fewer["scenarios"][0]["completions"] = 1;
    CHECK(contains(file.refusal(json_text(fewer)), "scenarios[0].success_rate_percent: "));
}

TEST_CASE("values out of range are refused with what is allowed") {
    const report_in_folder file;
    const json whole = json_value({run_of_file()}, admit::tools::origin_now());
    const auto with = [&](const char* key, const json& value) {
        json other = whole;
        other["scenarios"][0][json::json_pointer(key)] = value;
        return file.refusal(json_text(other));
    };
    CHECK(contains(with("/threads", -1), "scenarios[0].threads: -1; allowed: a whole number"));
    CHECK(contains(with("/threads", 1.5), "scenarios[0].threads: 1.5; allowed: a whole number"));
    CHECK(contains(with("/wait_s", -1), "allowed: seconds from 0 to 9e9"));
    CHECK(contains(with("/limits/idle_timeout_s", 1e300), "allowed: seconds from 0 to 9e9"));
    CHECK(with("/limits/idle_timeout_s", nullptr).empty());
    CHECK(contains(with("/starts/failed_by_reason/nonsense", 1), "the keys shutting_down, global"));
    CHECK(contains(with("/threads", std::string(1000, 'x')), "xxx...; allowed"));
}

TEST_CASE("a foreign or broken file is refused") {
    const report_in_folder file;
    const std::string whole = json_report({});
    CHECK(file.refusal(whole).empty());
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("[]"), std::string("\0\xff\x1b[31m", 8),
          whole.substr(0, whole.size() / 2), std::string(200'000, '[')}) {
        CHECK(contains(file.refusal(text), "no JSON object; allowed: a report that --json wrote"));
    }
    CHECK(contains(file.refusal("{}"), "tool: missing; allowed: \"admit-load\""));
    CHECK(contains(file.refusal(R"({"tool": "\u001b[31m"})"), R"(tool: "\u001b[31m"; allowed)"));
    CHECK(contains(file.refusal(R"({"tool": "admit-load", "schema_version": 2})"),
                   "schema_version: 2; allowed: 1"));
    CHECK_THROWS_AS(read_report("/nonexistent"), admit::tools::usage_error);
    CHECK_THROWS_AS(read_report("/"), admit::tools::usage_error);
}

TEST_CASE("texts of a recorded report do not reach the terminal as they are") {
    const report_in_folder file;
    json report = json_value(runs_of_scenarios(), admit::tools::origin_now());
    for (json& run : report["scenarios"]) {
        run["name"] = "\x1b[31m\r\n";
        run["per_kind"] = {{"\x1b]0;", run["response_time_ms"]}, {"b", run["response_time_ms"]}};
        for (json& check : run["checks"]) {
            for (const char* key : {"name", "expected", "observed", "likely_causes"})
                if (check.contains(key) && check[key].is_string()) check[key] = "\x1b[2J\x07";
        }
    }
    const recording read = file.read(json_text(report));
    std::string shown = wide_report(read.runs, false) + summary_report(read.runs, false);
    for (const run_result& run : read.runs)
        shown += run_line(run, false) + block_report(run, false);
    CHECK(shown.find_first_of("\x1b\x07\r") == std::string::npos);
    CHECK(contains(shown, "\\x1b[31m"));
}
