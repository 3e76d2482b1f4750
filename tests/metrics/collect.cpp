// SPDX-License-Identifier: BSL-1.0
// `admit::metrics`: each family says what the engine's statistics say, for several engines.
#include <doctest/doctest.h>

#include <admit/metrics.hpp>
#include <stdexcept>

#include "metrics/scrape.hpp"
#include "support/async.hpp"
#include "support/engines.hpp"
#include "support/virtual_clock.hpp"

using namespace std::chrono_literals;
using admit::engine;
using admit::metrics;
using admit::status;
using support::counts;
using support::family_of;
using support::labels;
using support::value_of;
using support::virtual_clock;

namespace {

/// The sum of what a family shows.
double sum_of(const metrics& shown, const std::string& name) {
    const auto family = family_of(shown, name);
    REQUIRE(family);
    double sum = 0;  // not by std::accumulate: g++ 12 makes a wrong sum of it with -O3
    for (const prometheus::ClientMetric& each : family->metric)
        sum += each.gauge.value + each.counter.value;
    return sum;
}

void check_against_stats(const metrics& shown, const std::string& name, const admit::stats& stats) {
    const labels of{{"engine", name}};
    const auto is = [&](const std::string& metric, std::uint64_t expected) {
        CAPTURE(metric);
        CHECK(value_of(shown, metric, of) == static_cast<double>(expected));
    };
    const auto is_for = [&](const std::string& metric, const char* label, const char* value,
                            std::uint64_t expected) {
        CAPTURE(metric);
        CAPTURE(value);
        CHECK(value_of(shown, metric, {{"engine", name}, {label, value}}) ==
              static_cast<double>(expected));
    };
    is("admit_active", stats.active);
    is("admit_users", stats.users);
    is("admit_waiting", stats.waiting);
    is("admit_admitted_total", stats.admitted);
    is("admit_overstayed_total", stats.overstayed);
    is_for("admit_limit", "scope", "all", stats.limits.max_concurrent);
    is_for("admit_limit", "scope", "user", stats.limits.max_per_user);
    is_for("admit_rejected_total", "reason", "shutting_down", stats.rejected.shutting_down);
    is_for("admit_rejected_total", "reason", "global_limit", stats.rejected.global_limit);
    is_for("admit_rejected_total", "reason", "invalid_user_id", stats.rejected.invalid_user_id);
    is_for("admit_rejected_total", "reason", "user_limit", stats.rejected.user_limit);
    is_for("admit_rejected_total", "reason", "queue_full", stats.rejected.queue_full);
    is_for("admit_rejected_total", "reason", "user_queue_full", stats.rejected.user_queue_full);
    is_for("admit_rejected_total", "reason", "wait_timeout", stats.rejected.wait_timeout);
    is_for("admit_ended_total", "status", "completed", stats.ended.completed);
    is_for("admit_ended_total", "status", "idle", stats.ended.idle);
    is_for("admit_ended_total", "status", "timed_out", stats.ended.timed_out);
    is_for("admit_ended_total", "status", "error", stats.ended.error);
    is_for("admit_ended_total", "status", "drained", stats.ended.drained);
    is_for("admit_ended_total", "status", "cancelled", stats.ended.cancelled);
}

/// Ends conversations in each way, and provokes rejections: each figure becomes another one.
void vary(engine& engine, std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) {
        CHECK(engine.try_admit("a").value().end());
        for (std::size_t more = 0; more < 2; ++more)
            CHECK(engine.try_admit("a").value().end(status::error));
        for (std::size_t more = 0; more < 3; ++more)
            CHECK(engine.try_admit("a").value().end(status::cancelled));
        CHECK(!engine.try_admit(""));
        for (std::size_t more = 0; more < 2; ++more)
            CHECK(!engine.try_admit("a", {.max_per_user = 0}));
    }
}

}  // namespace

