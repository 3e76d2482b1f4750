// SPDX-License-Identifier: BSL-1.0
// Unit tests of the harness: percentiles, trend, latch, collector, outside count.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cmath>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "common/memory_probe.hpp"
#include "load/harness/collector.hpp"
#include "load/harness/latch.hpp"
#include "load/harness/memory_trend.hpp"
#include "load/harness/outside_count.hpp"
#include "load/harness/response_log.hpp"

namespace {

using namespace admit::load;
namespace asio = boost::asio;

double nearest_rank(std::vector<std::uint64_t> values, double percent) {
    std::sort(values.begin(), values.end());
    const auto rank =
        static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(values.size())));
    return static_cast<double>(values[std::max<std::size_t>(rank, 1) - 1]);
}

std::vector<std::uint64_t> random_times(std::size_t count) {
    std::mt19937_64 rng(7);  // NOLINT: reproducible
    std::lognormal_distribution<double> times(12, 2);
    std::vector<std::uint64_t> values;
    for (std::size_t n = 0; n < count; ++n) {
        values.push_back(1 + static_cast<std::uint64_t>(times(rng)));
    }
    return values;
}

response_log log_of(const std::vector<std::uint64_t>& values) {
    response_log log;
    for (const std::uint64_t one : values) log.add(one);
    return log;
}

constexpr double percents[] = {0, 1, 50, 90, 95, 99, 99.9, 100};

/// Samples every 0.1 s for `seconds`, by a function of time.
template <class Function>
std::vector<memory_sample> samples_of(double seconds, Function resident) {
    std::vector<memory_sample> samples;
    for (int n = 0; n <= static_cast<int>(seconds * 10); ++n) {
        samples.push_back({n / 10.0, resident(n / 10.0)});
    }
    return samples;
}

}  // namespace

TEST_CASE("no response times give zeros") {
    const response_times none = response_log().summary();
    CHECK(none.count == 0);
    CHECK(none.min_ms == 0);
    CHECK(none.p99_ms == 0);
}

TEST_CASE("one response time is every percentile") {
    const response_times one = log_of({1'500'000}).summary();
    for (const double ms :
         {one.min_ms, one.max_ms, one.mean_ms, one.p50_ms, one.p95_ms, one.p99_ms}) {
        CHECK(ms == doctest::Approx(1.5));
    }
}

TEST_CASE("percentiles of few response times are those of the nearest rank, exactly") {
    for (const std::size_t count : {2U, 3U, 20U, 99U, 100U, 101U, 1000U}) {
        const auto values = random_times(count);
        const response_log log = log_of(values);
        REQUIRE(log.exact());
        for (const double percent : percents) {
            CHECK(log.percentile(percent) == nearest_rank(values, percent));
        }
    }
    std::vector<std::uint64_t> one_to_hundred(100);
    for (std::size_t n = 0; n < 100; ++n) one_to_hundred[n] = n + 1;
    CHECK(log_of(one_to_hundred).percentile(95) == 95);
}

TEST_CASE("percentiles of many response times are off by half a percent at most") {
    const auto values = random_times(response_log::exact_up_to * 3);
    const response_log log = log_of(values);
    REQUIRE_FALSE(log.exact());
    for (const double percent : percents) {
        CAPTURE(percent);
        CHECK(log.percentile(percent) ==
              doctest::Approx(nearest_rank(values, percent)).epsilon(0.0051));
    }
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    CHECK(log.summary().min_ms == doctest::Approx(static_cast<double>(*least) * 1e-6));
    CHECK(log.summary().max_ms == doctest::Approx(static_cast<double>(*most) * 1e-6));
    CHECK(log.count() == values.size());
}

TEST_CASE("logs that are added give what one log would have given") {
    const auto values = random_times(response_log::exact_up_to * 2);
    for (const std::size_t cut : {std::size_t{10}, values.size() / 2, values.size() - 10}) {
        const auto middle = values.begin() + static_cast<std::ptrdiff_t>(cut);
        response_log sum = log_of({values.begin(), middle});
        sum.add(log_of({middle, values.end()}));
        const response_log whole = log_of(values);
        CHECK(sum.count() == whole.count());
        CHECK(sum.summary().mean_ms == doctest::Approx(whole.summary().mean_ms));
        for (const double percent : percents) {
            CHECK(sum.percentile(percent) == doctest::Approx(whole.percentile(percent)));
        }
    }
}

TEST_CASE("a steady rise of memory is a trend") {
    const auto leak = samples_of(30, [](double at) { return 10 + 0.1 * at; });
    const memory_trend trend = find_trend(leak);
    CHECK(trend.mib_per_minute == doctest::Approx(6).epsilon(0.01));
    CHECK(trend.rise_mib == doctest::Approx(2.4).epsilon(0.02));
}

TEST_CASE("a leak shows through noise and the allocator's steps") {
    std::mt19937_64 rng(3);  // NOLINT: reproducible
    std::normal_distribution<double> noise(0, 0.2);
    const auto leak =
        samples_of(30, [&](double at) { return 10 + 0.25 * std::floor(at / 2.5) + noise(rng); });
    CHECK(find_trend(leak).rise_mib > 1.5);
}

