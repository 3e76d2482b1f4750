// SPDX-License-Identifier: BSL-1.0
// The options of admit-crowd, the order of its runs, its comparisons and reports.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/option_values.hpp"
#include "crowd/command_line.hpp"
#include "crowd/measure.hpp"
#include "crowd/report.hpp"
#include "support/text.hpp"

using namespace admit::crowd;
using admit::tools::usage_error;
using json = nlohmann::json;

using support::contains;

namespace {

command parsed(std::vector<const char*> words) {
    words.insert(words.begin(), "admit-crowd");
    return parse_command_line(static_cast<int>(words.size()), words.data());
}

std::string refusal(const std::vector<const char*>& words) {
    try {
        static_cast<void>(parsed(words));
    } catch (const usage_error& error) {
        return error.what();
    }
    return "accepted";
}

/// An invented result: 1,000 bytes and one second for a baseline; an admitted crowd has
/// `more_bytes` more and takes `times` as long.
crowd_result figures(const crowd_case& subject, double more_bytes, double times) {
    crowd_result result;
    result.allocator = "an allocator";
    result.all_alive = true;
    result.bytes_per_user = 1000 + (subject.plan.admitted ? more_bytes : 0);
    result.cpu_s = subject.plan.admitted ? times : 1;
    result.arriving_s = result.leaving_s = result.cpu_s / 2;
    return result;
}

std::vector<measured> measured_with(const command& wanted, double more_bytes, double times) {
    return measure(
        wanted, [&](const crowd_case& subject) { return figures(subject, more_bytes, times); },
        [](const crowd_case&, std::size_t, std::size_t) {});
}

const std::vector<const char*> one_case = {"--users",  "1000",  "--max-concurrent", "10",
                                           "--timers", "wheel", "--allocator",      "glibc"};

}  // namespace

