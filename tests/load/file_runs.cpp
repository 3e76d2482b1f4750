// SPDX-License-Identifier: BSL-1.0
// Scenario files that run: counts, thresholds, validity, and faults that must be seen.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/build_info.hpp"
#include "load/drive/file_scenario.hpp"
#include "load/file/read_file.hpp"
#include "load/report/block.hpp"
#include "load/runner.hpp"
#include "support/text.hpp"

using support::contains;

namespace {

using namespace admit::load;

run_result run(const std::string& text, fault planted = fault::none, std::size_t threads = 2) {
    // The scenario owns the names that results refer to.
    static std::vector<scenario> kept;
    kept.push_back(make_scenario(parse_scenario_file(text, "test.toml")));
    settings wanted;
    wanted.planted = planted;
    return run_once(kept.back(), kept.back().prepare(wanted, threads));
}

/// All checks of every run hold; thresholds too.
void passes(const run_result& result) {
    INFO(block_report(result, false));
    CHECK(result.checks.passed());
}

const check& threshold_of(const run_result& result, std::string_view text) {
    const auto& all = result.checks.all();
    const auto found = std::find_if(all.begin(), all.end(), [&](const check& one) {
        return one.is_threshold && one.name == text;
    });
    REQUIRE(found != all.end());
    return *found;
}

constexpr std::string_view any_lateness = "late_ms = 60000\nlate_interval_percent = 1000\n";

}  // namespace

TEST_CASE("a closed loop: each user has its conversations, and none is rejected") {
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
        const run_result result = run(R"(
            thresholds = ["rejected_percent == 0", "overshoot == 0", "false_rejections == 0",
                          "fairness == 1", "response_p50_ms >= 4"]
            [limits]
            max_concurrent = 20
            [arrival]
            conversations_per_user = 7
            [[users]]
            count = 20
            steps = 2
            step_ms = 2
            think_ms = { exponential = 1 })",
                                      fault::none, threads);
        passes(result);
        CHECK(result.measured.completions == 140);
        CHECK(result.valid());
    }
}

TEST_CASE("users with ids by Zipf share one table, and stay within the price of the run") {
    const std::string text =
        "duration_s = 0.3\n[limits]\nmax_concurrent = 3000\nmax_per_user = 3000\n[[users]]\n"
        "count = 2500\nids = \"zipf\"\nstep_ms = 50\n";
    const run_result result = run(text);
    passes(result);
    if (admit::tools::sanitized_build) return;
    const double grown = result.measured.memory.peak_mib - result.measured.memory.before_mib;
    CHECK(grown < needed_memory_mib(parse_scenario_file(text, "test.toml")));
}

TEST_CASE("a closed loop lasts as long as the file says") {
    const run_result result = run("duration_s = 0.5\n[[users]]\ncount = 3\nstep_ms = 1\n");
    passes(result);
    CHECK(result.measured.duration_s > 0.5);
    CHECK(result.measured.completions > 3);
}

TEST_CASE("an open run starts what was planned, and each start is accounted for") {
    const run_result result = run(fmt::format(R"(
        duration_s = 1
        thresholds = ["overshoot == 0", "false_rejections == 0"]
        [limits]
        max_concurrent = 10
        max_per_user = 3
        max_waiting = 8
        [arrival]
        model = "open"
        rate_per_s = 1000
        process = "constant"
        {}
        [[users]]
        name = "waits"
        count = 30
        ids = "zipf"
        step_ms = {{ exponential = 60 }}
        wait_s = 0.02
        priority = 2
        [[users]]
        name = "tries"
        count = 30
        step_ms = 5
        [[users]]
        name = "pays"
        count = 2
        max_per_user = 6
        step_ms = {{ uniform = [1, 20] }})",
                                              any_lateness));
    passes(result);
    const metrics& seen = result.measured;
    CHECK(seen.starts.attempts == 1000);
    CHECK(seen.arrivals.planned == 1000);
    CHECK(seen.max_active == 10);
    CHECK(seen.starts.failed(admit::errc::global_limit) > 0);
    CHECK(seen.starts.failed(admit::errc::queue_full) +
              seen.starts.failed(admit::errc::wait_timeout) >
          0);
    CHECK(seen.kinds.size() == 3);
    CHECK(seen.service.count == seen.response.count);
}

TEST_CASE("users that throw, forget and give up are counted, by the engine too") {
    const run_result result = run(R"(
        duration_s = 0.6
        [limits]
        max_concurrent = 4
        idle_timeout_s = 0.3
        [[users]]
        name = "throws"
        count = 4
        throw_percent = 50
        step_ms = 2
        wait_s = 5
        [[users]]
        name = "forgets"
        count = 2
        never_end_percent = 50
        step_ms = 2
        wait_s = 5
        [[users]]
        name = "gives up"
        count = 6
        step_ms = 20
        wait_s = 5
        give_up_percent = 100
        give_up_after_ms = { uniform = [0, 20] })");
    passes(result);
    CHECK(result.measured.thrown > 0);
    CHECK(result.measured.expired > 0);
    CHECK(result.measured.starts.given_up > 0);
    CHECK(result.measured.engine.ended.error == result.measured.thrown);
}

