// SPDX-License-Identifier: BSL-1.0
// The histograms of `admit::metrics`: fewer buckets than the engine's, with exact counts.
#include <doctest/doctest.h>

#include <admit/histogram.hpp>
#include <cmath>
#include <limits>

#include "metrics/scrape.hpp"
#include "support/async.hpp"
#include "support/engines.hpp"
#include "support/virtual_clock.hpp"

using namespace std::chrono_literals;
using admit::duration;
using admit::engine;
using admit::histogram;
using admit::metrics;
using support::counts;
using support::virtual_clock;
using shown_histogram = prometheus::ClientMetric::Histogram;

namespace {

shown_histogram histogram_of(const metrics& shown, const std::string& name) {
    const auto found = support::find(shown, name);
    REQUIRE(found);
    return found->histogram;
}

/// How many of the engine's lengths are in buckets that end by the bound.
std::uint64_t count_up_to(const histogram& all, double bound) {
    std::uint64_t count = 0;
    for (std::size_t bucket = 0; bucket < histogram::buckets; ++bucket)
        if (std::chrono::duration<double>{histogram::bound(bucket)}.count() <= bound)
            count += all.counts[bucket];
    return count;
}

void check_same(const shown_histogram& shown, const histogram& all) {
    CHECK(shown.sample_count == all.count());
    CHECK(shown.sample_sum == all.sum.count());
    REQUIRE(!shown.bucket.empty());
    CHECK(shown.bucket.back().upper_bound == std::numeric_limits<double>::infinity());
    CHECK(shown.bucket.back().cumulative_count == all.count());
    for (const auto& bucket : shown.bucket) {
        if (std::isinf(bucket.upper_bound)) continue;
        CAPTURE(bucket.upper_bound);
        CHECK(bucket.cumulative_count == count_up_to(all, bucket.upper_bound));
    }
}

}  // namespace

TEST_CASE("bounds are bounds of the engine, from 1 ms to hours") {
    engine engine{counts(1, 1), {.histograms = true}};
    metrics shown;
    shown.add(engine, "bot");
    const auto buckets = histogram_of(shown, "admit_duration_seconds").bucket;
    REQUIRE(buckets.size() == 26);
    CHECK(buckets.front().upper_bound == 0.001);
    CHECK(buckets[24].upper_bound > 4 * 3600);
    for (std::size_t i = 0; i + 1 < buckets.size(); ++i) {
        CAPTURE(i);
        const duration bound = std::chrono::milliseconds{std::int64_t{1} << i};
        CHECK(buckets[i].upper_bound == std::chrono::duration<double>{bound}.count());
        CHECK(histogram::bound(histogram::bucket_of(bound - 1ns)) == bound);
    }
}

TEST_CASE("counts add up, for lengths in every bucket of the engine") {
    engine engine{counts(1, 1), {.clock = virtual_clock::source(), .histograms = true}};
    metrics shown;
    shown.add(engine, "bot");
    check_same(histogram_of(shown, "admit_duration_seconds"), *engine.stats().hold_times);
    duration length = 0ns;
    for (std::size_t bucket = 0; bucket < histogram::buckets; ++bucket) {
        for (std::size_t times = 0; times <= bucket % 3; ++times) {
            auto held = engine.try_admit("a").value();
            virtual_clock::advance(length);
            CHECK(held.end());
        }
        length = histogram::bound(bucket);
    }
    CHECK(engine.stats().hold_times->counts.back() == 1);
    check_same(histogram_of(shown, "admit_duration_seconds"), *engine.stats().hold_times);
    CHECK(histogram_of(shown, "admit_wait_seconds").sample_count == 0);
}

TEST_CASE("waits are those of admissions that waited") {
    boost::asio::io_context context;
    engine engine{counts(1, 1), {.clock = virtual_clock::source(), .histograms = true}};
    metrics shown;
    shown.add(engine, "bot");
    auto held = engine.try_admit("a").value();
    support::waiter waiting{context.get_executor(), engine, "b"};
    virtual_clock::advance(3ms);
    held.end();
    context.poll();
    CHECK(waiting.got.has_permit());
    const auto waits = histogram_of(shown, "admit_wait_seconds");
    check_same(waits, *engine.stats().wait_times);
    CHECK(waits.sample_count == 1);
    CHECK(waits.sample_sum == doctest::Approx(0.003).epsilon(0.01));
    CHECK(waits.bucket[1].cumulative_count == 0);
    CHECK(waits.bucket[2].cumulative_count == 1);
}

TEST_CASE("only engines that keep histograms have them") {
    engine plain{counts(1, 1)};
    metrics shown;
    shown.add(plain, "plain");
    CHECK(!support::family_of(shown, "admit_wait_seconds"));
    CHECK(!support::family_of(shown, "admit_duration_seconds"));
    engine timed{counts(1, 1), {.histograms = true}};
    shown.add(timed, "timed");
    CHECK(support::family_of(shown, "admit_duration_seconds")->metric.size() == 1);
    CHECK(support::find(shown, "admit_wait_seconds", {{"engine", "timed"}}));
}
