// SPDX-License-Identifier: BSL-1.0
// Looking for the limit and the knee: by formulas, so that the answer is known, and by a real run.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "load/file/read_file.hpp"
#include "load/file/scaled.hpp"
#include "load/find_limit.hpp"
#include "support/text.hpp"

using support::contains;

namespace {

using namespace admit::load;

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

TEST_CASE("the knee is where the throughput grows less than half as fast as the load") {
    const auto served = [](double most) {
        return [most](const scenario_file& file, double factor) {
            const scenario_file loaded = scaled(file, factor);
            const double rate = loaded.arrival.rate_per_s;
            load_step step{.factor = factor, .load = load_of(loaded)};
            step.holds = rate <= 3000;
            if (!step.holds) step.broken = "response_p99_ms < 5";
            step.measured.completions = static_cast<std::uint64_t>(std::min(rate, most));
            step.measured.duration_s = 1;
            return step;
        };
    };
    const found_limit bends = find_limit(open_file(100), 0.1, served(850));
    REQUIRE(knee_of(bends));
    CHECK(knee_of(bends)->load == "800 starts a second");
    CHECK(contains(find_limit_report(bends, false), "The knee is at 800 starts a second"));
    const found_limit straight = find_limit(open_file(100), 0.1, served(1e9));
    CHECK_FALSE(knee_of(straight));
    CHECK(contains(find_limit_report(straight, false), "No knee: "));
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
