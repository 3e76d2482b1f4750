// SPDX-License-Identifier: BSL-1.0
// `engine_options`: the histograms of how long conversations last, and what is estimated from them.
#include <doctest/doctest.h>

#include <admit/engine.hpp>
#include <cmath>
#include <thread>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/virtual_clock.hpp"

using namespace std::chrono_literals;
using admit::duration;
using admit::engine;
using admit::histogram;
using support::counts;
using support::virtual_clock;

namespace {

/// Admits a conversation of a user, and ends it after a while.
void hold(engine& engine, duration length, std::string_view user = "alice") {
    auto permit = engine.try_admit(user).value();
    virtual_clock::advance(length);
    CHECK(permit.end());
}

engine timed(const admit::limits& limits) {
    return engine{limits, {.clock = virtual_clock::source(), .histograms = true}};
}

}  // namespace

TEST_CASE("histogram: each bucket ends where the next one begins, and none is wide") {
    CHECK(histogram::bucket_of(-1ns) == 0);
    CHECK(histogram::bucket_of(duration::min()) == 0);
    CHECK(histogram::bound(0) == 1ms);
    for (std::size_t bucket = 0; bucket + 1 < histogram::buckets; ++bucket) {
        CAPTURE(bucket);
        const duration bound = histogram::bound(bucket);
        CHECK(histogram::bucket_of(bound - 1ns) == bucket);
        CHECK(histogram::bucket_of(bound) == bucket + 1);
        if (bucket < 4) continue;
        const duration lower = histogram::bound(bucket - 1);
        CHECK(bound - lower <= lower / 4);
    }
    constexpr duration last = std::chrono::milliseconds{1 << 28};
    CHECK(histogram::bound(histogram::buckets - 2) == last);
    CHECK(histogram::bucket_of(last) == histogram::buckets - 1);
    CHECK(histogram::bucket_of(admit::never) == histogram::buckets - 1);
    CHECK(histogram::bound(histogram::buckets - 1) == admit::never);
    CHECK(histogram::bound(~std::size_t{0}) == admit::never);
}

TEST_CASE("histogram: count, mean and quantiles") {
    histogram some;
    CHECK(some.count() == 0);
    CHECK(some.quantile(0.5) == 0ns);
    CHECK(some.mean() == 0s);
    some.counts[histogram::bucket_of(10ms)] = 90;
    some.counts[histogram::bucket_of(1s)] = 9;
    some.counts[histogram::bucket_of(admit::never)] = 1;
    some.sum = 100s;
    CHECK(some.count() == 100);
    CHECK(some.mean() == 1s);
    CHECK(some.quantile(0) == histogram::bound(histogram::bucket_of(10ms)));
    CHECK(some.quantile(0.9) == histogram::bound(histogram::bucket_of(10ms)));
    CHECK(some.quantile(0.91) == histogram::bound(histogram::bucket_of(1s)));
    CHECK(some.quantile(1) == admit::never);
}

