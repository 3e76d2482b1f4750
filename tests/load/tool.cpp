// The tool as a process: exit codes, messages, streams that fail. ADMIT_LOAD_TOOL names it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "load/build_info.hpp"
#include "support/text.hpp"

using support::contains;

namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

std::string tool() {
    const char* path = std::getenv("ADMIT_LOAD_TOOL");
    REQUIRE_MESSAGE(path != nullptr, "ADMIT_LOAD_TOOL must name the tool");
    return fmt::format("'{}'", path);
}

struct outcome {
    int exit_code;  // 128 + signal when killed
    std::string output;
};

int exit_code_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

outcome shell(const std::string& command) {
    std::FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string output;
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        output.append(buffer.data(), got);
    }
    return {exit_code_of(::pclose(pipe)), output};
}

/// Both streams together.
outcome run(const std::string& arguments) {
    return shell(fmt::format("{} {} 2>&1", tool(), arguments));
}

/// As somebody sees it who sits before a terminal.
outcome run_on_terminal(const std::string& arguments) {
    int terminal = -1;
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    REQUIRE(child >= 0);
    if (child == 0) {
        const std::string command = fmt::format("TERM=xterm {} {}", tool(), arguments);
        ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        ::_exit(127);
    }
    std::string output;
    std::array<char, 4096> buffer{};
    // The end of a terminal is an error, EIO.
    for (ssize_t got = 0; (got = ::read(terminal, buffer.data(), buffer.size())) > 0;) {
        output.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::close(terminal);
    int status = 0;
    ::waitpid(child, &status, 0);
    return {exit_code_of(status), output};
}

std::string text_of(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// An empty folder that goes away with the test.
class scratch {
public:
    scratch() {
        std::string name = (fs::temp_directory_path() / "admit-load-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~scratch() { fs::remove_all(path_); }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;

    fs::path operator/(const char* name) const { return path_ / name; }
    std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(path_), {}); }

private:
    fs::path path_;
};

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
    const outcome list = run("--list");
    CHECK(list.exit_code == 0);
    CHECK(contains(list.output, "stress_rapid_start_stop_cycles"));
    CHECK(
        contains(run("--version").output, fmt::format("admit-load {}", admit::load::tool_version)));
}

TEST_CASE("a run that passes exits with 0 and prints a table without colours into a pipe") {
    const outcome passed = run(fast);
    CHECK(passed.exit_code == 0);
    CHECK(contains(passed.output, "All 2 runs passed"));
    CHECK(contains(passed.output, "P95"));
    CHECK_FALSE(contains(passed.output, "\x1b["));
    CHECK_FALSE(contains(passed.output, "\r"));
}

TEST_CASE("on a terminal there are colours and a progress bar, unless NO_COLOR or --quiet") {
    const outcome shown = run_on_terminal(fast);
    CHECK(shown.exit_code == 0);
    CHECK(contains(shown.output, "\x1b[32m"));
    CHECK(contains(shown.output, "[1/2]"));
    const outcome plain = run_on_terminal("--version; NO_COLOR=1 " + tool() + " " + fast);
    CHECK(contains(plain.output, "All 2 runs passed"));
    CHECK_FALSE(contains(plain.output, "\x1b["));
    CHECK(run_on_terminal(fast + "--quiet").output.empty());
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
                           "--quick --full",
                           "--users",
                           "--json ''",
                           "--json /",
                           "--json /no/such/x",
                           "--max-per-user 6 --max-concurrent 5",
                           "--users 99999999999999999999"};
    for (const char* arguments : table) {
        CAPTURE(arguments);
        const outcome refused = run(arguments);
        CHECK(refused.exit_code == 2);
        CHECK(refused.output.starts_with("admit-load: "));
        CHECK_FALSE(contains(refused.output, "passed"));
        CHECK(shell(fmt::format("{} {} 2>/dev/null", tool(), arguments)).output.empty());
    }
}

TEST_CASE("a report on standard output is valid JSON and nothing else") {
    const outcome report = shell(fmt::format("{} {} --json - 2>/dev/null", tool(), fast));
    CHECK(report.exit_code == 0);
    const json parsed = json::parse(report.output);
    CHECK(parsed["schema_version"] == 1);
    CHECK(parsed["scenarios"].size() == 2);
}

TEST_CASE("a report replaces an older one whole, with its mode, and leaves nothing else behind") {
    const scratch folder;
    const fs::path file = folder / "report.json";
    std::ofstream(file) << "an older report";
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    CHECK(run(fmt::format("{} --quiet --json '{}'", fast, file.string())).output.empty());
    CHECK(json::parse(text_of(file))["passed"] == true);
    CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(folder.files() == 1);
}

TEST_CASE("a report goes where a link points") {
    const scratch folder;
    std::ofstream(folder / "target.json") << "{}";
    fs::create_symlink("target.json", folder / "link.json");
    CHECK(run(fmt::format("{} --json '{}'", fast, (folder / "link.json").string())).exit_code == 0);
    CHECK(fs::is_symlink(folder / "link.json"));
    CHECK(json::parse(text_of(folder / "target.json"))["passed"] == true);
}

