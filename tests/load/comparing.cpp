// SPDX-License-Identifier: BSL-1.0
// Comparing runs, and looking for the limit: by figures that are made up, so that the answer is
// known. ADMIT_LOAD_FULL=1 draws as many samples as the promise of `compare` needs.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <boost/random/lognormal_distribution.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "common/option_values.hpp"
#include "load/compare.hpp"
#include "load/file/read_file.hpp"
#include "load/file/scaled.hpp"
#include "load/find_limit.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

using support::contains;

namespace {

using namespace admit::load;
using admit::tools::usage_error;

const std::vector<std::string> p99 = {"response_p99_ms"};

/// Runs of a machine with 3 % noise. `factor` is what the second side costs more.
figure_values made_up(random_engine& rng, double factor, std::size_t runs) {
    boost::random::lognormal_distribution<double> noise(0, 0.03);
    figure_values values;
    for (std::size_t n = 0; n < runs; ++n)
        values["response_p99_ms"].push_back(10 * factor * noise(rng));
    return values;
}

/// The part of comparisons with this verdict.
double part_with(change verdict, double factor, int rounds) {
    random_engine rng = make_random(42, 0);
    int seen = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto first = made_up(rng, 1, least_repeats);
        const auto second = made_up(rng, factor, least_repeats);
        if (compare(first, second, p99, 0.05).at(0).verdict == verdict) ++seen;
    }
    return static_cast<double>(seen) / rounds;
}

int rounds() { return std::getenv("ADMIT_LOAD_FULL") != nullptr ? 1000 : 60; }

scenario_file open_file(double rate) {
    return parse_scenario_file(
        fmt::format("thresholds = [\"response_p99_ms < 5\"]\n[arrival]\nmodel = \"open\"\n"
                    "rate_per_s = {}\n[[users]]\n",
                    rate),
        "test.toml");
}

/// A load that holds up to this many starts a second.
load_trial breaks_above(double rate, int& trials) {
    return [rate, &trials](const scenario_file& file, double factor) {
        ++trials;
        const scenario_file loaded = scaled(file, factor);
        load_step step{.factor = factor, .load = load_of(loaded)};
        step.holds = loaded.arrival.rate_per_s <= rate;
        if (!step.holds) step.broken = "response_p99_ms < 5";
        return step;
    };
}

}  // namespace

TEST_CASE("equal runs differ in fewer than 1 of 20 comparisons, and 20 % are found in 19 of 20") {
    CHECK(part_with(change::none, 1, rounds()) >= 0.95);
    CHECK(part_with(change::worse, 1.2, rounds()) >= 0.95);
    CHECK(part_with(change::better, 1 / 1.2, rounds()) >= 0.95);
}

TEST_CASE("a comparison names the medians, and their ratio lies in its interval") {
    const figure_values first = {{"throughput_per_s", {100, 101, 99, 100, 102}}};
    const figure_values second = {{"throughput_per_s", {50, 51, 49, 50, 50}}};
    const std::vector<std::string> figures = {"throughput_per_s", "response_p99_ms"};
    const auto compared = compare(first, second, figures, 0.05);
    REQUIRE(compared.size() == 1);  // no other figure was recorded
    CHECK(compared[0].first == 100);
    CHECK(compared[0].second == 50);
    CHECK(compared[0].ratio == doctest::Approx(0.5));
    CHECK(compared[0].low <= 0.5);
    CHECK(compared[0].high >= 0.5);
    CHECK(compared[0].verdict == change::worse);  // of a throughput less is worse
    CHECK(compare(second, first, figures, 0.05).at(0).verdict == change::better);
    CHECK(contains(comparison_report(compared, false), "WORSE"));
}

TEST_CASE("figures of zero have a ratio, too") {
    const std::vector<std::string> figures = {"rejected_percent"};
    const figure_values none = {{"rejected_percent", {0, 0, 0, 0, 0}}};
    const figure_values some = {{"rejected_percent", {1, 2, 1, 1, 2}}};
    CHECK(compare(none, none, figures, 0.05).at(0).verdict == change::none);
    CHECK(compare(none, some, figures, 0.05).at(0).verdict == change::worse);
    CHECK(compare(some, none, figures, 0.05).at(0).verdict == change::better);
}

TEST_CASE("a file that is no report, or one of too few runs, is refused") {
    const support::temporary_folder folder;
    const std::string path = folder / "report.json";
    for (const std::string text : {"", "{", "[]", "{}", "{\"scenarios\": [{}]}",
                                   "{\"scenarios\": [{\"figures\": {\"response_p99_ms\": 1}}]}"}) {
        std::ofstream(path) << text;
        CHECK_THROWS_AS(read_values(path), usage_error);
    }
    CHECK_THROWS_AS(read_values(folder / "missing.json"), usage_error);
    std::string runs = "{\"figures\": {\"response_p99_ms\": 2.5}}";
    for (std::size_t n = 1; n < least_repeats; ++n)
        runs += ", {\"figures\": {\"response_p99_ms\": 3}}";
    std::ofstream(path) << "{\"scenarios\": [" << runs << "]}";
    CHECK(read_values(path).at("response_p99_ms").size() == least_repeats);
}

