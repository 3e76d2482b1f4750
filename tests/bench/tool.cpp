// SPDX-License-Identifier: BSL-1.0
// Tests of admit-bench as a process: exit codes, messages, reports. The environment variable
// ADMIT_BENCH_TOOL holds its path.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "support/text.hpp"

using support::contains;

namespace {

using json = nlohmann::json;

std::string tool() {
    const char* path = std::getenv("ADMIT_BENCH_TOOL");
    REQUIRE_MESSAGE(path != nullptr, "ADMIT_BENCH_TOOL has to be the path of admit-bench");
    return fmt::format("'{}'", path);
}

struct outcome {
    int exit_code;
    std::string output;
};

outcome shell(const std::string& command) {
    std::FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string output;
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        output.append(buffer.data(), got);
    }
    const int status = ::pclose(pipe);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output};
}

/// Runs the tool; the output is that of both streams.
outcome run(const std::string& arguments) {
    return shell(fmt::format("{} {} 2>&1", tool(), arguments));
}

const std::string fast = "--quick --only touch --only full ";

}  // namespace

TEST_CASE("help, list and version go to standard output and succeed") {
    const outcome help = shell(tool() + " --help 2>/dev/null");
    CHECK(help.exit_code == 0);
    for (const char* option : {"--quick", "--check", "--rounds", "--only", "--list", "--run",
                               "--operations", "--json", "--quiet", "--version"}) {
        CAPTURE(option);
        CHECK(contains(help.output, option));
    }
    const outcome list = shell(tool() + " --list 2>/dev/null");
    CHECK(list.exit_code == 0);
    CHECK(contains(list.output, "string/mutex/2"));
    CHECK(contains(list.output, "false-refusals"));
    CHECK(contains(run("--version").output, "admit-bench "));
}

TEST_CASE(
    "bad usage exits with 2, names the option, the value and the range, and measures nothing") {
    const struct {
        const char* arguments;
        const char* named;
    } table[] = {{"--rounds 6", "--rounds 6: not allowed; allowed: a whole number from 7 to"},
                 {"--rounds 0x10", "--rounds 0x10"},
                 {"--rounds -9", "--rounds"},
                 {"--rounds ''", "--rounds (nothing)"},
                 {"--rounds", "--rounds"},
                 {"--rounds 9 --rounds 9", "--rounds"},
                 {"--only nothing", "--only nothing: there is no such figure; allowed"},
                 {"--run nothing", "--run nothing: there is no such figure; allowed"},
                 {"--run touch/admit/1 --operations 0", "--operations 0"},
                 {"--operations 5", "--run"},
                 {"--json /no/such/x", "--json /no/such/x"},
                 {"--nonsense", "--nonsense"},
                 {"extra", "extra"}};
    for (const auto& [arguments, named] : table) {
        CAPTURE(arguments);
        const outcome refused = run(arguments);
        CHECK(refused.exit_code == 2);
        CHECK(contains(refused.output, named));
        CHECK(refused.output.starts_with("admit-bench: "));
        CHECK_FALSE(contains(refused.output, "Floor"));
        CHECK(shell(fmt::format("{} {} 2>/dev/null", tool(), arguments)).output.empty());
    }
}

TEST_CASE("a quick run prints tables, without colours into a pipe") {
    const outcome seen = run(fast);
    CHECK(seen.exit_code == 0);
    CHECK(contains(seen.output, "floor: 5 atomic steps"));
    CHECK(contains(seen.output, "targets: "));
    CHECK_FALSE(contains(seen.output, "\x1b["));
    CHECK_FALSE(contains(seen.output, "\r"));
}

TEST_CASE("a quick run measures everything and writes it as JSON") {
    const outcome seen = shell(tool() + " --quick --json - 2>/dev/null");
    CHECK(seen.exit_code == 0);
    const json report = json::parse(seen.output);
    CHECK(report["schema_version"] == 1);
    CHECK_FALSE(report["machine"]["processor"].get<std::string>().empty());
    CHECK(report["targets"].size() >= 20);
    // Other work on the machine may disturb every round of some rows, but not of most.
    std::size_t measured = 0;
    for (const json& item : report["rows"]) measured += item["figure"].is_object() ? 1U : 0U;
    CHECK(measured > report["rows"].size() / 2);
    for (const json& item : report["observations"]) {
        if (item["name"] == "false-refusals") CHECK(item["figure"]["median"] == 0);
    }
    CHECK(report["curves"].size() == 10);
}

TEST_CASE("--run does the given number of operations and nothing else, for a profiler") {
    const outcome seen = run("--run touch/admit/1 --operations 1000");
    CHECK(seen.exit_code == 0);
    CHECK(contains(seen.output, "1000 operations of touch/admit/1"));
}

TEST_CASE("--quiet prints the missed targets only, and --check fails exactly if there are some") {
    const outcome seen = run(fast + "--quiet --check");
    CHECK(seen.exit_code == (seen.output.empty() ? 0 : 1));
}
