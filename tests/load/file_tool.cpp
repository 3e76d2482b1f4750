// SPDX-License-Identifier: BSL-1.0
// The commands of admit-load that deal with scenario files, as processes.
// ADMIT_LOAD_TOOL is its path, ADMIT_SOURCE_ROOT that of the project.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "load/load_tool.hpp"
#include "support/text.hpp"

using load_tool::file_in_folder;
using load_tool::run;
using support::contains;
using support::process_result;
using support::shell;
using support::temporary_folder;
using support::text_of;

namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* users = "[[users]]\ncount = 3\nstep_ms = 1\n";

}  // namespace

TEST_CASE("a file that holds its thresholds exits with 0 and shows its figures") {
    const file_in_folder file(
        std::string("duration_s = 0.2\nthresholds = [\"rejected_percent == 0\"]\n") + users);
    const process_result passed = file.run_it(fmt::format("--json '{}'", file.report()));
    CHECK(passed.exit_code == 0);
    CHECK(contains(passed.output, "passed  bot, "));
    CHECK(contains(passed.output, "rejected_percent == 0"));
    const json report = json::parse(text_of(file.report()));
    CHECK(report["passed"] == true);
    const json& scenario = report["scenarios"].at(0);
    CHECK(scenario["file"]["valid"] == true);
    CHECK(scenario["response_time_ms"]["p99_99"] > 0);
    CHECK(scenario["completions"] == scenario["response_time_ms"]["count"]);
}

TEST_CASE("the course and the distribution are written for other tools") {
    const file_in_folder file(std::string("duration_s = 0.5\n") + users);
    const temporary_folder folder;
    const std::string csv = (folder / "series.csv").string();
    const std::string hgrm = (folder / "times.hgrm").string();
    CHECK(file.run_it(fmt::format("--csv '{}' --hgrm '{}'", csv, hgrm)).exit_code == 0);
    const std::string series = text_of(csv);
    CHECK(series.starts_with("at_s,interval_s,active,waiting,admitted,"));
    CHECK(std::count(series.begin(), series.end(), '\n') >= 8);
    const std::string times = text_of(hgrm);
    CHECK(contains(times, "Value     Percentile TotalCount 1/(1-Percentile)"));
    CHECK(contains(times, " 0.500000000000 "));
    CHECK(contains(times, " 1.000000000000 "));
    CHECK(contains(times, "#[Max     = "));
    CHECK(file.run_it("--csv /nonexistent/x").exit_code == 2);
}

TEST_CASE("a broken threshold exits with 1, also with --quiet") {
    const file_in_folder file(
        std::string("duration_s = 0.1\nthresholds = [\"response_p50_ms < 0.5\"]\n") + users);
    CHECK(file.run_it().exit_code == 1);
    const process_result quiet = file.run_it("--quiet");
    CHECK(quiet.exit_code == 1);
    CHECK(contains(quiet.output, "response_p50_ms < 0.5"));
}

TEST_CASE("a file that is refused exits with 2 and starts nothing") {
    const file_in_folder file(std::string("duratoin_s = 1\n") + users);
    const process_result refused = file.run_it(fmt::format("--json '{}'", file.report()));
    CHECK(refused.exit_code == 2);
    CHECK(
        contains(refused.output, "bot.toml:1: duratoin_s: no such key; did you mean duration_s?"));
    CHECK_FALSE(fs::exists(file.report()));
    CHECK(run("run /nonexistent.toml").exit_code == 2);
    CHECK(run("run").exit_code == 2);
    CHECK(file.run_it("--threads 0").exit_code == 2);
    CHECK(file.run_it("--users 5").exit_code == 2);
}

TEST_CASE("a plan that the machine cannot keep is no measurement: exit code 3") {
    const file_in_folder file(
        std::string("duration_s = 0.2\n[arrival]\nmodel = \"open\"\nrate_per_s = 5000000\n") +
        users);
    const process_result invalid = file.run_it("--threads 1");
    CHECK(invalid.exit_code == 3);
    CHECK(contains(invalid.output, "INVALID"));
    const process_result quiet =
        file.run_it(fmt::format("--threads 1 --quiet --json '{}'", file.report()));
    const json report = json::parse(text_of(file.report()));
    CHECK(report["passed"] == false);
    CHECK(report["scenarios"][0]["passed"] == false);
    CHECK(run(fmt::format("report '{}'", file.report())).exit_code == 3);
    const process_result compared = run(fmt::format("compare '{0}' '{0}'", file.path()));
    CHECK(compared.exit_code == 3);
    CHECK(contains(compared.output, "the run is no measurement. "));
    CHECK(quiet.exit_code == 3);
    CHECK(contains(quiet.output, "  invalid: "));
}