TEST_CASE("each figure is that of the engine's statistics") {
    engine engine{
        {.max_concurrent = 3, .max_per_user = 2, .max_waiting = 1, .max_waiting_per_user = 1}};
    metrics shown;
    shown.add(engine, "bot");
    check_against_stats(shown, "bot", engine.stats());
    vary(engine, 5);
    auto first = engine.try_admit("a").value();
    auto second = engine.try_admit("a").value();
    auto third = engine.try_admit("b").value();
    CHECK(!engine.try_admit("c"));
    const admit::stats stats = engine.stats();
    CHECK(stats.active == 3);
    CHECK(stats.users == 2);
    CHECK(stats.ended.cancelled == 15);
    CHECK(stats.rejected.user_limit == 10);
    CHECK(stats.rejected.global_limit == 1);
    check_against_stats(shown, "bot", stats);
    engine.set_limits({.max_concurrent = 7, .max_per_user = 4});
    check_against_stats(shown, "bot", engine.stats());
    engine.close();
    CHECK(!engine.try_admit("d"));
    check_against_stats(shown, "bot", engine.stats());
}

TEST_CASE("requests that wait are shown, with the age of the oldest") {
    boost::asio::io_context context;
    engine engine{{.max_concurrent = 1, .max_waiting = 1}, virtual_clock::source()};
    metrics shown;
    shown.add(engine, "bot");
    CHECK(value_of(shown, "admit_oldest_wait_seconds") == 0);
    auto held = engine.try_admit("a").value();
    support::waiter waiting{context.get_executor(), engine, "b"};
    virtual_clock::advance(1500ms);
    support::waiter refused{context.get_executor(), engine, "c"};
    context.poll();
    CHECK(refused.got.refused_as(admit::errc::queue_full));
    CHECK(value_of(shown, "admit_waiting") == 1);
    CHECK(value_of(shown, "admit_oldest_wait_seconds") == 1.5);
    check_against_stats(shown, "bot", engine.stats());
    held.end();
    context.restart();
    context.poll();
    CHECK(waiting.got.has_permit());
    CHECK(value_of(shown, "admit_waiting") == 0);
    CHECK(value_of(shown, "admit_oldest_wait_seconds") == 0);
}

TEST_CASE("of several requests that wait, the age is that of the oldest") {
    boost::asio::io_context context;
    engine engine{{.max_concurrent = 1}, virtual_clock::source()};
    metrics shown;
    shown.add(engine, "bot");
    auto held = engine.try_admit("a").value();
    support::waiter first{context.get_executor(), engine, "b"};
    virtual_clock::advance(2s);
    support::waiter second{context.get_executor(), engine, "c"};
    virtual_clock::advance(1s);
    CHECK(value_of(shown, "admit_oldest_wait_seconds") == 3);
    held.end();
    context.poll();
    CHECK(first.got.has_permit());
    CHECK(value_of(shown, "admit_oldest_wait_seconds") == 1);
}

TEST_CASE("a drain that waits is no request that waits") {
    boost::asio::io_context context;
    engine engine{counts(1, 1), virtual_clock::source()};
    metrics shown;
    shown.add(engine, "bot");
    auto held = engine.try_admit("a").value();
    admit::async_drain(engine, {.deadline = 1h},
                       boost::asio::bind_executor(context, [](auto...) {}));
    virtual_clock::advance(10s);
    CHECK(value_of(shown, "admit_oldest_wait_seconds") == 0);
}

TEST_CASE("a conversation that is due and has not been ended is overdue") {
    engine engine{{.idle_timeout = 10s, .max_duration = 25s}, virtual_clock::source()};
    metrics shown;
    shown.add(engine, "bot");
    auto idle = engine.try_admit("a").value();
    auto busy = engine.try_admit("b").value();
    virtual_clock::advance(9s);
    CHECK(busy.touch());
    CHECK(value_of(shown, "admit_overdue_seconds") == 0);
    virtual_clock::advance(3s);
    CHECK(value_of(shown, "admit_overdue_seconds") == 2);
    CHECK(engine.expire(virtual_clock::now()) == 1);
    CHECK(value_of(shown, "admit_overdue_seconds") == 0);
    virtual_clock::advance(6s);
    CHECK(busy.touch());
    virtual_clock::advance(9s);
    CHECK(value_of(shown, "admit_overdue_seconds") == 2);
    CHECK(engine.expire(virtual_clock::now()) == 1);
    CHECK(value_of(shown, "admit_overdue_seconds") == 0);
}

