// SPDX-License-Identifier: BSL-1.0
// `admit-load report` as a process. ADMIT_LOAD_TOOL is its path.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "load/load_tool.hpp"
#include "support/text.hpp"

using load_tool::file_in_folder;
using load_tool::run;
using support::contains;
using support::process_result;
using support::temporary_folder;
using support::text_of;

namespace {

/// What a terminal would get, without the progress.
process_result printed(const std::string& arguments) {
    return support::shell(fmt::format("{} {} 2>/dev/null", load_tool::path(), arguments));
}

using json = nlohmann::json;

constexpr const char* users = "[[users]]\ncount = 3\nstep_ms = 1\n";

}  // namespace

TEST_CASE("report prints what the run printed, and writes the same files") {
    const file_in_folder file(
        std::string("duration_s = 0.3\nthresholds = [\"response_p50_ms < 0.5\"]\n") + users);
    const temporary_folder folder;
    const auto outputs = [&](const char* name) {
        const std::string path = (folder / name).string();
        return fmt::format("--html '{0}.html' --csv '{0}.csv' --hgrm '{0}.hgrm'", path);
    };
    const process_result ran = printed(fmt::format("run '{}' --repeats 2 --json '{}' {}",
                                                   file.path(), file.report(), outputs("run")));
    const process_result shown =
        run(fmt::format("report '{}' {}", file.report(), outputs("report")));
    CHECK(ran.exit_code == 1);
    CHECK(shown.exit_code == 1);
    CHECK(shown.output == ran.output);
    CHECK(contains(shown.output, "FAILED  bot, "));
    for (const char* kind : {"html", "csv", "hgrm"}) {
        const std::string written = text_of(folder / fmt::format("run.{}", kind).c_str());
        CHECK(written.size() > 100);
        CHECK(text_of(folder / fmt::format("report.{}", kind).c_str()) == written);
    }
    CHECK(run(fmt::format("report '{}' --html -", file.report())).output ==
          text_of(folder / "run.html"));
    CHECK(contains(run(fmt::format("report '{}' --wide", file.report())).output, "trend per min"));
}

TEST_CASE("report shows the seven scenarios as their run did") {
    const temporary_folder folder;
    const std::string report = (folder / "all.json").string();
    const std::string options =
        "--quick --scenario global_limit_enforcement --scenario burst_load_pattern";
    for (const char* wide : {"", "--wide"}) {
        const process_result ran = printed(fmt::format("{} {} --json '{}'", options, wide, report));
        const process_result shown = run(fmt::format("report '{}' {}", report, wide));
        CHECK(shown.output == ran.output);
        CHECK(shown.exit_code == ran.exit_code);
    }
}

TEST_CASE("report refuses what is no report, names the field, and writes nothing") {
    const file_in_folder file(users);
    const temporary_folder folder;
    const std::string page = (folder / "page.html").string();
    const auto refused = [&](const std::string& text) {
        std::ofstream(file.report()) << text;
        const process_result said =
            run(fmt::format("report '{}' --html '{}'", file.report(), page));
        CHECK(said.exit_code == 2);
        CHECK(contains(said.output, file.report() + ": "));
        return said.output;
    };
    CHECK(contains(refused("step_ms = 1"), "allowed: a report that --json wrote"));
    CHECK(contains(refused(R"({"tool": "admit-bench"})"), "tool: \"admit-bench\"; allowed: "));
    CHECK(file.run_it(fmt::format("--quiet --json '{}'", file.report())).exit_code == 0);
    json changed = json::parse(text_of(file.report()));
    changed["scenarios"][0]["starts"]["successful"] = "many";
    CHECK(contains(refused(changed.dump()),
                   "scenarios[0].starts.successful: \"many\"; allowed: a whole number"));
    CHECK(run("report").exit_code == 2);
    CHECK(run(fmt::format("report '{}' --csv /nonexistent/x", file.report())).exit_code == 2);
    CHECK(run(fmt::format("report '{}' --json x", file.report())).exit_code == 2);
    CHECK(folder.files() == 0);
}
