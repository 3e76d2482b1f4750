// SPDX-License-Identifier: BSL-1.0
// Good and bad command lines, and the plans derived from them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

#include "common/option_values.hpp"
#include "load/command_line.hpp"
#include "load/runner.hpp"
#include "support/text.hpp"

using support::contains;

namespace {

using namespace admit::load;
using admit::tools::usage_error;
using arguments = std::vector<std::string>;

command parsed(const arguments& typed) {
    std::vector<const char*> argv = {"admit-load"};
    for (const std::string& one : typed) argv.push_back(one.c_str());
    return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

/// The message, or "accepted".
std::string refusal(const arguments& typed) {
    try {
        plan_runs(parsed(typed).wanted);
    } catch (const usage_error& error) {
        return error.what();
    }
    return "accepted";
}

plan plan_of(std::string_view name, const settings& wanted) {
    return require_scenario(name).prepare(wanted, 2);
}

constexpr const char* whole_number_options[] = {"--max-concurrent", "--max-per-user", "--users",
                                                "--threads", "--scale"};
constexpr const char* seconds_options[] = {"--idle-timeout", "--max-duration", "--duration",
                                           "--wait"};

}  // namespace

TEST_CASE("every bad number is refused with the option, the value and the allowed range") {
    const arguments bad = {"-5",
                           "0",
                           "0x10",
                           "5x",
                           "x",
                           "5 ",
                           " 5",
                           "+5",
                           "1e3",
                           "nan",
                           "inf",
                           "",
                           "-0",
                           "5,5",
                           "5;",
                           "١",
                           "99999999999999999999999999",
                           "5 6",
                           "--"};
    for (const char* option : whole_number_options) {
        for (const std::string& value : bad) {
            CAPTURE(option);
            CAPTURE(value);
            const std::string message = refusal({fmt::format("{}={}", option, value)});
            CHECK(contains(message, option));
            CHECK(contains(message, value));
            CHECK(contains(message, "allowed: "));
        }
        CHECK(contains(refusal({option, "1.5"}), "a whole number from 1 to"));
        CHECK(contains(refusal({option, "-5"}), "a whole number from 1 to"));
    }
    for (const char* option : seconds_options) {
        for (const std::string& value : bad) {
            CAPTURE(option);
            CAPTURE(value);
            const std::string message = refusal({fmt::format("{}={}", option, value)});
            CHECK(contains(message, option));
            CHECK(contains(message, value.empty() ? "allowed: " : "allowed: seconds from"));
        }
        for (const std::string value : {"1.", ".5", "1.5.5", "1.5s", "1,5", "0x1p3", "0.0",
                                        "31536000.1", "NaN", "Infinity"}) {
            CAPTURE(value);
            CHECK(contains(refusal({option, value}), "allowed: seconds from"));
        }
    }
}

TEST_CASE("good numbers are accepted at both ends of their range") {
    CHECK(parsed({"--users", "1"}).wanted.users == 1);
    CHECK(parsed({"--users", "2000000"}).wanted.users == max_users);
    CHECK(contains(refusal({"--users", "2000001"}), "1 to 2000000"));
    CHECK(parsed({"--threads", "256"}).wanted.threads == max_threads);
    CHECK(contains(refusal({"--threads", "257"}), "1 to 256"));
    CHECK(parsed({"--duration", "0.25"}).wanted.duration == std::chrono::milliseconds{250});
    CHECK(parsed({"--duration", "007"}).wanted.duration == std::chrono::seconds{7});
    const std::size_t most = admit::limits::most_concurrent;
    CHECK(parsed({"--max-concurrent", fmt::format("{}", most)}).wanted.max_concurrent == most);
    CHECK(contains(refusal({"--max-concurrent", fmt::format("{}", most + 1)}), "1 to"));
}

TEST_CASE("a malformed command line is refused") {
    for (const arguments& typed : {arguments{"--users"},
                                   {"--users", "5", "--users", "6"},
                                   {"--nonsense"},
                                   {"extra"},
                                   {"--quick", "--full"},
                                   {"--quick=no"},
                                   {"--scenario"},
                                   {"-x"},
                                   {"--json"},
                                   {"--scenario", "burst_load_pattern", "mixed_workload_patterns"},
                                   {""}}) {
        CHECK_THROWS_AS(parsed(typed), usage_error);
    }
}

TEST_CASE("an unknown scenario is refused with the nearest name and the list") {
    CHECK(contains(refusal({"--scenario", "burst"}), "did you mean burst_load_pattern?"));
    CHECK(contains(refusal({"--scenario", "stres_rapid"}),
                   "did you mean stress_rapid_start_stop_cycles?"));
    CHECK(contains(refusal({"--scenario", "globl_limit_enforcement"}),
                   "did you mean global_limit_enforcement?"));
    for (const scenario& known : all_scenarios()) {
        CHECK(contains(refusal({"--scenario", "zzz"}), known.name));
    }
    CHECK(contains(refusal({"--scenario", std::string(100'000, 'x')}), "no such scenario"));
}

TEST_CASE("a scenario that is named twice runs once") {
    const command given = parsed({"--scenario", "burst_load_pattern", "--scenario",
                                  "mixed_workload_patterns", "--scenario", "burst_load_pattern"});
    CHECK(given.wanted.scenarios == arguments{"burst_load_pattern", "mixed_workload_patterns"});
}

TEST_CASE("overrides that a scenario cannot run with are refused with their option") {
    struct {
        arguments typed;
        std::string_view option, scenario;
    } const table[] = {
        {{"--max-concurrent", "3", "--max-per-user", "4"}, "--max-per-user 4", ""},
        {{"--max-per-user", "20"}, "--max-per-user 20", "global_limit"},
        {{"--max-per-user", "20", "--scenario", "per_user_limit_enforcement"},
         "--max-per-user 20",
         "per_user_limit"},
        {{"--max-concurrent", "1"}, "--max-concurrent 1", "per_user_limit"},
        {{"--users", "1"}, "--users 1", "mixed_workload"},
        {{"--users", "1", "--scenario", "per_user_limit_enforcement"},
         "--users 1",
         "per_user_limit"},
        {{"--users", "1", "--scenario", "global_limit_enforcement"}, "--users 1", "global_limit"},
        {{"--idle-timeout", "0.01"}, "--idle-timeout 0.01", "concurrent_user_load"},
        {{"--max-duration", "0.5", "--scenario", "mixed_workload_patterns"},
         "--max-duration 0.5",
         "mixed_workload"},
        {{"--scale", "200000"}, "--scale 200000", "concurrent_user_load"},
        {{"--wait", "0.5"}, "--wait 0.5", "concurrent_user_load"},
        {{"--wait", "3", "--users", "200", "--scenario", "concurrent_user_load_50_users"},
         "--wait 3",
         "10 rounds of concurrent_user_load"},
        {{"--wait", "30", "--max-concurrent", "1", "--scenario", "mixed_workload_patterns"},
         "--wait 30",
         "20 rounds of mixed_workload"},
        {{"--wait", "100000", "--users", "1500000", "--scenario", "burst_load_pattern"},
         "--wait 100000",
         "1499980 users of burst_load"},
        {{"--wait", "100", "--users", "1500000", "--max-concurrent", "2000000", "--max-per-user",
          "1", "--scenario", "per_user_limit_enforcement"},
         "--wait 100",
         "1499999 users of per_user_limit"},
    };
    for (const auto& [typed, option, scenario] : table) {
        const std::string message = refusal(typed);
        CAPTURE(message);
        CHECK(contains(message, option));
        CHECK(contains(message, scenario));
        CHECK(contains(message, "allowed"));
    }
}

TEST_CASE("default limits are lowered to a smaller requested limit") {
    settings wanted;
    wanted.max_concurrent = 2;
    const plan concurrent = plan_of("concurrent_user_load_50_users", wanted);
    CHECK(concurrent.limits.max_concurrent == 2);
    CHECK(concurrent.limits.max_per_user == 2);
    CHECK(admitted_at_once(concurrent) == 2);
    CHECK(plan_of("per_user_limit_enforcement", wanted).limits.max_per_user == 1);
}

TEST_CASE("scale multiplies users and both limits, overridden or not") {
    settings wanted;
    wanted.scale = 1000;
    const plan table = plan_of("concurrent_user_load_50_users", wanted);
    CHECK(table.users == 50'000);
    CHECK(table.limits.max_concurrent == 20'000);
    CHECK(table.limits.max_per_user == 5'000);
    CHECK(admitted_at_once(table) == 20'000);
    wanted.users = 7;
    wanted.max_concurrent = 3;
    const plan overridden = plan_of("burst_load_pattern", wanted);
    CHECK(overridden.users == 7'000);
    CHECK(overridden.distinct_users == 35'000);
    CHECK(overridden.limits.max_concurrent == 3'000);
}

TEST_CASE("with a wait all users are admitted, in as many rounds as the slots need") {
    settings wanted;
    wanted.wait = std::chrono::seconds{60};
    const auto second = std::chrono::seconds{1};
    const plan table = plan_of("concurrent_user_load_50_users", wanted);
    CHECK(table.limits.max_concurrent == 20);
    CHECK(admitted_in_all(table) == 50);
    CHECK(rounds_of_admissions(table) == 3);
    CHECK(max_wait(table, second) == 2 * second);
    CHECK(mean_wait(table, second) == std::chrono::milliseconds{800});
    CHECK(table.limits.max_waiting == admit::limits{}.max_waiting);
    wanted.users = 40;
    CHECK(rounds_of_admissions(plan_of("concurrent_user_load_50_users", wanted)) == 2);
    wanted.users = 3000;
    CHECK(plan_of("concurrent_user_load_50_users", wanted).limits.max_waiting == 3000);
    wanted.wait.reset();
    const plan rejecting = plan_of("concurrent_user_load_50_users", wanted);
    CHECK(admitted_in_all(rejecting) == 20);
    CHECK(max_wait(rejecting, second).count() == 0);
    CHECK(mean_wait(rejecting, second).count() == 0);
}

TEST_CASE("each scenario is planned on one thread and on all cores, or on the requested number") {
    const auto both = thread_counts({});
    REQUIRE(both.size() == 2);
    CHECK(both[0] == 1);
    CHECK(both[1] >= 2);
    CHECK(plan_runs({}).size() == 14);
    settings wanted;
    wanted.threads = 3;
    CHECK(plan_runs(wanted).size() == 7);
    CHECK(plan_runs(wanted).front().numbers.threads == 3);
}

TEST_CASE("random command lines are accepted or refused with a message") {
    const arguments words = {"--users",    "--scale",     "--json", "--scenario",
                             "--quick",    "--",          "-",      "--help",
                             "=",          "--users=",    "5",      "[1,2]",
                             "{}",         "\"",          "'",      "%%",
                             "\x01",       "\xff\xfe",    "--=",    "--idle-timeout",
                             "1e999",      "--threads=-", "",       "-h5",
                             "--no-quick", "--quick=",    "--list", "--duration",
                             "--config",   "@x"};
    std::mt19937 rng(11);  // NOLINT: reproducible
    for (int round = 0; round < 5000; ++round) {
        arguments typed;
        for (std::size_t n = rng() % 5; n > 0; --n) {
            std::string word = words[rng() % words.size()];
            if (rng() % 4 == 0) word += words[rng() % words.size()];
            typed.push_back(word);
        }
        try {
            parsed(typed);
        } catch (const usage_error& error) {
            CHECK(std::string_view(error.what()).size() > 5);
        }
    }
}
