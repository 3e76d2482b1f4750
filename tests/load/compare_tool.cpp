// SPDX-License-Identifier: BSL-1.0
// `admit-load compare` as a process. ADMIT_LOAD_TOOL is its path.
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

using json = nlohmann::json;

constexpr const char* users = "[[users]]\ncount = 3\nstep_ms = 1\n";

}  // namespace

TEST_CASE("reports of the seven are compared, several a side") {
    const temporary_folder folder;
    std::string reports;
    for (int n = 0; n < 5; ++n) {
        const std::string path = (folder / fmt::format("{}.json", n).c_str()).string();
        CHECK(run(fmt::format("--quick --quiet --scenario global_limit_enforcement --scenario "
                              "per_user_limit_enforcement --json '{}'",
                              path))
                  .exit_code == 0);
        reports += (n == 0 ? "" : ",") + path;
    }
    const process_result same = run(
        fmt::format("compare '{0}' '{0}' --figure overshoot --figure admitted_percent", reports));
    CHECK(same.exit_code == 0);
    CHECK(contains(same.output, "per_user_limit_enforcement, 1 thread"));
    CHECK(contains(same.output, " same\n"));
}

TEST_CASE("two files, or two reports, are compared") {
    const file_in_folder quick(std::string("duration_s = 0.1\n") + users);
    const file_in_folder slow("duration_s = 0.1\n[[users]]\ncount = 3\nstep_ms = 10\n");
    const process_result worse =
        run(fmt::format("compare '{}' '{}' --figure response_p50_ms", quick.path(), slow.path()));
    CHECK(worse.exit_code == 1);
    CHECK(contains(worse.output, "WORSE"));
    CHECK(quick.run_it(fmt::format("--repeats 5 --quiet --json '{}'", quick.report())).exit_code ==
          0);
    CHECK(slow.run_it(fmt::format("--repeats 5 --quiet --json '{}'", slow.report())).exit_code ==
          0);
    const std::string reports = fmt::format("'{}' '{}'", slow.report(), quick.report());
    const process_result better = run("compare " + reports);
    CHECK(better.exit_code == 0);
    CHECK(contains(better.output, "better"));
    CHECK(run(fmt::format("compare '{}' '{}'", quick.path(), slow.report())).exit_code == 2);
    CHECK(run("compare " + reports + " --figure nonsense").exit_code == 2);
    CHECK(run("compare " + reports + " --repeats 2").exit_code == 2);

    json other = json::parse(text_of(slow.report()));
    for (json& each : other["scenarios"]) each["figures"] = {{"overshoot", 0}};
    std::ofstream(slow.report()) << other;
    const process_result nothing = run("compare " + reports + " --figure response_p50_ms");
    CHECK(nothing.exit_code == 2);
    CHECK(contains(nothing.output, "the reports have none of response_p50_ms in common"));
}
