// SPDX-License-Identifier: BSL-1.0
// admit-crowd as a process: reports, messages and exit codes. ADMIT_CROWD_TOOL is its path.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "common/build_info.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

using support::contains;
using support::process_result;
using support::shell;

namespace {

using json = nlohmann::json;

std::string tool() { return support::tool_path("ADMIT_CROWD_TOOL"); }

/// Both streams together.
process_result run(const std::string& arguments) {
    return shell(fmt::format("{} {} 2>&1", tool(), arguments));
}

}  // namespace

TEST_CASE("a crowd is alive at once, admitted or waiting, and is reported") {
    const process_result simultaneous_start =
        shell(fmt::format("{} --users 3000 --threads 2 --repeat 1 --json - 2>&1", tool()));
    CAPTURE(simultaneous_start.output);
    REQUIRE(simultaneous_start.exit_code == 0);
    const json report = json::parse(simultaneous_start.output);
    CHECK(report["users"] == 3000);
    CHECK(report["crowds"].size() >= 8);
    for (const json& each : report["crowds"]) {
        const bool waits = each["admitted"] == true && each["max_concurrent"] == 30;
        CHECK(each["waiting"] == (waits ? 2970 : 0));
        CHECK(each["users_per_s"] > 0);
    }
}

TEST_CASE("the users of a crowd wait at most as long as --wait allows, on one thread") {
    const std::string one_thread = "--users 500 --threads 1 --repeat 1 --allocator glibc ";
    const process_result patient = run(one_thread + "--wait 3600");
    CHECK(patient.exit_code == 0);
    CHECK(contains(patient.output, "wait and are admitted"));
    CHECK_FALSE(contains(patient.output, "\r"));
    const process_result impatient = run(one_thread + "--wait 0.001");
    CHECK(impatient.exit_code == 3);
    CHECK(contains(impatient.output, "admit-crowd"));
}

TEST_CASE("the tool has help, version, checks and exit codes") {
    const process_result help = run("--help");
    CHECK(help.exit_code == 0);
    CHECK(contains(help.output, "--max-concurrent"));
    CHECK(contains(run("--version").output,
                   fmt::format("admit-crowd {}", admit::tools::tool_version)));
    const process_result refused = run("--users 0");
    CHECK(refused.exit_code == 2);
    CHECK(contains(refused.output, "--users 0: not allowed"));
    CHECK(run("--json /no/such/x").exit_code == 2);
    CHECK(run("--users 200 --repeat 1 --quiet").output.empty());
    // The fixed memory of an engine, shared by so few users, exceeds the target for bytes.
    CHECK(run("--users 200 --repeat 1 --quiet --check").exit_code == 1);
    CHECK(run("--users 200 --repeat 1 --json /dev/full").exit_code == 3);
}