TEST_CASE("a threshold that does not hold fails the run, and says what it saw") {
    const run_result result =
        run("duration_s = 0.1\nthresholds = [\"response_p50_ms < 1\", \"response_p50_ms >= 1\"]\n"
            "[[users]]\nstep_ms = 5\n");
    CHECK_FALSE(result.checks.passed());
    CHECK_FALSE(threshold_of(result, "response_p50_ms < 1").passed);
    CHECK(threshold_of(result, "response_p50_ms >= 1").passed);
    CHECK(contains(block_report(result, false), "FAILED"));
    CHECK(contains(block_report(result, false), "response_p50_ms < 1"));
}

// In a closed loop no user starts while a thread is blocked, so the loop measures one slow
// conversation. In the open model all starts of that time were planned, and all were late.
TEST_CASE("an open run shows the stall that a closed loop hides") {
    constexpr const char* users = "[[users]]\ncount = 10\nstep_ms = 1\n";
    const run_result closed =
        run(fmt::format("duration_s = 1\n{}think_ms = 9\n", users), fault::stall, 1);
    const run_result open =
        run(fmt::format("duration_s = 1\n[limits]\nmax_concurrent = 1000\nmax_per_user = 1000\n"
                        "[arrival]\nmodel = \"open\"\nrate_per_s = 1000\n{}{}",
                        any_lateness, users),
            fault::stall, 1);
    const run_result judged =
        run(fmt::format("duration_s = 1\n[limits]\nmax_concurrent = 1000\nmax_per_user = 1000\n"
                        "[arrival]\nmodel = \"open\"\nrate_per_s = 1000\n{}",
                        users),
            fault::stall, 1);
    CHECK(closed.measured.response.p95_ms < 100);
    // A third of the starts fell into the stall; those of its first two thirds waited 100 ms.
    CHECK(open.measured.response.p90_ms > 100);
    CHECK(open.measured.service.p90_ms < open.measured.response.p90_ms / 2);
    CHECK(open.valid());
    CHECK_FALSE(judged.valid());
    CHECK(contains(block_report(judged, false), "INVALID"));
}

TEST_CASE("an engine that rejects although a slot is free breaks false_rejections == 0") {
    const std::string text =
        "duration_s = 0.2\nthresholds = [\"false_rejections == 0\"]\n[limits]\nmax_concurrent = "
        "50\n"
        "[[users]]\ncount = 5\nstep_ms = 1\n";
    passes(run(text));
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
        const run_result result = run(text, fault::false_rejection, threads);
        CHECK_FALSE(threshold_of(result, "false_rejections == 0").passed);
    }
}

TEST_CASE("an engine that is full rejects without a false rejection") {
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
        const run_result result = run(R"(
            duration_s = 0.5
            thresholds = ["false_rejections == 0", "overshoot == 0"]
            [limits]
            max_concurrent = 3
            [[users]]
            count = 8
            step_ms = { uniform = [0, 1] })",
                                      fault::none, threads);
        passes(result);
        CHECK(result.measured.starts.failed(admit::errc::global_limit) > 0);
    }
}

TEST_CASE("an engine that admits too many breaks overshoot == 0") {
    const run_result result =
        run("duration_s = 0.2\nthresholds = [\"overshoot == 0\"]\n[limits]\nmax_concurrent = 3\n"
            "[[users]]\ncount = 8\nstep_ms = 2\n",
            fault::over_admission);
    CHECK_FALSE(threshold_of(result, "overshoot == 0").passed);
}

TEST_CASE("an exception that no file asks for fails the run") {
    const run_result result = run("duration_s = 0.2\n[[users]]\nstep_ms = 1\n", fault::exception);
    CHECK_FALSE(result.checks.passed());
    CHECK(result.measured.exceptions > 0);
}

TEST_CASE("hostile names stay text in the report") {
    const run_result result =
        run("name = \"\\u001b[2J</script>\\r\\n\"\nduration_s = 0.05\n[[users]]\n"
            "name = \"\\u0000\\u001b]0;x\"\nstep_ms = 1\n[[users]]\nname = \"b\"\nstep_ms = 1\n");
    const std::string text = block_report(result, false);
    CHECK_FALSE(contains(text, "\x1b"));
    CHECK_FALSE(contains(text, "\r"));
    CHECK(contains(text, "\\x1b[2J"));
}

TEST_CASE("a block fits 80 columns") {
    const run_result result =
        run("duration_s = 0.2\nthresholds = [\"response_p99_99_ms < 100000\"]\n[limits]\n"
            "max_concurrent = 3\n[[users]]\ncount = 8\nstep_ms = 2\nwait_s = 0.01\n"
            "[[users]]\nname = \"another kind of users with a long name\"\nstep_ms = 2\n");
    const std::string text = block_report(result, false);
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
        CHECK(end - begin <= 80);
}
