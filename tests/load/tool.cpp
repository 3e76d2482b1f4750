// SPDX-License-Identifier: BSL-1.0
// admit-load as a process: exit codes, messages, failing streams. ADMIT_LOAD_TOOL is its path.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "common/build_info.hpp"
#include "load/load_tool.hpp"
#include "support/text.hpp"

using load_tool::run;
using support::contains;
using support::exit_code_of;
using support::process_result;
using support::shell;
using support::temporary_folder;
using support::text_of;

namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

/// Runs the tool on a pseudo-terminal.
process_result run_on_terminal(const std::string& arguments, unsigned short columns = 80) {
    int terminal = -1;
    const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
    REQUIRE(child >= 0);
    if (child == 0) {
        const std::string command = fmt::format("TERM=xterm {} {}", load_tool::path(), arguments);
        ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        ::_exit(127);
    }
    std::string output;
    std::array<char, 4096> buffer{};
    // The end of a pseudo-terminal is the error EIO.
    for (ssize_t got = 0; (got = ::read(terminal, buffer.data(), buffer.size())) > 0;) {
        output.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::close(terminal);
    int status = 0;
    ::waitpid(child, &status, 0);
    return {exit_code_of(status), output};
}

const std::string fast = "--quick --scenario global_limit_enforcement ";

}  // namespace

TEST_CASE("help, list and version go to standard output and succeed") {
    CHECK(run("--help").exit_code == 0);
    for (const char* option :
         {"--quick", "--full", "--scenario", "--list", "--max-concurrent", "--max-per-user",
          "--idle-timeout", "--max-duration", "--users", "--duration", "--wait", "--threads",
          "--scale", "--json", "--quiet", "--help", "--version"}) {
        CHECK(contains(run("--help").output, option));
    }
    const process_result list = run("--list");
    CHECK(list.exit_code == 0);
    CHECK(contains(list.output, "stress_rapid_start_stop_cycles"));
    CHECK(contains(run("--version").output,
                   fmt::format("admit-load {}", admit::tools::tool_version)));
}

TEST_CASE("a run that passes exits with 0 and prints a table without colours into a pipe") {
    const process_result passed = run(fast);
    CHECK(passed.exit_code == 0);
    CHECK(contains(passed.output, "All 2 runs passed"));
    CHECK(contains(passed.output, "P99"));
    CHECK(contains(run(fast + "--wide").output, "P95"));
    CHECK_FALSE(contains(passed.output, "\x1b["));
    CHECK_FALSE(contains(passed.output, "\r"));
}

TEST_CASE("on a terminal there are colours and a progress bar, unless NO_COLOR or --quiet") {
    const process_result shown = run_on_terminal(fast);
    CHECK(shown.exit_code == 0);
    CHECK(contains(shown.output, "\x1b[32m"));
    CHECK(contains(shown.output, "[1/2]"));
    const process_result plain =
        run_on_terminal("--version; NO_COLOR=1 " + load_tool::path() + " " + fast);
    CHECK(contains(plain.output, "All 2 runs passed"));
    CHECK_FALSE(std::regex_search(plain.output, std::regex("\x1b\\[[0-9;]*m")));
    CHECK(run_on_terminal(fast + "--quiet").output.empty());
}

TEST_CASE("the live view fits the terminal, and leaves nothing behind") {
    const std::string sustained = "--quick --threads 1 --scenario sustained_load_5_minutes";
    for (const int width : {40, 80, 200}) {
        const auto columns = static_cast<unsigned short>(width);
        const std::string output = run_on_terminal(sustained, columns).output;
        CHECK(contains(output, "active 10/20"));
        // Drawn lines begin with \r and the erasing of the line.
        const std::regex drawn("\r\x1b\\[K([^\r\n\x1b]*)");
        std::size_t longest = 0;
        for (auto line = std::sregex_iterator(output.begin(), output.end(), drawn);
             line != std::sregex_iterator(); ++line)
            longest = std::max(longest, static_cast<std::size_t>((*line)[1].length()));
        CHECK(longest > 20);
        CHECK(longest < columns);
        // The last things drawn are two empty lines.
        const std::size_t last = output.rfind("\r\x1b[K");
        CHECK(output.substr(last).starts_with("\r\x1b[K\x1b[1A"));
    }
}

TEST_CASE("bad usage exits with 2, says why, and starts nothing") {
    const char* table[] = {"--users -5",
                           "--users 0x10",
                           "--users 5x",
                           "--users ''",
                           "--duration nan",
                           "--duration inf",
                           "--wait -1",
                           "--wait 0",
                           "--wait 2s",
                           "--wait 0.5",
                           "--scale 0",
                           "--threads 1.5",
                           "--scenario burst",
                           "--nonsense",
                           "extra",
                           "million",
                           "--quick --full",
                           "--users",
                           "--json ''",
                           "--json /",
                           "--json /no/such/x",
                           "--metrics 9464",
                           "--metrics :9464",
                           "--metrics localhost:9464",
                           "--metrics 127.0.0.1:65536",
                           "--metrics 127.0.0.1:0,0.0.0.0:0",
                           "--metrics ::1:9464",
                           "--metrics [::1]:9464s",
                           "--metrics ''",
                           "--max-per-user 6 --max-concurrent 5",
                           "--users 99999999999999999999"};
    for (const char* arguments : table) {
        CAPTURE(arguments);
        const process_result refused = run(arguments);
        CHECK(refused.exit_code == 2);
        CHECK(refused.output.starts_with("admit-load: "));
        CHECK_FALSE(contains(refused.output, "passed"));
        CHECK(shell(fmt::format("{} {} 2>/dev/null", load_tool::path(), arguments)).output.empty());
    }
}