TEST_CASE("a run in which nothing starts is no measurement either") {
    const file_in_folder file(
        std::string("duration_s = 0.1\n[arrival]\nmodel = \"open\"\nrate_per_s = 0.001\n") + users);
    const process_result idle = file.run_it();
    CHECK(idle.exit_code == 3);
    CHECK(contains(idle.output, "No conversation was started."));
}

TEST_CASE("an interrupted run reports what was done, and exits with 130") {
    const file_in_folder file(
        std::string("duration_s = 60\nthresholds = [\"throughput_per_s < 1\"]\n") + users);
    const process_result stopped =
        shell(fmt::format("timeout --foreground --preserve-status -s INT 1 {} run '{}' --json '{}' "
                          "2>&1; echo code $?",
                          load_tool::path(), file.path(), file.report()));
    CHECK(contains(stopped.output, "code 130"));
    CHECK(contains(stopped.output, "completed"));
    const json report = json::parse(text_of(file.report()));
    CHECK(report["scenarios"].at(0)["completions"] > 10);
    CHECK(contains(stopped.output, "INTERRUPTED  bot, "));
    CHECK(report["passed"] == false);
    CHECK(report["scenarios"][0]["passed"] == false);
    CHECK(report["scenarios"][0]["interrupted"] == true);
    for (const json& check : report["scenarios"][0]["checks"])
        CHECK_FALSE(check.contains("threshold"));  // a promise of the whole run
    CHECK(run(fmt::format("report '{}'", file.report())).exit_code == 130);
    const process_result compared = run(fmt::format("compare '{0}' '{0}'", file.report()));
    CHECK(compared.exit_code == 3);
    CHECK(contains(compared.output, "the run was interrupted, so it is not compared"));
}

TEST_CASE("a second interrupt does not wait for long conversations") {
    const file_in_folder file("duration_s = 60\n[[users]]\nstep_ms = 60000\n");
    const process_result stopped =
        shell(fmt::format("{} run '{}' 2>&1 & pid=$!; sleep 0.5; kill -INT $pid; sleep 0.2; kill "
                          "-INT $pid; wait $pid; "
                          "echo code $?",
                          load_tool::path(), file.path()));
    CHECK(contains(stopped.output, "code 130"));
}

TEST_CASE("an interrupt between the seven scenarios keeps what was finished") {
    const temporary_folder folder;
    const std::string report = (folder / "report.json").string();
    const process_result stopped =
        shell(fmt::format("timeout --foreground --preserve-status -s INT 2 {} --scenario "
                          "global_limit_enforcement --scenario "
                          "sustained_load_5_minutes --json '{}' 2>&1; echo code $?",
                          load_tool::path(), report));
    CHECK(contains(stopped.output, "code 130"));
    CHECK(contains(stopped.output, "2 of 4 runs were finished"));
    const json written = json::parse(text_of(report));
    REQUIRE(written["scenarios"].size() == 3);
    CHECK(written["passed"] == false);
    for (std::size_t n = 0; n < 3; ++n) CHECK(written["scenarios"][n]["interrupted"] == (n == 2));
    CHECK(written["scenarios"][2]["checks"].empty());
    const process_result shown = run(fmt::format("report '{}'", report));
    CHECK(shown.exit_code == 130);
    CHECK(contains(shown.output, "INTERRUPTED  sustained_load_5_minutes"));
    CHECK(contains(shown.output, "2 runs passed, "));
    CHECK(contains(shown.output, " 1 interrupted, and not judged."));
}

