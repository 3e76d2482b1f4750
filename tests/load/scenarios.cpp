// SPDX-License-Identifier: BSL-1.0
// The seven scenarios as tests, with the code of admit-load. ADMIT_LOAD_QUICK=1 shortens them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <string_view>

#include "load/report/table.hpp"
#include "load/runner.hpp"

namespace {

using namespace admit::load;

pace pace_from_environment() {
    const char* quick = std::getenv("ADMIT_LOAD_QUICK");
    return quick != nullptr && std::string_view(quick) == "1" ? pace::quick : pace::normal;
}

run_result run_clean(std::string_view name, const settings& wanted, std::size_t threads) {
    const scenario& chosen = require_scenario(name);
    run_result result = run_once(chosen, chosen.prepare(wanted, threads));
    MESSAGE(run_line(result, false));
    for (const check& one : result.checks.all()) {
        INFO(one.name, ": expected ", to_string(one.expected), ", observed ",
             to_string(one.observed), "; likely: ", one.likely_causes);
        CHECK(one.passed);
    }
    return result;
}

void runs_clean(std::string_view name) {
    settings wanted;
    wanted.pace = pace_from_environment();
    SUBCASE("on 1 thread") { run_clean(name, wanted, 1); }
    SUBCASE("on all cores") { run_clean(name, wanted, thread_counts({}).back()); }
}

settings waiting() {
    settings wanted;
    wanted.pace = pace::quick;
    wanted.wait = std::chrono::seconds{60};
    return wanted;
}

/// All checks pass, and by the outside counts every user is served.
void serves_all(std::string_view name, const settings& wanted) {
    for (const std::size_t threads : thread_counts({})) {
        const metrics seen = run_clean(name, wanted, threads).measured;
        CHECK(seen.starts.failed() == 0);
        CHECK(seen.completions == seen.starts.attempts);
        REQUIRE(seen.queue_wait.has_value());
        CHECK(seen.queue_wait->count == seen.completions);
        CHECK(seen.engine.rejected.total() == 0);
    }
}

}  // namespace

TEST_CASE("concurrent_user_load_50_users") { runs_clean("concurrent_user_load_50_users"); }

TEST_CASE("sustained_load_5_minutes") { runs_clean("sustained_load_5_minutes"); }

TEST_CASE("burst_load_pattern") { runs_clean("burst_load_pattern"); }

TEST_CASE("mixed_workload_patterns") { runs_clean("mixed_workload_patterns"); }

TEST_CASE("global_limit_enforcement") { runs_clean("global_limit_enforcement"); }

TEST_CASE("per_user_limit_enforcement") { runs_clean("per_user_limit_enforcement"); }

TEST_CASE("stress_rapid_start_stop_cycles") { runs_clean("stress_rapid_start_stop_cycles"); }

TEST_CASE("waiting: all 50 users complete, in three rounds") {
    for (const std::size_t threads : thread_counts({})) {
        const run_result run = run_clean("concurrent_user_load_50_users", waiting(), threads);
        CHECK(run.measured.completions == 50);
        CHECK(run.measured.starts.failed() == 0);
        CHECK(run.measured.max_active == 20);
        CHECK(run.measured.duration_s > 0.3);  // the run checks the upper bound
    }
}

TEST_CASE("waiting: all users are served, with a slot for each and with fewer slots") {
    for (const std::string_view name :
         {"sustained_load_5_minutes", "burst_load_pattern", "mixed_workload_patterns",
          "global_limit_enforcement", "per_user_limit_enforcement"}) {
        CAPTURE(name);
        settings wanted = waiting();
        serves_all(name, wanted);
        wanted.max_concurrent = 7;
        serves_all(name, wanted);
    }
}

TEST_CASE("waiting: coroutine users hand slots to waiters, and the rapid cycles do not wait") {
    for (const std::size_t threads : thread_counts({})) {
        const run_result run = run_clean("stress_rapid_start_stop_cycles", waiting(), threads);
        REQUIRE(run.measured.queue_wait.has_value());
        CHECK(run.measured.queue_wait->count == run.numbers.users * run.numbers.rounds);
    }
}

TEST_CASE("waiting: the queue has room for all users of a large run") {
    settings wanted = waiting();
    wanted.users = 5'000;
    wanted.max_concurrent = 1'000;
    serves_all("concurrent_user_load_50_users", wanted);
}

TEST_CASE("50,000 users against a limit of 20,000 admit exactly 20,000") {
    settings wanted;
    wanted.scale = 1000;
    const scenario& chosen = require_scenario("concurrent_user_load_50_users");
    for (const std::size_t threads : thread_counts({})) {
        const run_result result = run_once(chosen, chosen.prepare(wanted, threads));
        INFO(run_line(result, false));
        CHECK(result.checks.passed());
        CHECK(result.measured.starts.attempts == 50'000);
        CHECK(result.measured.starts.successful == 20'000);
        CHECK(result.measured.completions == 20'000);
        CHECK(result.measured.max_active == 20'000);
    }
}