TEST_CASE("a report on standard output is valid JSON and nothing else") {
    const process_result report =
        shell(fmt::format("{} {} --json - 2>/dev/null", load_tool::path(), fast));
    CHECK(report.exit_code == 0);
    const json parsed = json::parse(report.output);
    CHECK(parsed["schema_version"] == 1);
    CHECK(parsed["scenarios"].size() == 2);
}

TEST_CASE("a report replaces an older one whole, with its mode, and leaves nothing else behind") {
    const temporary_folder folder;
    const fs::path file = folder / "report.json";
    std::ofstream(file) << "an older report";
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    CHECK(run(fmt::format("{} --quiet --json '{}'", fast, file.string())).output.empty());
    CHECK(json::parse(text_of(file))["passed"] == true);
    CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(folder.files() == 1);
}

TEST_CASE("a report goes where a link points") {
    const temporary_folder folder;
    std::ofstream(folder / "target.json") << "{}";
    fs::create_symlink("target.json", folder / "link.json");
    CHECK(run(fmt::format("{} --json '{}'", fast, (folder / "link.json").string())).exit_code == 0);
    CHECK(fs::is_symlink(folder / "link.json"));
    CHECK(json::parse(text_of(folder / "target.json"))["passed"] == true);
}

TEST_CASE("a disk that is full is an error, and the older report is still there") {
    const process_result device = run(fast + "--json /dev/full");
    CHECK(device.exit_code == 3);
    CHECK(contains(device.output, "No space left on device"));

    const temporary_folder folder;
    const fs::path file = folder / "report.json";
    std::ofstream(file) << "an older report";
    const process_result limited = shell(fmt::format("ulimit -f 1; {} {} --quiet --json '{}' 2>&1",
                                                     load_tool::path(), fast, file.string()));
    CHECK(limited.exit_code == 3);
    CHECK(contains(limited.output, "cannot write the report"));
    CHECK(text_of(file) == "an older report");
    CHECK(folder.files() == 1);
}

TEST_CASE("standard output that is full, closed or a broken pipe is an error, not a crash") {
    const process_result full =
        shell(fmt::format("{} {} 2>&1 >/dev/full", load_tool::path(), fast));
    CHECK(full.exit_code == 3);
    CHECK(contains(full.output, "cannot write to standard output"));
    const process_result closed = shell(fmt::format("{} {} 2>&1 >&-", load_tool::path(), fast));
    CHECK(closed.exit_code == 3);
    CHECK(contains(closed.output, "standard output is closed"));
    const process_result broken = shell(fmt::format(
        "{{ {{ sleep 0.3; {} --list; echo $? >&3; }} | true; }} 3>&1 2>&1", load_tool::path()));
    CHECK(contains(broken.output, "3\n"));
    CHECK(contains(broken.output, "Broken pipe"));
}

TEST_CASE("a run that prints nothing needs no standard streams") {
    const temporary_folder folder;
    const fs::path file = folder / "report.json";
    const process_result silent = shell(fmt::format("{} {} --quiet --json '{}' <&- >&- 2>&-",
                                                    load_tool::path(), fast, file.string()));
    CHECK(silent.exit_code == 0);
    CHECK(json::parse(text_of(file))["passed"] == true);
}

TEST_CASE("no file descriptors left is an error, not a crash") {
    if (admit::tools::sanitized_build) return;  // sanitizers need file descriptors too
    const auto with_files = [](int files) {
        return shell(
            fmt::format("exec 2>&1; ulimit -n {}; exec {} --quick --threads 1 --scenario {}", files,
                        load_tool::path(), "burst_load_pattern"));
    };
    bool reported = false;
    for (int files = 3; files <= 12; ++files) {
        const process_result starved = with_files(files);
        CAPTURE(files);
        CAPTURE(starved.output);
        // 127: too few to load the libraries of the program.
        CHECK((starved.exit_code == 0 || starved.exit_code == 3 || starved.exit_code == 127));
        if (starved.exit_code != 3) continue;
        CHECK(starved.output.starts_with("admit-load: "));
        CHECK(contains(starved.output, "Too many open files"));
        reported = true;
    }
    CHECK(reported);
}

TEST_CASE("a path that holds an escape sequence reaches no terminal") {
    const process_result refused = run("--quick --json \"$(printf '/nope\\033[31m/x')\"");
    CHECK(refused.exit_code == 2);
    CHECK(contains(refused.output, "/nope"));
    CHECK_FALSE(contains(refused.output, "\033"));
}