TEST_CASE("without options the crowds of the targets are run") {
    const command wanted = parsed({});
    CHECK(wanted.users == 1'000'000);
    CHECK(wanted.limits == std::vector<std::size_t>{1'000'000, 10'000});
    CHECK(wanted.max_per_user == 5);
    CHECK(wanted.threads >= 1);
    CHECK(wanted.repetitions == 3);
    CHECK(wanted.timers == std::vector{timer_kind::heap, timer_kind::wheel});
    CHECK(wanted.allocators == built_allocators());
    CHECK_FALSE(wanted.wait);
    CHECK_FALSE(wanted.check);
}

TEST_CASE("options override the defaults") {
    const command wanted =
        parsed({"--users",          "500",  "--max-concurrent", "20", "--max-concurrent", "3",
                "--max-concurrent", "20",   "--max-per-user",   "2",  "--timers",         "heap",
                "--step",           "0.01", "--steps",          "7",  "--wait",           "2.5",
                "--repeat",         "2",    "--check"});
    CHECK(wanted.users == 500);
    CHECK(wanted.limits == std::vector<std::size_t>{20, 3});
    CHECK(wanted.timers == std::vector{timer_kind::heap});
    CHECK(wanted.step == std::chrono::milliseconds{10});
    CHECK(wanted.steps == 7);
    CHECK(wanted.wait == std::chrono::milliseconds{2500});
    CHECK(wanted.repetitions == 2);
    CHECK(wanted.check);
    CHECK(parsed({"--quick"}).users < 100'000);
    CHECK(parsed({"--quick", "--users", "7"}).users == 7);
    CHECK(parsed({"--users", "7"}).limits == std::vector<std::size_t>{7, 1});
    CHECK(contains(*parsed({"--help"}).text, "--max-concurrent"));
}

TEST_CASE("bad values are refused with the option, the value and the allowed range") {
    CHECK(contains(refusal({"--users", "0"}),
                   "--users 0: not allowed; allowed: a whole number "
                   "from 1 to 1000000"));
    CHECK(contains(refusal({"--users", "1000001"}), "from 1 to 1000000"));
    CHECK(contains(refusal({"--max-concurrent", "2000001"}), "from 1 to 2000000"));
    CHECK(contains(refusal({"--max-per-user", "6", "--max-concurrent", "5"}), "from 1 to 5"));
    CHECK(contains(refusal({"--timers", "sundial"}), "allowed: heap, wheel, both"));
    CHECK(contains(refusal({"--allocator", "jemalloc"}), "allowed: glibc"));
    CHECK(contains(refusal({"--steps", "1001"}), "from 1 to 1000"));
    CHECK(contains(refusal({"--step", "0"}), "seconds from 0.001"));
    CHECK(contains(refusal({"--repeat", "100"}), "from 1 to 99"));
    CHECK(contains(refusal({"--threads", "1.5"}), "whole number"));
    CHECK(contains(refusal({"--users", "5", "--users", "6"}), "allowed: the option once"));
    CHECK(refusal({"--nonsense"}) != "accepted");
    CHECK(refusal({"extra"}) != "accepted");
}

TEST_CASE("every admitted crowd follows its baseline, which only sleeps") {
    const auto cases = cases_of(parsed({"--allocator", "glibc"}));
    REQUIRE(cases.size() == 8);
    for (std::size_t pair = 0; pair < cases.size(); pair += 2) {
        json baseline = cases[pair].plan;
        json admitted = cases[pair + 1].plan;
        CHECK(baseline["admitted"] == false);
        CHECK(admitted["admitted"] == true);
        admitted["admitted"] = false;
        CHECK(baseline == admitted);
    }
}

TEST_CASE("rounds are interleaved, and their medians count") {
    auto words = one_case;
    words.insert(words.end(), {"--repeat", "3"});
    std::vector<bool> order;
    double cpu = 0;
    const auto all = measure(
        parsed(words),
        [&](const crowd_case& subject) {
            order.push_back(subject.plan.admitted);
            crowd_result result = figures(subject, 0, 1);
            result.cpu_s = ++cpu == 1 ? 100 : cpu;  // an outlier at first
            return result;
        },
        [](const crowd_case&, std::size_t, std::size_t all_runs) { CHECK(all_runs == 6); });
    CHECK(order == std::vector<bool>{false, true, false, true, false, true});
    REQUIRE(all.size() == 2);
    CHECK(all[0].runs == 3);
    CHECK(all[0].median.cpu_s == 5);  // of 100, 3, 5
    CHECK(all[1].median.cpu_s == 4);  // of 2, 4, 6
}

TEST_CASE("a crowd that does not arrive in time gets more time, and fails after six attempts") {
    std::int64_t first = 0;
    int runs = 0;
    const auto arriving_late = [&](int fails, std::size_t arrive = 1000) {
        return [&, fails, arrive](const crowd_case& subject) {
            if (runs == 0) first = subject.plan.start_delay;
            crowd_result result = figures(subject, 0, 1);
            result.all_alive = runs++ >= fails;
            result.arrived = result.all_alive ? 1000 : arrive;
            if (result.all_alive && fails == 2) CHECK(subject.plan.start_delay >= first);
            return result;
        };
    };
    const auto ignore = [](const crowd_case&, std::size_t, std::size_t) {};
    auto words = one_case;
    words.insert(words.end(), {"--repeat", "1"});
    const auto all = measure(parsed(words), arriving_late(2), ignore);
    CHECK(runs == 4);
    CHECK(all[0].subject.plan.start_delay == 4 * first);
    runs = 0;
    const auto few_arrived = measure(parsed(words), arriving_late(1, 249), ignore);
    CHECK(few_arrived[0].subject.plan.start_delay ==
          doctest::Approx(5.32 * static_cast<double>(first)));
    runs = 0;
    CHECK_THROWS_WITH_AS(measure(parsed(words), arriving_late(1000), ignore),
                         doctest::Contains("could not all be alive at once"), std::runtime_error);
}

TEST_CASE("the target for bytes is weighted by the shares of active and waiting users") {
    const auto all = measured_with(parsed(one_case), 390, 1.05);
    const auto compared = compare(all);
    REQUIRE(compared.size() == 1);
    CHECK(compared[0].max_bytes == doctest::Approx(0.01 * 200 + 0.99 * 400));
    CHECK(compared[0].more_bytes() == doctest::Approx(390));
    CHECK(compared[0].times_busy() == doctest::Approx(1.05));
    CHECK(compared[0].met());
    const auto heavy = measured_with(parsed(one_case), 399, 1.05);
    CHECK_FALSE(compare(heavy)[0].met());
    const auto slow = measured_with(parsed(one_case), 390, 1.2);
    CHECK_FALSE(compare(slow)[0].met());
    const auto active =
        measured_with(parsed({"--users", "1000", "--max-concurrent", "2000"}), 0, 1);
    CHECK(compare(active)[0].max_bytes == doctest::Approx(200));
}

TEST_CASE("the table marks missed targets, and no others") {
    const std::string met = table_report(measured_with(parsed(one_case), 390, 1.05), false);
    CHECK(contains(met, "1000 users on"));
    CHECK(contains(met, "All targets are met."));
    CHECK_FALSE(contains(met, "MISSED"));
    CHECK_FALSE(contains(met, "\x1b["));
    const auto missed_by = measured_with(parsed(one_case), 500, 1.05);
    const std::string missed = table_report(missed_by, false);
    CHECK(contains(missed, "500 MISSED"));
    CHECK_FALSE(contains(missed, "1.05 MISSED"));
    CHECK(contains(missed, "1 of 1 crowds miss a target."));
    CHECK(contains(table_report(missed_by, true), "\x1b[31m"));
}

TEST_CASE("the report has the keys and types of schema version 1") {
    const json report = json::parse(json_report(measured_with(parsed(one_case), 500, 1.05)));
    CHECK(report["schema_version"] == 1);
    CHECK(report["tool"] == "admit-crowd");
    CHECK(report["users"] == 1000);
    CHECK(report["runs"] == 3);
    CHECK(report["targets_met"] == false);
    REQUIRE(report["crowds"].size() == 2);
    for (const json& crowd : report["crowds"]) {
        CHECK(crowd["admitted"].is_boolean());
        CHECK(crowd["timers"] == "wheel");
        CHECK(crowd["allocator"] == "glibc");
        CHECK(crowd["max_concurrent"] == 10);
        for (const char* figure : {"bytes_per_user", "engine_bytes_per_user", "arriving_s",
                                   "leaving_s", "users_per_s", "cpu_s"})
            CHECK(crowd[figure].is_number());
    }
    const json& compared = report["comparisons"][0];
    CHECK(compared["bytes_more"]["observed"] == 500.0);
    CHECK(compared["bytes_more"]["met"] == false);
    CHECK(compared["times_cpu"]["met"] == true);
    CHECK(compared["times_busy"]["at_most"] == 1.1);
}