TEST_CASE("warm-up, a step, spikes and noise are no trend") {
    std::mt19937_64 rng(5);  // NOLINT: reproducible
    std::normal_distribution<double> noise(0, 0.3);
    const auto warm_up = samples_of(30, [](double at) { return at < 5 ? 10 + at : 15; });
    const auto step = samples_of(30, [](double at) { return at < 12 ? 10.0 : 14.0; });
    const auto spikes =
        samples_of(30, [](double at) { return std::fmod(at, 1) < 0.15 ? 30 : 10.0; });
    const auto noisy = samples_of(30, [&](double) { return 10 + noise(rng); });
    for (const auto& samples : {warm_up, step, spikes, noisy}) {
        CHECK(std::abs(find_trend(samples).rise_mib) < 0.5);
    }
}

TEST_CASE("too few samples give no trend") {
    CHECK(find_trend({}).samples == 0);
    CHECK(find_trend(samples_of(0.5, [](double at) { return at; })).samples == 0);
}

TEST_CASE("the memory probe sees new memory") {
    const admit::tools::memory_probe probe;
    const double before = probe.resident();
    CHECK(before > 0.5);
    const std::vector<char> block(32U << 20, 'x');
    CHECK(probe.resident() - before > 16);
    CHECK(probe.high_water_mark() >= before + 16);
    CHECK(block.back() == 'x');
}

TEST_CASE("a latch opens with the last arrival, and not before") {
    constexpr std::size_t coroutines = 1000;
    asio::io_context context;
    latch gate(coroutines);
    std::atomic<std::size_t> arrived{0};
    std::atomic<std::size_t> early{0};
    std::atomic<std::size_t> through{0};
    const auto body = [&]() -> asio::awaitable<void> {
        ++arrived;
        gate.arrive();
        auto open = gate.wait();
        co_await std::move(open);
        if (arrived != coroutines) ++early;
        ++through;
    };
    for (std::size_t n = 0; n < coroutines; ++n) {
        asio::co_spawn(context, body(), asio::detached);
    }
    {
        const std::jthread other([&] { context.run(); });
        context.run();
    }
    CHECK(through == coroutines);
    CHECK(early == 0);
}

TEST_CASE("a latch that expects no arrival is open, and stays open") {
    asio::io_context context;
    latch open(0);
    bool through = false;
    const auto body = [&]() -> asio::awaitable<void> {
        auto first = open.wait();
        co_await std::move(first);
        open.arrive();
        auto second = open.wait();
        co_await std::move(second);
        through = true;
    };
    asio::co_spawn(context, body(), asio::detached);
    context.run();
    CHECK(through);
}

TEST_CASE("a closed latch keeps its context running and can be destroyed") {
    struct witness {
        explicit witness(bool& flag) : gone(&flag) {}
        witness(const witness&) = delete;
        witness& operator=(const witness&) = delete;
        ~witness() { *gone = true; }
        bool* gone;
    };
    bool destroyed = false;
    std::optional<latch> never{1};
    {
        asio::io_context context;
        const auto body = [&]() -> asio::awaitable<void> {
            const witness seen(destroyed);
            auto forever = never->wait();
            co_await std::move(forever);
        };
        asio::co_spawn(context, body(), asio::detached);
        context.poll();
        CHECK_FALSE(context.stopped());
        never.reset();
    }
    CHECK(destroyed);
}

TEST_CASE("samples that find the queue full are added by their thread, and none is lost") {
    constexpr std::size_t each = 300'000;  // more than the queues hold
    collector samples(2, 2, 3);
    const auto work = [&](std::size_t lane) {
        collector::set_worker(lane);
        for (std::size_t n = 0; n < each; ++n) {
            samples.record(
                {100 + lane, static_cast<std::uint32_t>(n % 3), static_cast<std::uint32_t>(lane)});
            samples.here().completed.add();
        }
    };
    {
        const std::jthread first(work, 0);
        const std::jthread second(work, 1);
    }
    CHECK(samples.late_samples() > 0);
    samples.finish();
    CHECK(samples.table().all().count() == 2 * each);
    CHECK(samples.table().kind(0).count() == each);
    CHECK(samples.table().kind(1).summary().min_ms == doctest::Approx(101e-6));
    CHECK(samples.sum(&worker_record::completed) == 2 * each);
    for (const auto& user : samples.table().users()) CHECK(user.count == 2 * each / 3);
}

TEST_CASE("samples are drained while the workers run") {
    constexpr std::size_t count = 100'000;
    collector samples(1, 1, 1);
    std::size_t drained = 0;
    {
        const std::jthread worker([&] {
            collector::set_worker(0);
            for (std::size_t n = 0; n < count; ++n) samples.record({n, 0, 0});
        });
        for (int look = 0; look < 1000; ++look) drained += samples.drain();
    }
    samples.finish();
    CHECK(samples.table().all().count() == count);
    CHECK(drained + samples.late_samples() <= count);
}

TEST_CASE("the outside count keeps the highest count of all users and of each") {
    outside_count counts(2);
    counts.started(0);
    counts.started(0);
    counts.started(1);
    counts.ending(0);
    counts.started(1);
    CHECK(counts.active() == 3);
    CHECK(counts.active(0) == 1);
    CHECK(counts.highest() == 3);
    CHECK(counts.highest_of_a_user() == 2);
}
