// SPDX-License-Identifier: BSL-1.0
// Engines go before their collector, also during scrapes, and no counter goes down.
#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "metrics/scrape.hpp"
#include "support/engines.hpp"
#include "support/sanitizers.hpp"

using admit::engine;
using admit::metrics;
using admit::status;
using support::counts;
using support::value_of;

namespace {

constexpr int rounds = support::sanitized ? 300 : 3'000;

/// An engine that goes when its clock is read, at the beginning of a scrape, and another one.
struct replaced_engine {
    static inline std::optional<engine> first, second;
    static inline bool replace = false;

    static admit::time_point now() noexcept {
        if (std::exchange(replace, false)) {
            first.reset();
            second.emplace(counts(2, 1));
        }
        return {};
    }
};

}  // namespace

TEST_CASE("an engine that has gone is not shown, and its name is free") {
    metrics shown;
    {
        engine gone{counts(1, 1)};
        shown.add(gone, "bot");
        CHECK(value_of(shown, "admit_active") == 0);
    }
    CHECK(shown.Collect().empty());
    // The next engine may have the memory of the one that has gone.
    engine next{counts(7, 1)};
    CHECK(shown.Collect().empty());
    shown.add(next, "bot");
    CHECK(value_of(shown, "admit_limit", {{"engine", "bot"}, {"scope", "all"}}) == 7);
}

TEST_CASE("a permit that outlives its engine keeps no figures") {
    metrics shown;
    admit::permit held;
    {
        engine gone{counts(1, 1)};
        shown.add(gone, "bot");
        held = gone.try_admit("a").value();
        CHECK(value_of(shown, "admit_active") == 1);
    }
    CHECK(shown.Collect().empty());
}

TEST_CASE("the collector may go first") {
    engine engine{counts(1, 1)};
    std::make_unique<metrics>()->add(engine, "bot");
    CHECK(engine.try_admit("a").value().end());
}

TEST_CASE("an engine that goes during a scrape is not shown, nor the next one in its place") {
    metrics shown;
    replaced_engine::first.emplace(
        counts(1, 1), admit::time_source{.now = &replaced_engine::now, .resolution = {}});
    shown.add(*replaced_engine::first, "bot");
    CHECK(value_of(shown, "admit_limit", {{"scope", "all"}}) == 1);
    replaced_engine::replace = true;
    CHECK(shown.Collect().empty());
    CHECK(!replaced_engine::first);
    CHECK(shown.Collect().empty());
    replaced_engine::second.reset();
}

TEST_CASE("engines come and go while another thread scrapes") {
    metrics shown;
    std::atomic<bool> stop{false};
    std::atomic<int> scrapes{0};
    std::jthread scraper{[&] {
        while (!stop) {
            for (const auto& family : shown.Collect())
                for (const auto& each : family.metric)
                    // Of engine n the limit is n: figures of another one would not fit its name.
                    if (family.name == "admit_limit" && each.label[1].value == "all")
                        CHECK_MESSAGE(each.label[0].value ==
                                          std::to_string(static_cast<int>(each.gauge.value)),
                                      "a scrape shows another engine");
            ++scrapes;
        }
    }};
    for (int round = 1; round <= rounds; ++round) {
        // Many slots, so that engines go while a scrape reads.
        const int limit = 5'000 + round % 50;
        engine engine{counts(static_cast<std::size_t>(limit), 1)};
        shown.add(engine, std::to_string(limit));
        auto held = engine.try_admit("a").value();
        if (round % 3 == 0) shown.remove(engine);
        if (round % 2 == 0) held.end();
    }
    while (scrapes == 0) std::this_thread::yield();
    stop = true;
    scraper.join();
    CHECK(shown.Collect().empty());
}

TEST_CASE("no counter goes down while conversations end in other ways than completed") {
    engine engine{counts(1'000, 1'000)};
    metrics shown;
    shown.add(engine, "bot");
    std::atomic<bool> stop{false};
    std::jthread ending{[&] {
        while (!stop)
            for (const status how : {status::error, status::cancelled})
                engine.try_admit("a").value().end(how);
    }};
    std::map<std::string, double> last;
    for (int round = 0; round < rounds; ++round)
        for (const auto& family : shown.Collect()) {
            if (family.type != prometheus::MetricType::Counter) continue;
            for (const auto& each : family.metric) {
                double& before = last[family.name + each.label.back().value];
                CHECK(each.counter.value >= before);
                before = each.counter.value;
            }
        }
    stop = true;
}