TEST_CASE("without timeouts nothing is overdue") {
    engine engine{counts(2, 2), virtual_clock::source()};
    metrics shown;
    shown.add(engine, "bot");
    auto held = engine.try_admit("a").value();
    virtual_clock::advance(24h * 365);
    CHECK(value_of(shown, "admit_overdue_seconds") == 0);
}

TEST_CASE("several engines are told apart by the label engine") {
    engine one{counts(10, 10)};
    engine two{counts(20, 5)};
    metrics shown;
    shown.add(one, "one");
    shown.add(two, "two");
    vary(one, 1);
    vary(two, 2);
    auto held = two.try_admit("x").value();
    check_against_stats(shown, "one", one.stats());
    check_against_stats(shown, "two", two.stats());
    CHECK(sum_of(shown, "admit_admitted_total") == 6 + 12 + 1);
    CHECK(sum_of(shown, "admit_rejected_total") == 3 + 6);
    shown.remove(one);
    shown.remove(one);
    CHECK(sum_of(shown, "admit_admitted_total") == 12 + 1);
    CHECK(!support::find(shown, "admit_active", {{"engine", "one"}}));
    shown.add(one, "one again");
    check_against_stats(shown, "one again", one.stats());
}

TEST_CASE("without an engine there is no family") { CHECK(metrics{}.Collect().empty()); }

TEST_CASE("names and types are those of the table") {
    engine timed{counts(1, 1), {.histograms = true}};
    metrics shown;
    shown.add(timed, "bot");
    using type = prometheus::MetricType;
    const std::vector<std::pair<std::string, type>> table{
        {"admit_active", type::Gauge},
        {"admit_limit", type::Gauge},
        {"admit_users", type::Gauge},
        {"admit_waiting", type::Gauge},
        {"admit_oldest_wait_seconds", type::Gauge},
        {"admit_overdue_seconds", type::Gauge},
        {"admit_admitted_total", type::Counter},
        {"admit_rejected_total", type::Counter},
        {"admit_ended_total", type::Counter},
        {"admit_overstayed_total", type::Counter},
        {"admit_wait_seconds", type::Histogram},
        {"admit_duration_seconds", type::Histogram}};
    const auto families = shown.Collect();
    REQUIRE(families.size() == table.size());
    for (std::size_t i = 0; i < table.size(); ++i) {
        CHECK(families[i].name == table[i].first);
        CHECK(families[i].type == table[i].second);
        CHECK(!families[i].help.empty());
    }
}

TEST_CASE("a name is taken once, by one engine, and printable") {
    engine one{counts(1, 1)};
    engine two{counts(1, 1)};
    metrics shown;
    shown.add(one, "one");
    CHECK_THROWS_WITH_AS(
        shown.add(two, "one"),
        "admit::metrics: the name \"one\" is taken; each engine needs a name of its own",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(shown.add(one, "two"),
                         "admit::metrics: the engine is shown already, as \"one\"",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(shown.add(two, ""),
                         "admit::metrics: the name of the engine has 0 characters; 1 to 255 "
                         "printable characters of ASCII are allowed",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(shown.add(two, "a\nb"),
                         "admit::metrics: byte 2 of the name of the engine is 10; 1 to 255 "
                         "printable characters of ASCII are allowed",
                         std::invalid_argument);
    for (const std::string& name : {std::string(256, 'a'), std::string("\x7f"),
                                    std::string("\xc3\xa4"), std::string("\0", 1)})
        CHECK_THROWS_AS(shown.add(two, name), std::invalid_argument);
    CHECK(support::family_of(shown, "admit_active")->metric.size() == 1);
    shown.add(two, std::string(255, '~'));
    shown.remove(one);
    shown.add(one, " ");
}