TEST_CASE("an engine records how long its conversations last, if it is asked to") {
    engine plain{counts(2, 2)};
    hold(plain, 1s);
    CHECK_FALSE(plain.stats().hold_times);
    CHECK_FALSE(plain.stats().wait_times);

    engine recording = timed(counts(2, 2));
    CHECK(recording.stats().hold_times->count() == 0);
    hold(recording, 5ms);
    hold(recording, 5ms, "bob");
    hold(recording, 100h);
    const auto found = recording.stats();
    CHECK(found.hold_times->counts[5] == 2);
    CHECK(found.hold_times->counts[histogram::buckets - 1] == 1);
    CHECK(found.hold_times->count() == 3);
    CHECK(std::abs(found.hold_times->sum.count() - 360'000.01) < 0.001);
    CHECK(found.wait_times->count() == 0);
    CHECK(found.ended.completed == 3);
}

// clang suggests braces where a program may leave them out.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-braces"
TEST_CASE("an engine takes its clock in every spelling") {
    virtual_clock::set(7s);
    constexpr auto resolution = 3ms;
    const admit::time_source clock{.now = &virtual_clock::now, .resolution = resolution};
    engine engines[] = {
        engine{counts(1, 1), clock},
        engine{counts(1, 1), {&virtual_clock::now, resolution}},
        engine{counts(1, 1), {.now = &virtual_clock::now, .resolution = resolution}},
        engine{counts(1, 1), {.clock = clock}},
        engine{counts(1, 1), {.clock = {.now = &virtual_clock::now, .resolution = resolution}}},
        engine{counts(1, 1), {.clock = {&virtual_clock::now, resolution}, .histograms = true}},
    };
    for (engine& each : engines) {
        auto permit = each.try_admit("alice").value();
        CHECK(each.conversations().front().started == admit::time_point{7s});
    }
    CHECK_FALSE(engine{counts(1, 1), {}}.stats().hold_times);
    CHECK_FALSE(engine{}.stats().hold_times);
}
#pragma GCC diagnostic pop

TEST_CASE("each way to end is recorded once") {
    {
        engine recording = timed({.max_concurrent = 3, .max_per_user = 3, .idle_timeout = 10s});
        const admit::conversation_id id = recording.try_admit("alice")->detach();
        auto permit = recording.try_admit("bob").value();
        CHECK(recording.end(id));
        CHECK_FALSE(recording.end(id));
        CHECK(recording.end("bob") == 1);
        CHECK_FALSE(permit.end());
        const auto late = recording.try_admit("carol").value();
        virtual_clock::advance(10s);
        CHECK(recording.expire(virtual_clock::now()) == 1);
        CHECK(recording.stats().hold_times->count() == 3);
        CHECK(recording.stats().hold_times->counts[0] == 2);
        CHECK(recording.stats().ended.total() == 3);
    }
    // The next engine in the same memory begins at nothing, timed or not.
    for (const bool again : {true, false, true}) {
        engine next{counts(3, 3), {.clock = virtual_clock::source(), .histograms = again}};
        CHECK(next.stats().hold_times.has_value() == again);
        if (again) CHECK(next.stats().hold_times->count() == 0);
        hold(next, 1s);
        if (again) CHECK(next.stats().hold_times->count() == 1);
        next.set_limits(counts(5'000, 3));  // in slots that come later, too
        std::vector<admit::permit> held;
        for (int user = 0; user < 5'000; ++user)
            held.push_back(next.try_admit(std::to_string(user)).value());
        held.clear();
        CHECK(next.stats().ended.completed == 5'001);
        if (again) CHECK(next.stats().hold_times->count() == 5'001);
    }
}

TEST_CASE("an id that is no id of the engine's ends nothing, whatever its bits") {
    for (const bool histograms : {false, true}) {
        engine some{counts(2, 2), {.histograms = histograms}};
        auto permit = some.try_admit("alice").value();
        for (unsigned bit = 0; bit < 64; ++bit) {
            CAPTURE(bit);
            admit::conversation_id crafted = permit.id();
            crafted.generation ^= std::uint64_t{1} << bit;
            CHECK_FALSE(some.end(crafted));
            CHECK_FALSE(some.touch(crafted));
        }
        CHECK(permit.touch());
        CHECK(some.active_count() == 1);
        CHECK(permit.end());
        CHECK(some.try_admit("alice"));
    }
}

TEST_CASE("expected_wait: from how long conversations lasted, and from what is in the way") {
    engine plain{counts(1, 1)};
    const auto full = plain.try_admit("alice").value();
    CHECK_FALSE(plain.expected_wait("bob"));

    engine some = timed(counts(4, 2));
    CHECK(some.expected_wait("alice") == 0ns);
    CHECK_FALSE(some.expected_wait(""));
    std::vector<admit::permit> held;
    for (const std::string_view user : {"alice", "alice"})
        held.push_back(some.try_admit(user).value());
    CHECK_FALSE(some.expected_wait("alice"));  // none has ended yet
    CHECK(some.expected_wait("bob") == 0ns);
    for (int i = 0; i < 10; ++i) hold(some, 8s, "bob");
    CHECK(some.expected_wait("alice") == 4s);  // the first of two to end
    for (const std::string_view user : {"bob", "carol"})
        held.push_back(some.try_admit(user).value());
    CHECK(some.expected_wait("bob") == 2s);  // the first of four to end
    CHECK(some.expected_wait("alice") == 4s);
    some.set_limits(counts(3, 2));
    CHECK(some.expected_wait("bob") == 4s);  // the second of four to end
    some.set_limits(counts(0, 2));
    CHECK_FALSE(some.expected_wait("bob"));
    some.set_limits(counts(8, 2));
    CHECK(some.expected_wait("bob") == 0ns);
    some.close();
    CHECK_FALSE(some.expected_wait("bob"));
}

TEST_CASE("expected_wait: a limit of its own that the request brings along") {
    engine some = timed(counts(3, 1));
    hold(some, 6s);
    const auto first = some.try_admit("alice").value();
    CHECK(some.expected_wait("alice") == 6s);
    CHECK(some.expected_wait("alice", {.max_per_user = 2}) == 0ns);
    CHECK(some.expected_wait("alice", {.max_per_user = admit::unlimited}) == 0ns);
    CHECK_FALSE(some.expected_wait("bob", {.max_per_user = 0}));
    some.set_limits(counts(3, 0));
    CHECK_FALSE(some.expected_wait("bob"));
    CHECK(some.expected_wait("bob", {.max_per_user = 1}) == 0ns);
}

TEST_CASE("expected_wait: conversations too short for the clock are no room") {
    engine some = timed(counts(1, 1));
    hold(some, 0s);
    CHECK(some.expected_wait("alice") == 0ns);
    const auto held = some.try_admit("alice").value();
    CHECK(some.expected_wait("bob").value() > 0ns);
    CHECK(some.expected_wait("bob").value() < 1ms);
}

TEST_CASE("expected_wait: the first conversation does not outweigh those that follow") {
    engine some = timed(counts(1, 1));
    hold(some, 3600s);
    for (int i = 0; i < 9; ++i) hold(some, 60s);
    const auto held = some.try_admit("alice").value();
    const auto wait = some.expected_wait("bob").value();  // by the mean of the ten
    CHECK(wait > 413s);
    CHECK(wait < 415s);
}

TEST_CASE("expected_wait: what a thread recorded long ago weighs little") {
    engine some = timed(counts(1, 1));
    std::thread{[&] {
        for (int i = 0; i < 32; ++i) hold(some, 1s);
    }}.join();
    std::thread other{[&] {
        for (int i = 0; i < 100; ++i) hold(some, 60s);
    }};
    other.join();
    // Another thread than the first, or its stripe anew: either way the last lengths count.
    const auto held = some.try_admit("alice").value();
    CHECK(some.expected_wait("bob").value() > 55s);
}

TEST_CASE("expected_wait: conversations of late weigh more") {
    engine some = timed(counts(1, 1));
    for (int i = 0; i < 100; ++i) hold(some, 1s);
    for (int i = 0; i < 200; ++i) hold(some, 3s);
    const auto held = some.try_admit("alice").value();
    const auto wait = some.expected_wait("bob").value();
    CHECK(wait > 2900ms);
    CHECK(wait <= 3s);
}
