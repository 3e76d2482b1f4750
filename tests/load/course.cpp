// SPDX-License-Identifier: BSL-1.0
// The distribution and the time series of a run: what they add up to, and that they stay small.
#include <doctest/doctest.h>

#include <admit/engine.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "load/harness/time_series.hpp"

namespace {

using namespace admit::load;
using namespace std::chrono_literals;

}  // namespace

TEST_CASE("a distribution ends at the maximum, and its counts are those of its percentiles") {
    for (const std::uint64_t count : {1U, 2U, 10U, 1000U, 200'000U}) {
        response_log log;
        for (std::uint64_t value = 1; value <= count; ++value) log.add(value * 1'000'000);
        const auto points = log.distribution();
        REQUIRE_FALSE(points.empty());
        CHECK(points.back().percent == 100);
        CHECK(points.back().count == count);
        CHECK(points.back().value_ms == static_cast<double>(count));
        for (std::size_t at = 1; at < points.size(); ++at) {
            CHECK(points[at].percent > points[at - 1].percent);
            CHECK(points[at].count >= points[at - 1].count);
            CHECK(points[at].value_ms >= points[at - 1].value_ms);
        }
        // Up to the rank that only the maximum has.
        if (count > 1)
            CHECK((100 - points[points.size() - 2].percent) / 100 * static_cast<double>(count) > 1);
    }
    CHECK(response_log{}.distribution().empty());
}

TEST_CASE("the deviation is that of the values, exact or in bins") {
    for (const std::uint64_t count : {100U, 100'000U}) {
        response_log log;
        for (std::uint64_t n = 0; n < count; ++n) log.add(n % 2 == 0 ? 1'000'000 : 3'000'000);
        CHECK(log.summary().mean_ms == doctest::Approx(2));
        CHECK(log.summary().deviation_ms == doctest::Approx(1));
        CHECK(log.summary().p90_ms == doctest::Approx(3).epsilon(0.001));
        log.reset();
        CHECK(log.count() == 0);
        log.add(5'000'000);
        CHECK(log.summary().max_ms == doctest::Approx(5));
        CHECK(log.summary().deviation_ms == doctest::Approx(0));
    }
}

TEST_CASE("a time series of any length keeps its sums and at most 2,000 points") {
    admit::engine engine({.max_concurrent = 5});
    collector samples(1, 1, 1);
    collector::set_worker(0);
    time_series series(1h);
    auto now = time_series::clock::now();
    constexpr std::size_t intervals = 5'000;
    for (std::size_t n = 0; n < intervals; ++n) {
        samples.here().attempts.add();
        samples.here().successful.add();
        samples.here().completed.add();
        samples.record({1'000'000, 0, 0});
        samples.drain();
        now += 1s;
        series.add(now, engine, samples, 1.5);
    }
    CHECK(series.points().size() <= time_series::max_points);
    CHECK(series.points().size() > time_series::max_points / 4);
    std::uint64_t admitted = 0;
    double length = 0;
    for (const series_point& one : series.points()) {
        admitted += one.admitted;
        length += one.interval_s;
        CHECK(one.p50_ms == doctest::Approx(1));
    }
    CHECK(admitted == intervals);
    CHECK(length == doctest::Approx(series.points().back().at_s).epsilon(0.01));
}
