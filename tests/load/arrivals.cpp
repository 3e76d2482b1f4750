// SPDX-License-Identifier: BSL-1.0
// The plan of arrivals: the same for the same seed, at the rate that the file asks for.
#include "load/drive/arrivals.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "load/file/read_file.hpp"

namespace {

using namespace admit::load;

scenario_file file_of(const std::string& arrival, const std::string& users = "[[users]]\n",
                      const std::string& top = "") {
    return parse_scenario_file(
        fmt::format("{}\n[arrival]\nmodel = \"open\"\n{}\n{}", top, arrival, users), "test.toml");
}

std::vector<arrival_plan::arrival> all_of(const scenario_file& file) {
    arrival_plan plan(file);
    std::vector<arrival_plan::arrival> all;
    while (const auto next = plan.next()) all.push_back(*next);
    return all;
}

double seconds(admit::duration length) { return std::chrono::duration<double>(length).count(); }

std::size_t between(const std::vector<arrival_plan::arrival>& all, double from, double to) {
    std::size_t count = 0;
    for (const auto& one : all)
        if (seconds(one.time.at) >= from && seconds(one.time.at) < to) ++count;
    return count;
}

constexpr const char* mixed_users = R"(
[[users]]
name = "a"
count = 50
ids = "zipf"
step_ms = { log_normal = [20, 90] }
throw_percent = 5
wait_s = 1
give_up_percent = 20
give_up_after_ms = { exponential = 40 }
[[users]]
name = "b"
count = 1000
ids = "uniform"
weight = 3
)";

}  // namespace

TEST_CASE("a seed gives one plan, on every compiler and standard library") {
    const std::string stages =
        "rate_per_s = 100\nstages = [{ for_s = 2, rate_per_s = 900 }, { for_s = 1, rate_per_s = 0 "
        "}]";
    const std::uint64_t plan = hash_of(arrival_plan(file_of(stages, mixed_users)));
    CHECK(plan == 15'316'960'372'296'633'672U);
    CHECK(plan == hash_of(arrival_plan(file_of(stages, mixed_users))));
    CHECK(plan != hash_of(arrival_plan(file_of(stages, mixed_users, "seed = 2"))));
    CHECK(hash_of(arrival_plan(file_of("rate_per_s = 1000\nprocess = \"constant\"",
                                       mixed_users))) == 8'599'873'711'999'396'339U);
}

TEST_CASE("starts of a constant process are equally far apart") {
    const auto all = all_of(
        file_of("rate_per_s = 250\nprocess = \"constant\"", "[[users]]\n", "duration_s = 4"));
    REQUIRE(all.size() == 1000);
    for (std::size_t at = 0; at < all.size(); ++at)
        CHECK(all[at].time.at == std::chrono::milliseconds{4} * static_cast<long>(at + 1));
}

TEST_CASE("starts of a Poisson process come at the rate, independent of each other") {
    const auto all = all_of(file_of("rate_per_s = 10000"));
    const double mean = 100'000;
    CHECK(std::abs(static_cast<double>(all.size()) - mean) < 5 * std::sqrt(mean));
    // The gaps are exponential: e^-1 of them are longer than their mean.
    std::size_t longer = 0;
    for (std::size_t at = 1; at < all.size(); ++at) {
        CHECK(all[at].time.at >= all[at - 1].time.at);
        if (all[at].time.at - all[at - 1].time.at > std::chrono::microseconds{100}) ++longer;
    }
    const double part = static_cast<double>(longer) / static_cast<double>(all.size());
    CHECK(std::abs(part - std::exp(-1.0)) < 0.01);
}

TEST_CASE("a ramp has a quarter of its starts in its first half, and its rate is told") {
    const auto all =
        all_of(file_of("process = \"constant\"\nstages = [{ for_s = 10, rate_per_s = 1000 },"
                       "{ for_s = 2, rate_per_s = 1000 }, { for_s = 4, rate_per_s = 0 }]"));
    CHECK(all.size() == 5000 + 2000 + 2000);
    CHECK(between(all, 0, 5) == doctest::Approx(1250).epsilon(0.001));
    CHECK(between(all, 10, 12) == doctest::Approx(2000).epsilon(0.001));
    CHECK(between(all, 12, 14) == doctest::Approx(1500).epsilon(0.001));
    CHECK(all[6000].time.mean_gap == std::chrono::milliseconds{1});
}

TEST_CASE("kinds come by their weights, ids by their distribution") {
    const auto all = all_of(file_of("rate_per_s = 10000", mixed_users));
    std::map<std::uint32_t, std::size_t> by_kind, by_user;
    std::size_t thrown = 0, given_up = 0;
    for (const auto& one : all) {
        ++by_kind[one.conversation.kind];
        ++by_user[one.conversation.user];
        CHECK((one.conversation.kind == 0) == (one.conversation.user < 50));
        if (one.conversation.fate == fate::throws) ++thrown;
        if (one.conversation.give_up_after) ++given_up;
    }
    const auto of_a = static_cast<double>(by_kind[0]);
    CHECK(of_a == doctest::Approx(static_cast<double>(all.size()) / 4).epsilon(0.03));
    CHECK(by_user.size() == 1050);
    // By Zipf with exponent 1, the first of 50 ids has 1 / H(50) = 22 % of all.
    CHECK(static_cast<double>(by_user[0]) / of_a == doctest::Approx(0.2222).epsilon(0.05));
    CHECK(static_cast<double>(by_user[9]) / of_a == doctest::Approx(0.0222).epsilon(0.15));
    CHECK(static_cast<double>(thrown) / of_a == doctest::Approx(0.05).epsilon(0.1));
    CHECK(static_cast<double>(given_up) / of_a == doctest::Approx(0.2).epsilon(0.1));
}

TEST_CASE("lengths have the mean, the median and the bounds that the file names") {
    random_engine rng = make_random(7, 0);
    constexpr int draws = 100'000;
    const auto mean_of = [&](const distribution& length) {
        double sum = 0;
        for (int n = 0; n < draws; ++n) sum += seconds(length.draw(rng)) * 1000;
        return sum / draws;
    };
    CHECK(mean_of({shape::constant, 5, 0}) == doctest::Approx(5));
    CHECK(mean_of({shape::uniform, 10, 30}) == doctest::Approx(20).epsilon(0.01));
    CHECK(mean_of({shape::exponential, 30, 0}) == doctest::Approx(30).epsilon(0.02));
    const distribution skewed = {shape::log_normal, 20, 90};
    CHECK(mean_of(skewed) == doctest::Approx(skewed.mean_ms()).epsilon(0.05));
    int below_median = 0, below_p95 = 0;
    for (int n = 0; n < draws; ++n) {
        const double ms = seconds(skewed.draw(rng)) * 1000;
        if (ms < 20) ++below_median;
        if (ms < 90) ++below_p95;
    }
    CHECK(below_median == doctest::Approx(draws * 0.5).epsilon(0.02));
    CHECK(below_p95 == doctest::Approx(draws * 0.95).epsilon(0.01));
    CHECK(seconds(distribution{shape::exponential, 86'400e3, 0}.draw(rng)) <= 86'400);
}