TEST_CASE("the limit is found within the precision, from below and from above") {
    for (const double rate : {100.0, 777.0, 30'000.0, 5.0}) {
        for (const double begin : {100.0, 4'000.0}) {
            int trials = 0;
            const found_limit found = find_limit(open_file(begin), 0.1, breaks_above(rate, trials));
            REQUIRE(found.highest_that_holds);
            REQUIRE(found.lowest_that_breaks);
            CHECK(found.highest_that_holds->factor * begin <= rate);
            CHECK(found.lowest_that_breaks->factor * begin > rate);
            CHECK(found.lowest_that_breaks->factor / found.highest_that_holds->factor <= 1.1);
            CHECK(trials < 25);
            CHECK(contains(find_limit_report(found, false), "response_p99_ms < 5"));
        }
    }
}

TEST_CASE("a search without an end says so") {
    int trials = 0;
    const found_limit all_break = find_limit(open_file(100), 0.1, breaks_above(0, trials));
    CHECK_FALSE(all_break.highest_that_holds);
    CHECK(contains(find_limit_report(all_break, false), "No load that was tried holds"));
    const found_limit all_hold = find_limit(open_file(100), 0.1, breaks_above(1e30, trials));
    CHECK_FALSE(all_hold.lowest_that_breaks);
    CHECK(contains(find_limit_report(all_hold, false), "No load that was tried breaks"));
}

TEST_CASE("a machine that keeps to no plan ends the search, and is no limit") {
    int trials = 0;
    const auto never_valid = [&](const scenario_file& file, double factor) {
        ++trials;
        load_step step{.factor = factor, .load = load_of(scaled(file, factor))};
        step.valid = false;
        step.broken = "too busy";
        return step;
    };
    const found_limit found = find_limit(open_file(100), 0.1, never_valid);
    CHECK(trials == 1);
    CHECK(contains(find_limit_report(found, false), "Nothing was measured: too busy"));
    const auto valid_below = [&](const scenario_file& file, double factor) {
        load_step step{.factor = factor, .load = load_of(scaled(file, factor))};
        step.valid = step.holds = factor < 5;
        if (!step.valid) step.broken = "too busy";
        return step;
    };
    const found_limit above = find_limit(open_file(100), 0.1, valid_below);
    REQUIRE(above.highest_that_holds);
    CHECK(above.highest_that_holds->factor < 5);
    CHECK(contains(find_limit_report(above, false), "too busy"));
}

TEST_CASE("users of a closed loop are whole, and a search among few of them ends") {
    const scenario_file closed =
        parse_scenario_file("thresholds = [\"overshoot == 0\"]\n[[users]]\ncount = 3\n", "t.toml");
    CHECK(scaled(closed, 0.001).users[0].count == 1);
    CHECK(scaled(closed, 2).users[0].count == 6);
    int trials = 0;
    const auto attempt = [&](const scenario_file& file, double factor) {
        ++trials;
        const scenario_file loaded = scaled(file, factor);
        load_step step{.factor = factor, .load = load_of(loaded)};
        step.holds = loaded.users[0].count <= 4;
        return step;
    };
    const found_limit found = find_limit(closed, 0.01, attempt);
    REQUIRE(found.highest_that_holds);
    CHECK(found.highest_that_holds->load == "4 users");
    CHECK(trials < 15);
}

TEST_CASE("the limit of a real engine: 5 slots and conversations of 10 ms") {
    scenario_file file = parse_scenario_file(
        "duration_s = 0.5\nthresholds = [\"rejected_percent < 1\"]\n[limits]\nmax_concurrent = 5\n"
        "max_per_user = 5\n[arrival]\nmodel = \"open\"\nprocess = \"constant\"\nrate_per_s = 50\n"
        "late_ms = 60000\n[[users]]\ncount = 50\nstep_ms = 10\n",
        "test.toml");
    const found_limit found = find_limit(file, 0.5, [](const scenario_file& base, double factor) {
        return try_load(base, factor, 1, {});
    });
    REQUIRE(found.highest_that_holds);
    REQUIRE(found.lowest_that_breaks);
    // 5 slots serve at most 500 a second; on a busy machine fewer.
    CHECK(found.highest_that_holds->factor * 50 < 600);
    CHECK(contains(found.lowest_that_breaks->broken, "rejected_percent < 1"));
}
