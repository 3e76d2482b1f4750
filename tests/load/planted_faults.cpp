// SPDX-License-Identifier: BSL-1.0
// Fault injection: each fault must make the named check fail, which shows that it can fail.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

#include "common/build_info.hpp"
#include "load/report/table.hpp"
#include "load/runner.hpp"

namespace {

using namespace admit::load;
using namespace std::chrono_literals;

using waits = std::optional<std::chrono::seconds>;

run_result run_with(fault planted, std::string_view name, std::size_t threads, waits wait) {
    settings wanted;
    wanted.wait = wait;
    wanted.pace = pace::quick;
    wanted.planted = planted;
    wanted.threads = threads;
    wanted.scenarios = {std::string(name)};
    if (planted == fault::stuck_user || planted == fault::lost_waiter) wanted.time_limit = 600ms;
    const planned_run run = plan_runs(wanted).front();
    return run_once(*run.subject, run.numbers);
}

const check* failed_check(const run_result& result, std::string_view name) {
    const auto& all = result.checks.all();
    const auto found = std::find_if(all.begin(), all.end(), [&](const check& one) {
        return !one.passed && one.name.starts_with(name);
    });
    return found == all.end() ? nullptr : &*found;
}

void must_fail(fault planted, std::string_view scenario, std::string_view check_name,
               waits wait = {}) {
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
        const run_result result = run_with(planted, scenario, threads, wait);
        CAPTURE(scenario);
        CAPTURE(check_name);
        CAPTURE(failures(result, false));
        const check* failed = failed_check(result, check_name);
        CHECK_FALSE(result.checks.passed());
        REQUIRE(failed != nullptr);
        CHECK_FALSE(failed->likely_causes.empty());
    }
}

constexpr std::string_view concurrent = "concurrent_user_load_50_users";
constexpr std::string_view sustained = "sustained_load_5_minutes";
constexpr std::string_view burst = "burst_load_pattern";
constexpr std::string_view mixed = "mixed_workload_patterns";
constexpr std::string_view global = "global_limit_enforcement";
constexpr std::string_view per_user = "per_user_limit_enforcement";
constexpr std::string_view stress = "stress_rapid_start_stop_cycles";
constexpr waits waiting = 5s;

}  // namespace

TEST_CASE("an engine that admits above its limits fails by the outside count") {
    must_fail(fault::over_admission, concurrent, "highest active, counted from outside");
    must_fail(fault::over_admission, concurrent, "admitted");
    must_fail(fault::over_admission, stress, "highest active, counted from outside");
    must_fail(fault::over_admission, stress, "highest active of a user, counted from outside");
    must_fail(fault::over_admission, global, "one more start of");
    must_fail(fault::over_admission, global, "highest active");
    must_fail(fault::over_admission, per_user, "one more start of");
    must_fail(fault::over_admission, per_user, "highest active of one user");
}

TEST_CASE("an engine that rejects although a slot is free fails") {
    must_fail(fault::false_rejection, concurrent, "admitted");
    must_fail(fault::false_rejection, sustained, "rejected");
    must_fail(fault::false_rejection, burst, "admitted");
    must_fail(fault::false_rejection, mixed, "admitted");
    must_fail(fault::false_rejection, global, "active when full");
    must_fail(fault::false_rejection, per_user, "rejected by the global limit");
    must_fail(fault::false_rejection, stress, "cycles of coroutine users");
}

TEST_CASE("an engine that gives a wrong reason fails") {
    must_fail(fault::wrong_reason, concurrent, "rejected by the global limit");
    must_fail(fault::wrong_reason, global, "one more start of");
    must_fail(fault::wrong_reason, per_user, "one more start of");
    must_fail(fault::wrong_reason, stress, "rejected for another reason than a limit");
}

TEST_CASE("an engine that loses a slot fails") {
    for (const std::string_view name : {concurrent, sustained, burst, mixed, stress}) {
        must_fail(fault::lost_slot, name, "active at the end");
        must_fail(fault::lost_slot, name, "users counted at the end");
        must_fail(fault::lost_slot, name, "completed by the engine's statistics");
    }
    must_fail(fault::lost_slot, burst, "active and users after burst 1");
}

TEST_CASE("a response time that does not reach the report fails") {
    must_fail(fault::lost_sample, concurrent, "response times recorded");
    must_fail(fault::lost_sample, stress, "response times recorded");
}

TEST_CASE("an exception that escapes a user fails the run and ends it") {
    for (const std::string_view name : {concurrent, sustained, burst, mixed, global}) {
        must_fail(fault::exception, name, "exceptions");
    }
}

TEST_CASE("delayed quick users fail") {
    must_fail(fault::slow_work, mixed, "mean response time of quick users");
}

TEST_CASE("a user that waits forever fails the run by the watchdog") {
    for (const std::string_view name : {concurrent, burst}) {
        must_fail(fault::stuck_user, name, "the run came to its end");
        must_fail(fault::stuck_user, name, "abandoned conversations");
    }
}

TEST_CASE("memory that is kept for every conversation fails") {
    if (admit::tools::sanitized_build) return;  // memory is not checked this closely there
    must_fail(fault::memory_leak, sustained, "rise of memory by its trend");
    must_fail(fault::memory_leak, burst, "growth of memory at its peak, own threshold");
}

TEST_CASE("an engine that admits users that must wait fails by the outside count") {
    must_fail(fault::over_admission, concurrent, "highest active, counted from outside", waiting);
    must_fail(fault::over_admission, concurrent, "waiting when all have asked", waiting);
    must_fail(fault::over_admission, concurrent, "mean queue wait", waiting);
    must_fail(fault::over_admission, concurrent, "time for 3 rounds", waiting);
    must_fail(fault::over_admission, global, "highest active", waiting);
    must_fail(fault::over_admission, per_user, "highest active of one user", waiting);
    must_fail(fault::over_admission, stress, "highest active, counted from outside", waiting);
}

TEST_CASE("an engine that loses a waiter fails by the watchdog") {
    for (const std::string_view name : {concurrent, global, per_user, stress}) {
        must_fail(fault::lost_waiter, name, "the run came to its end", waiting);
        must_fail(fault::lost_waiter, name, "admitted + rejected", waiting);
    }
}

TEST_CASE("an engine that serves waiters out of order fails") {
    must_fail(fault::out_of_turn, global, "first waiters admitted", waiting);
}

TEST_CASE("an engine that rejects users that may wait fails") {
    for (const std::string_view name : {concurrent, sustained, burst, mixed, global}) {
        must_fail(fault::false_rejection, name, "rejected", waiting);
    }
    must_fail(fault::false_rejection, per_user, "rejected by the global limit", waiting);
    must_fail(fault::false_rejection, stress, "cycles of coroutine users", waiting);
}

TEST_CASE("an engine that loses a slot while users wait for it fails") {
    for (const std::string_view name : {concurrent, sustained, burst, mixed, stress}) {
        must_fail(fault::lost_slot, name, "active at the end", waiting);
    }
}
