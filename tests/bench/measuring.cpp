// SPDX-License-Identifier: BSL-1.0
// Tests of measure.hpp and run.hpp by real measurements of work that the tests add.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/report/text.hpp"
#include "bench/rows/rows.hpp"
#include "bench/run.hpp"
#include "bench/thread_team.hpp"

namespace {

using namespace admit::bench;

std::unique_ptr<workload> spinning(std::chrono::nanoseconds time) {
    return loop_of(1, [time](unsigned) {
        return [time] {
            const auto until = std::chrono::steady_clock::now() + time;
            while (std::chrono::steady_clock::now() < until) {
            }
            return true;
        };
    });
}

/// The floor, and a row with operations that take at least `time`.
catalog with_row_of(std::chrono::nanoseconds time) {
    catalog all;
    add_floor(all);
    all.rows.push_back(
        {"test", systems::admit, 1, "test row", [time] { return spinning(time); }, 10});
    all.targets = {{"test target", "test/admit/1", 10, std::string(floor_figure)}};
    return all;
}

/// Many attempts, because rounds in which the system interrupts a thread are dropped. On a busy
/// machine an attempt can lose all its rounds.
constexpr sampling short_rounds = {.rounds = 7, .seconds = 0.0001, .attempts = 100, .quick = true};

results run(const catalog& requested) {
    return measured_and_judged(requested, short_rounds, [](std::string_view, double) {});
}

exit_code with_check(bool check, const results& seen) {
    command given;
    given.check = check;
    return code_for(given, seen);
}

}  // namespace

TEST_CASE("a slow row misses its target, and --check reports it by the exit code") {
    using namespace std::chrono_literals;
    const results slow = run(with_row_of(100us));
    REQUIRE(slow.judged.size() == 1);
    CHECK(slow.judged[0].result == verdict::missed);
    CHECK(with_check(true, slow) == target_missed);
    CHECK(with_check(false, slow) == fine);
    CHECK(text_report(slow, false).find("MISSED") != std::string::npos);
    CHECK(missed_targets(slow, false).find("test target") != std::string::npos);
}

TEST_CASE("a figure is at least as long as its operation takes") {
    using namespace std::chrono_literals;
    const results seen = run(with_row_of(20us));
    const figure& spun = seen.measured.at("test/admit/1");
    CHECK(spun.median >= 20'000);
    CHECK(spun.low <= spun.median);
    CHECK(spun.rounds >= 7);
    CHECK(seen.measured.at("floor5/steps/1").median < spun.median);
}

TEST_CASE("an operation with an unexpected outcome is an error instead of a figure") {
    catalog all;
    all.rows.push_back({"wrong", systems::admit, 1, "wrong",
                        [] { return loop_of(1, [](unsigned) { return [] { return false; }; }); }});
    CHECK_THROWS_AS(run(all), std::runtime_error);
}

TEST_CASE("the threads of a team work at the same time, each with its own number") {
    thread_team team(2);
    std::atomic<unsigned> seen[2] = {};
    const auto work = loop_of(2, [&](unsigned thread) {
        return [&seen, thread] {
            seen[thread].fetch_add(1);
            // The first thread waits for the other thread.
            while (seen[1 - thread] == 0) std::this_thread::yield();
            return true;
        };
    });
    CHECK(team.run(*work, 2, 1000).took.count() > 0);
    CHECK(seen[0] >= 1000);
    CHECK(seen[1] >= 1000);
    CHECK(work->unexpected() == 0);
    CHECK(team.run(*work, 1, 1000).took.count() > 0);
    CHECK(team.line_transfer_ns() > 0);
}