TEST_CASE("a result has the text of its file, and its runs are numbered") {
    const std::string text = std::string("# of mine\nduration_s = 0.05\n") + users;
    const file_in_folder file(text);
    const process_result ran = file.run_it(fmt::format("--repeats 2 --json '{}'", file.report()));
    CHECK(contains(ran.output, "bot, run 2 of 2, "));
    const json report = json::parse(text_of(file.report()));
    CHECK(report["scenarios"][1]["file"]["text"] == text);
    CHECK(report["scenarios"][1]["file"]["repeat"] == 2);
    CHECK(report["scenarios"][1]["file"]["repeats"] == 2);
    std::string line;
    for (int n = 0; n < 1000; ++n) line += "# a long comment, with many more\n";
    const file_in_folder large(line + text);
    CHECK(large.run_it(fmt::format("--quiet --json '{}'", large.report())).exit_code == 0);
    const std::string kept = json::parse(text_of(large.report()))["scenarios"][0]["file"]["text"];
    CHECK(kept.size() <= 16'384);
    CHECK(kept.ends_with("more\n# ... the rest is left out\n"));
}

TEST_CASE("new writes a file that runs, and never over another one") {
    const temporary_folder folder;
    const std::string path = (folder / "mine.toml").string();
    CHECK(run(fmt::format("new '{}'", path)).exit_code == 0);
    const std::string written = text_of(path);
    CHECK(contains(written, "[limits]"));
    std::ofstream(path) << "mine";
    const process_result refused = run(fmt::format("new '{}'", path));
    CHECK(refused.exit_code == 2);
    CHECK(text_of(path) == "mine");
    CHECK(run("new -").output == written);
}

TEST_CASE("find-limit names the load that holds and the one that breaks") {
    const file_in_folder file(
        "duration_s = 0.2\nthresholds = [\"rejected_percent < 1\"]\n[limits]\nmax_concurrent = 2\n"
        "[arrival]\nmodel = \"open\"\nrate_per_s = 40\nlate_ms = 60000\n"
        "[[users]]\ncount = 50\nstep_ms = 10\n");
    const process_result found =
        run(fmt::format("find-limit '{}' --precision 100 --threads 1", file.path()));
    CHECK(found.exit_code == 0);
    CHECK(contains(found.output, "starts a second hold."));
    CHECK(contains(found.output, "rejected_percent < 1 (is "));
    const file_in_folder without(users);
    const std::string wanted =
        fmt::format("find-limit '{}' --precision 100 --threads 1", file.path());
    const temporary_folder folder;
    const std::string page = (folder / "page.html").string();
    CHECK(run(fmt::format("{} --quiet --json '{}' --html '{}'", wanted, file.report(), page))
              .exit_code == 0);
    const json written = json::parse(text_of(file.report()));
    const json& search = written["find_limit"];
    CHECK(search["thresholds"][0]["bound"] == 1.0);
    CHECK(search["holds"] < search["breaks"]);
    for (const json& step : search["steps"])
        CHECK(step["holds"] == (step["figures"][0].get<double>() < 1));
    const std::string html = text_of(page);
    CHECK(contains(html, "\"find_limit\":{"));
    CHECK(contains(html, written["date"].get<std::string>()));
    CHECK(run(wanted + " --quiet --html -").output.starts_with("<!doctype html>"));
    CHECK(run(wanted + " --json /nonexistent/x").exit_code == 2);
    CHECK(contains(run(fmt::format("report '{}'", file.report())).output, "scenarios: missing"));
    CHECK(contains(run(fmt::format("find-limit '{}'", without.path())).output, "thresholds"));
}

TEST_CASE("the commands have help of their own") {
    for (const char* command :
         {"run", "find-limit", "report", "compare", "new", "schema", "reference"}) {
        const process_result help = run(fmt::format("{} --help", command));
        CHECK(help.exit_code == 0);
        CHECK(contains(help.output, command));
        CHECK(contains(run("--help").output, command));
    }
    CHECK(json::parse(run("schema").output)["properties"].contains("users"));
}

TEST_CASE("docs/scenario_files.md has what the tool says") {
    const char* root = std::getenv("ADMIT_SOURCE_ROOT");
    REQUIRE(root != nullptr);
    const std::string page = text_of(fs::path(root) / "docs/scenario_files.md");
    CHECK(contains(page, run("reference").output));
}

TEST_CASE("the same load on a baseline: its limits hold, and it knows neither waits nor steps") {
    const file_in_folder file(std::string("duration_s = 0.2\nthresholds = [\"overshoot == 0\"]\n") +
                              users);
    for (const char* engine : {"admit", "mutex", "sharded"}) {
        CAPTURE(engine);
        const process_result done = file.run_it(fmt::format("--engine {}", engine));
        CHECK(done.exit_code == 0);
        CHECK(contains(done.output, "passed  overshoot == 0"));
        CHECK(contains(done.output, " on ") == (std::string_view(engine) != "admit"));
        CHECK_FALSE(contains(done.output, "completed       0"));
    }
    const process_result waits = file.run_it("--engine mutex --wait 5");
    CHECK(waits.exit_code == 2);
    CHECK(contains(waits.output, "users.wait_s: 5: not allowed"));
    const process_result unknown = file.run_it("--engine atomic");
    CHECK(unknown.exit_code == 2);
    CHECK(contains(unknown.output, "allowed: admit, mutex, sharded"));
}