TEST_CASE("a disk that is full is an error, and the older report is still there") {
    const outcome device = run(fast + "--json /dev/full");
    CHECK(device.exit_code == 3);
    CHECK(contains(device.output, "No space left on device"));

    const scratch folder;
    const fs::path file = folder / "report.json";
    std::ofstream(file) << "an older report";
    const outcome limited = shell(
        fmt::format("ulimit -f 1; {} {} --quiet --json '{}' 2>&1", tool(), fast, file.string()));
    CHECK(limited.exit_code == 3);
    CHECK(contains(limited.output, "cannot write the report"));
    CHECK(text_of(file) == "an older report");
    CHECK(folder.files() == 1);
}

TEST_CASE("standard output that is full, closed or a broken pipe is an error, not a crash") {
    const outcome full = shell(fmt::format("{} {} 2>&1 >/dev/full", tool(), fast));
    CHECK(full.exit_code == 3);
    CHECK(contains(full.output, "cannot write to standard output"));
    const outcome closed = shell(fmt::format("{} {} 2>&1 >&-", tool(), fast));
    CHECK(closed.exit_code == 3);
    CHECK(contains(closed.output, "standard output is closed"));
    const outcome broken = shell(
        fmt::format("{{ {{ sleep 0.3; {} --list; echo $? >&3; }} | true; }} 3>&1 2>&1", tool()));
    CHECK(contains(broken.output, "3\n"));
    CHECK(contains(broken.output, "Broken pipe"));
}

TEST_CASE("a crowd is alive at once, admitted or waiting, and is reported") {
    const outcome crowd =
        shell(fmt::format("{} million --users 3000 --threads 2 --repeat 1 --json - 2>&1", tool()));
    CAPTURE(crowd.output);
    REQUIRE(crowd.exit_code == 0);
    const json report = json::parse(crowd.output);
    CHECK(report["users"] == 3000);
    CHECK(report["crowds"].size() >= 8);
    for (const json& each : report["crowds"]) {
        const bool waits = each["admitted"] == true && each["max_concurrent"] == 30;
        CHECK(each["waiting"] == (waits ? 2970 : 0));
        CHECK(each["users_per_s"] > 0);
    }
}

TEST_CASE("a crowd waits as long as it is told at most, and by one thread") {
    const std::string one = "million --users 500 --threads 1 --repeat 1 --allocator glibc ";
    const outcome patient = run(one + "--wait 3600");
    CHECK(patient.exit_code == 0);
    CHECK(contains(patient.output, "wait and are admitted"));
    CHECK_FALSE(contains(patient.output, "\r"));
    const outcome impatient = run(one + "--wait 0.001");
    CHECK(impatient.exit_code == 3);
    CHECK(contains(impatient.output, "admit-crowd"));
}

TEST_CASE("a million has its own help, checks and exit codes") {
    CHECK(contains(run("--help").output, "admit-load million"));
    const outcome help = run("million --help");
    CHECK(help.exit_code == 0);
    CHECK(contains(help.output, "--max-concurrent"));
    const outcome refused = run("million --users 0");
    CHECK(refused.exit_code == 2);
    CHECK(contains(refused.output, "--users 0: not allowed"));
    CHECK(run("million --json /no/such/x").exit_code == 2);
    CHECK(run("million --users 200 --repeat 1 --quiet").output.empty());
    // So few users share what an engine takes once: the bytes of each are too many.
    CHECK(run("million --users 200 --repeat 1 --quiet --check").exit_code == 1);
    CHECK(run("million --users 200 --repeat 1 --json /dev/full").exit_code == 3);
}

TEST_CASE("a run that prints nothing needs no standard streams") {
    const scratch folder;
    const fs::path file = folder / "report.json";
    const outcome silent =
        shell(fmt::format("{} {} --quiet --json '{}' <&- >&- 2>&-", tool(), fast, file.string()));
    CHECK(silent.exit_code == 0);
    CHECK(json::parse(text_of(file))["passed"] == true);
}

TEST_CASE("no file descriptors left is an error, not a crash") {
    if (admit::load::sanitized_build) return;  // sanitizers need some of their own
    const auto with_files = [](int files) {
        return shell(
            fmt::format("exec 2>&1; ulimit -n {}; exec {} --quick --threads 1 --scenario {}", files,
                        tool(), "burst_load_pattern"));
    };
    bool told = false;
    for (int files = 3; files <= 12; ++files) {
        const outcome starved = with_files(files);
        CAPTURE(files);
        CAPTURE(starved.output);
        // With the fewest the system cannot even load the program's libraries: 127.
        CHECK((starved.exit_code == 0 || starved.exit_code == 3 || starved.exit_code == 127));
        if (starved.exit_code != 3) continue;
        CHECK(starved.output.starts_with("admit-load: "));
        CHECK(contains(starved.output, "Too many open files"));
        told = true;
    }
    CHECK(told);
}
