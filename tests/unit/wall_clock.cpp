// SPDX-License-Identifier: BSL-1.0
// The wall clock jumps by ten years and back, and no conversation expires. ADMIT_FAKETIME names the
// library libfaketime, which shifts the wall clock of a child process. It cannot be combined with a
// sanitizer, which has to be loaded first.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <admit/engine.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/printing.hpp"

using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;
constexpr const char* shift_file = "FAKETIME_TIMESTAMP_FILE";
constexpr auto years = 365 * 24h;

void shift_wall_clock(const char* by) { std::ofstream{std::getenv(shift_file)} << by << '\n'; }

/// Waits until the wall clock is between `from` and `to` away from `start`. libfaketime reads the
/// shift from a file from time to time.
bool wall_clock_moves(std::chrono::system_clock::time_point start, std::chrono::hours from,
                      std::chrono::hours to) {
    for (int i = 0; i < 1000; ++i) {
        const auto moved = std::chrono::system_clock::now() - start;
        if (moved >= from && moved <= to) return true;
        ::usleep(10'000);
    }
    return false;
}

bool nothing_expires(admit::engine& engine) {
    return engine.expire(std::chrono::steady_clock::now()) == 0;
}

}  // namespace

TEST_CASE("child: ten years forth and back" * doctest::skip()) {
    const auto start = std::chrono::system_clock::now();
    admit::engine engine{{.idle_timeout = 1h, .max_duration = 2h}};
    auto permit = engine.try_admit("alice");
    REQUIRE(permit);
    shift_wall_clock("+3650d");
    REQUIRE(wall_clock_moves(start, 9 * years, 11 * years));
    CHECK(nothing_expires(engine));
    CHECK(permit->touch());
    const admit::permit later = engine.try_admit("bob").value();
    shift_wall_clock("-3650d");
    REQUIRE(wall_clock_moves(start, -11 * years, -9 * years));
    CHECK(nothing_expires(engine));
    CHECK(permit->touch());
    CHECK(engine.retry_after("alice") <= 2h);
    CHECK(engine.active_count() == 2);
    CHECK(engine.expire(std::chrono::steady_clock::now() + 3h) == 2);
}

TEST_CASE("the wall clock moves by ten years and nothing happens") {
    const char* const faketime = std::getenv("ADMIT_FAKETIME");
    REQUIRE_MESSAGE(faketime != nullptr, "ADMIT_FAKETIME must name libfaketimeMT");
    const fs::path file =
        fs::temp_directory_path() / ("admit-wall-clock-" + std::to_string(::getpid()));
    std::ofstream{file} << "+0\n";
    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv("LD_PRELOAD", faketime, 1);
        ::setenv(shift_file, file.c_str(), 1);
        ::setenv("FAKETIME_NO_CACHE", "1", 1);
        ::setenv("DONT_FAKE_MONOTONIC", "1", 1);
        ::execl("/proc/self/exe", "wall_clock", "--test-case=child: ten years forth and back",
                "--no-skip", static_cast<char*>(nullptr));
        ::_exit(99);
    }
    int state = 0;
    REQUIRE(::waitpid(child, &state, 0) == child);
    fs::remove(file);
    CHECK(WIFEXITED(state));
    CHECK(WEXITSTATUS(state) == 0);
}
