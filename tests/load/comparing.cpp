// SPDX-License-Identifier: BSL-1.0
// Comparing runs: by figures that are made up, so that the answer is known, and by recorded runs.
// ADMIT_FULL=1 (run_tests.sh --full) draws many more samples.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/random/lognormal_distribution.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "common/option_values.hpp"
#include "load/compare.hpp"
#include "load/file/distribution.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

using support::contains;

namespace {

using namespace admit::load;
using admit::tools::usage_error;
using json = nlohmann::json;

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

int rounds() {
    const char* full = std::getenv("ADMIT_FULL");
    return full != nullptr && std::string_view(full) == "1" ? 1000 : 60;
}

/// Runs of one file in turn with those of the others: `first`, `again` (the same once more) and
/// `slower` (its steps take 12 ms instead of 10). What no comparison needs was left out.
std::string recorded(const std::string& name) {
    const char* root = std::getenv("ADMIT_SOURCE_ROOT");
    REQUIRE(root != nullptr);
    return fmt::format("{}/tests/load/recorded/{}.json", root, name);
}

const std::vector<std::string> usual = {"response_p50_ms", "response_p99_ms", "throughput_per_s"};

/// So many of the recorded runs, drawn without replacement.
figure_values some_of(const figure_values& all, random_engine& rng) {
    std::vector<std::size_t> order(all.begin()->second.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::shuffle(order.begin(), order.end(), rng);
    figure_values drawn;
    for (const auto& [name, numbers] : all) {
        for (std::size_t n = 0; n < least_repeats; ++n) drawn[name].push_back(numbers[order[n]]);
    }
    return drawn;
}

/// The part of draws in which each of the usual figures has the verdict.
double part_of_draws(change verdict, const std::string& second) {
    const auto first_runs = read_side(recorded("first")).groups().begin()->second;
    const auto second_runs = read_side(recorded(second)).groups().begin()->second;
    random_engine rng = make_random(7, 0);
    int seen = 0;
    for (int round = 0; round < rounds(); ++round) {
        const auto all = compare(some_of(first_runs, rng), some_of(second_runs, rng), usual, 0.05);
        if (std::all_of(all.begin(), all.end(),
                        [&](const comparison& one) { return one.verdict == verdict; }))
            ++seen;
    }
    return static_cast<double>(seen) / rounds();
}

/// A recorded report with a change in each of its runs.
class changed_report {
public:
    explicit changed_report(const std::function<void(json& whole)>& change) {
        json whole = json::parse(std::ifstream(recorded("first")));
        change(whole);
        std::ofstream(path()) << whole;
    }
    std::string path() const { return (folder_ / "report.json").string(); }

private:
    support::temporary_folder folder_;
};

}  // namespace

TEST_CASE("equal runs differ in fewer than 1 of 20 comparisons, and 20 % are found in 19 of 20") {
    CHECK(part_with(change::worse, 1, rounds()) < 0.05);
    CHECK(part_with(change::better, 1, rounds()) < 0.05);
    CHECK(part_with(change::worse, 1.2, rounds()) >= 0.95);
    CHECK(part_with(change::better, 1 / 1.2, rounds()) >= 0.95);
}

TEST_CASE("recorded runs of the same file are the same, and 20 % more are found, in 19 of 20") {
    CHECK(part_of_draws(change::same, "again") >= 0.95);
    CHECK(part_of_draws(change::worse, "slower") >= 0.95);
}

TEST_CASE("harmless is said only if the whole interval lies within the tolerance") {
    const figure_values steady = {{"response_p99_ms", {100, 101, 99, 100, 101}}};
    const figure_values noisy = {{"response_p99_ms", {60, 130, 100, 170, 90}}};
    CHECK(compare(steady, steady, p99, 0.05).at(0).verdict == change::same);
    const auto unclear = compare(steady, noisy, p99, 0.05);
    CHECK(unclear.at(0).verdict == change::unclear);
    const std::string report = comparison_report(unclear, 0.05, false);
    CHECK(contains(report, " unclear\n"));
    CHECK(contains(report, "same: all of the interval is within 5 %."));
}

TEST_CASE("an invalid or an interrupted run is not compared") {
    const changed_report late([](json& whole) {
        whole["passed"] = false;
        json& run = whole["scenarios"][3];
        run["passed"] = false;
        run["file"]["planned"] = 100;
        run["file"]["late"] = 50;
        run["file"]["late_allowed_percent"] = 0.1;
        run["file"]["valid"] = false;
        run["file"]["invalid_because"] =
            "The machine could not keep to the plan. Plan fewer starts a second, or allow more "
            "late ones.";
    });
    CHECK_THROWS_WITH_AS(read_side(late.path()),
                         doctest::Contains("the run is no measurement. The machine could not"),
                         std::runtime_error);
    const changed_report stopped([](json& whole) {
        whole["passed"] = whole["scenarios"][3]["passed"] = false;
        whole["scenarios"][3]["interrupted"] = true;
    });
    CHECK_THROWS_WITH_AS(read_side(stopped.path()), doctest::Contains("the run was interrupted"),
                         std::runtime_error);
}

TEST_CASE("a side may have several reports, and each scenario is compared by itself") {
    const changed_report two([](json& whole) {
        json& runs = whole["scenarios"];
        runs.erase(runs.begin() + 2, runs.end());
    });
    CHECK_THROWS_AS(read_side(two.path()), usage_error);
    const compared_side six = read_side(fmt::format("{0},{0},{0}", two.path()));
    CHECK(six.groups().begin()->second.at("response_p99_ms").size() == 6);
    const changed_report half([](json& whole) {
        for (std::size_t n = 0; n < 5; ++n) whole["scenarios"][n]["name"] = "other";
    });
    const compared_side both = read_side(half.path());
    CHECK(both.groups().size() == 2);
    const auto compared = compare(both, both, p99, 0.05);
    REQUIRE(compared.size() == 2);
    CHECK(compared[0].runs == "other, 1 thread");
    CHECK(contains(comparison_report(compared, 0.05, false), "talkers, 1 thread"));
    const compared_side one = read_side(recorded("first"));
    REQUIRE(compare(one, both, p99, 0.05).size() == 1);  // what both have
    CHECK(compare(one, both, p99, 0.05)[0].runs.empty());
}

TEST_CASE("other names, threads, seeds or machines are named") {
    const compared_side first = read_side(recorded("first"));
    CHECK(differences(first, read_side(recorded("slower"))).empty());
    const changed_report other([](json& whole) {
        whole["machine"]["cores"] = 64;
        for (json& run : whole["scenarios"]) {
            run["threads"] = 8;
            run["name"] = "others";
            run["file"]["seed"] = 2;
        }
    });
    const compared_side second = read_side(other.path());
    const std::string said = differences(first, second);
    CHECK(contains(said, "note: the threads differ: 1 and 8\n"));
    CHECK(contains(said, "note: the seeds differ: 1 and 2\n"));
    CHECK(contains(said, "note: the scenarios differ: talkers and others\n"));
    CHECK(contains(said, "note: the machines differ: a virtual machine, "));
    CHECK(compare(first, second, p99, 0.05).size() == 1);  // the only one of each side
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
    CHECK(contains(comparison_report(compared, 0.05, false), "WORSE"));
}

TEST_CASE("figures of zero have a ratio, too") {
    const std::vector<std::string> figures = {"rejected_percent"};
    const figure_values none = {{"rejected_percent", {0, 0, 0, 0, 0}}};
    const figure_values some = {{"rejected_percent", {1, 2, 1, 1, 2}}};
    CHECK(compare(none, none, figures, 0.05).at(0).verdict == change::same);
    CHECK(compare(none, some, figures, 0.05).at(0).verdict == change::worse);
    CHECK(compare(some, none, figures, 0.05).at(0).verdict == change::better);
}

TEST_CASE("a file that is no report, or one of too few runs, is refused") {
    const support::temporary_folder folder;
    const std::string path = folder / "report.json";
    for (const std::string text : {"", "{", "[]", "{}", "{\"scenarios\": [{}]}",
                                   "{\"scenarios\": [{\"figures\": {\"response_p99_ms\": 1}}]}"}) {
        std::ofstream(path) << text;
        CHECK_THROWS_AS(read_side(path), usage_error);
    }
    CHECK_THROWS_AS(read_side(folder / "missing.json"), usage_error);
    const changed_report none([](json& whole) { whole["scenarios"] = json::array(); });
    CHECK_THROWS_AS(read_side(none.path()), usage_error);
}
