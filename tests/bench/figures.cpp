// SPDX-License-Identifier: BSL-1.0
// Tests of figures.hpp and catalog.hpp: medians, regimes, verdicts, selections.
#include "bench/figures.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/option_values.hpp"

namespace {

using namespace admit::bench;

/// Rounds of several threads, all in one regime.
std::vector<sample> rounds(const std::vector<double>& ns, double transfer = 50) {
    std::vector<sample> all;
    for (const double cost : ns) all.push_back({cost, transfer, transfer});
    return all;
}

row named(const std::string& work, std::string_view system = systems::admit) {
    return {work, system, 1, work, nullptr};
}

figure of(double median) { return {median, median, median}; }

catalog with_target(const target& goal) {
    catalog all;
    all.rows = {named("floor5", systems::steps), named("work")};
    all.targets = {goal};
    return all;
}

curve curve_at(const std::vector<double>& at) {
    curve shape{"size", "cost against size", "size", false, at, {{systems::admit, {}}}};
    for (const double x : at) shape.lines[0].points.push_back(named(std::to_string(x)));
    return shape;
}

}  // namespace

TEST_CASE("a figure is the median of its rounds, with the lowest and the highest round") {
    const auto odd = summary(rounds({5, 1, 9}, 0), 0);
    REQUIRE(odd);
    CHECK(odd->median == 5);
    CHECK(odd->low == 1);
    CHECK(odd->high == 9);
    CHECK(odd->rounds == 3);
    CHECK(summary(rounds({4, 2, 8, 6}, 0), 0)->median == 5);
}

TEST_CASE("rounds in which the cost of a shared line changed are dropped and counted") {
    std::vector<sample> all = rounds({10, 11, 12});
    all.push_back({1000, 50, 240});
    all.push_back({2000, 240, 50});
    const auto seen = summary(all, 50);
    REQUIRE(seen);
    CHECK(seen->median == 11);
    CHECK(seen->rounds == 3);
    CHECK(seen->dropped == 2);
    CHECK(seen->line_transfer_ns == 50);
}

TEST_CASE("rounds outside the usual regime are dropped") {
    std::vector<sample> all = rounds({10, 11, 12});
    all.push_back({1000, 240, 250});
    CHECK(summary(all, 50)->dropped == 1);
    CHECK(summary(all, 245)->median == 1000);
    CHECK_FALSE(summary(rounds({10, 11}), 500));
}

TEST_CASE("rounds in which the system interrupted a thread are dropped") {
    std::vector<sample> all = rounds({10, 11, 12}, 0);
    all.push_back({1000, 0, 0, true});
    CHECK(summary(all, 0)->median == 11);
    CHECK(summary(all, 0)->dropped == 1);
    CHECK_FALSE(summary({{1000, 0, 0, true}}, 0));
}

TEST_CASE("rounds of one thread belong to no regime") {
    const auto seen = summary(rounds({10, 11, 12}, 0), 50);
    REQUIRE(seen);
    CHECK(seen->dropped == 0);
    CHECK(seen->line_transfer_ns == 0);
}

TEST_CASE("a target is met up to its limit and missed above it") {
    const catalog requested = with_target({"work", "work/admit/1", 1.5, "floor5/steps/1"});
    figures measured = {{"floor5/steps/1", of(20)}, {"work/admit/1", of(30)}};
    CHECK(judge(requested, measured)[0].result == verdict::met);
    CHECK(judge(requested, measured)[0].ratio() == 1.5);
    CHECK(all_met(judge(requested, measured)));
    measured["work/admit/1"] = of(31);
    CHECK(judge(requested, measured)[0].result == verdict::missed);
    CHECK_FALSE(all_met(judge(requested, measured)));
}

TEST_CASE("a target without a reference figure is compared with its number") {
    const catalog requested = with_target({"work", "work/admit/1", 128, ""});
    CHECK(judge(requested, {{"work/admit/1", of(128)}})[0].result == verdict::met);
    CHECK(judge(requested, {{"work/admit/1", of(129)}})[0].ratio() == 129);
    CHECK(judge(requested, {{"work/admit/1", of(129)}})[0].result == verdict::missed);
}

TEST_CASE("a target is not met if its figure was requested and not measured") {
    const catalog requested = with_target({"work", "work/admit/1", 1.5, "floor5/steps/1"});
    const auto judged = judge(requested, {{"floor5/steps/1", of(20)}});
    REQUIRE(judged.size() == 1);
    CHECK(judged[0].result == verdict::unknown);
    CHECK_FALSE(all_met(judged));
}

TEST_CASE("a target is not judged if its figure was not requested") {
    CHECK(judge(with_target({"x", "other/admit/1", 1.5, "floor5/steps/1"}), {}).empty());
    CHECK(judge(with_target({"x", "work/admit/1", 1.5, "other/admit/1"}), {}).empty());
}

TEST_CASE("growth is the highest cost divided by the lowest, and nothing if a point is missing") {
    const curve shape = curve_at({1, 2, 3});
    figures measured;
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK_FALSE(growth(shape, measured));
        measured[shape.lines[0].points[i].name()] = of(10 * (i == 1 ? 1.0 : 3.0));
    }
    CHECK(growth(shape, measured) == 3.0);
}

TEST_CASE("a selection keeps the named figures and the floor") {
    catalog all = full_catalog({.quick = true, .threads = 2});
    const std::size_t row_count = all.rows.size();
    const catalog some = selected(all, {"string", "touch/admit/1", "slots"});
    CHECK(some.rows.size() < row_count);
    CHECK(some.curves.size() == 1);
    CHECK(some.observations.empty());
    CHECK(find_row(some, floor_figure).system == systems::steps);
    CHECK(find_row(some, "string/mutex/2").threads == 2);
    CHECK_THROWS_AS(find_row(some, "touch/admit/2"), admit::tools::usage_error);
    CHECK(selected(all, {}).rows.size() == row_count);
}

TEST_CASE("every target names figures of the full catalog") {
    const catalog all = full_catalog({.quick = false, .threads = 2});
    CHECK(judge(all, {}).size() == all.targets.size());
}
