// The seven scenarios as tests, by the code of the tool. ADMIT_LOAD_QUICK=1 shortens them.
#include <doctest/doctest.h>
#include <fmt/format.h>

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

void runs_clean(std::string_view name, std::size_t threads) {
    settings wanted;
    wanted.pace = pace_from_environment();
    const scenario& what = require_scenario(name);
    const run_result result = run_once(what, what.prepare(wanted, threads));
    MESSAGE(run_line(result, false));
    for (const check& one : result.checks.all()) {
        INFO(one.name, ": expected ", to_string(one.expected), ", observed ",
             to_string(one.observed), "; likely: ", one.likely_causes);
        CHECK(one.passed);
    }
}

void runs_clean(std::string_view name) {
    const std::size_t all_cores = thread_counts({}).back();
    SUBCASE("on 1 thread") { runs_clean(name, 1); }
    SUBCASE("on all cores") { runs_clean(name, all_cores); }
}

}  // namespace

TEST_CASE("concurrent_user_load_50_users") { runs_clean("concurrent_user_load_50_users"); }

TEST_CASE("sustained_load_5_minutes") { runs_clean("sustained_load_5_minutes"); }

TEST_CASE("burst_load_pattern") { runs_clean("burst_load_pattern"); }

TEST_CASE("mixed_workload_patterns") { runs_clean("mixed_workload_patterns"); }

TEST_CASE("global_limit_enforcement") { runs_clean("global_limit_enforcement"); }

TEST_CASE("per_user_limit_enforcement") { runs_clean("per_user_limit_enforcement"); }

TEST_CASE("stress_rapid_start_stop_cycles") { runs_clean("stress_rapid_start_stop_cycles"); }

TEST_CASE("50,000 users against a limit of 20,000 admit exactly 20,000") {
    settings wanted;
    wanted.scale = 1000;
    const scenario& what = require_scenario("concurrent_user_load_50_users");
    for (const std::size_t threads : thread_counts({})) {
        const run_result result = run_once(what, what.prepare(wanted, threads));
        INFO(run_line(result, false));
        CHECK(result.checks.passed());
        CHECK(result.measured.starts.attempts == 50'000);
        CHECK(result.measured.starts.successful == 20'000);
        CHECK(result.measured.completions == 20'000);
        CHECK(result.measured.max_active == 20'000);
    }
}
