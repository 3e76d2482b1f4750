// SPDX-License-Identifier: BSL-1.0
#include <admit/engine.hpp>
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <random>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/sanitizers.hpp"
#include "support/threads.hpp"
#include "support/virtual_clock.hpp"

using admit::never;
using admit::permit;
using support::user_number;
using support::virtual_clock;
using namespace std::chrono_literals;

namespace {

constexpr auto year = std::chrono::hours{365 * 24};

admit::limits timeouts(admit::duration idle, admit::duration longest, std::size_t size = 100) {
    return {.max_concurrent = size,
            .max_per_user = size,
            .idle_timeout = idle,
            .max_duration = longest};
}

/// What a call of `expire` now ends.
admit::expired expire(admit::engine& engine) { return engine.expire(virtual_clock::now()); }

std::vector<admit::conversation_id> start(admit::engine& engine, std::size_t count) {
    std::vector<admit::conversation_id> ids;
    for (std::size_t i = 0; i < count; ++i)
        ids.push_back(engine.try_admit(user_number(i)).value().detach());
    return ids;
}

}  // namespace

TEST_CASE("a conversation is idle exactly at its timeout, not before") {
    virtual_clock::set(1000s);
    admit::engine engine{timeouts(10s, never), virtual_clock::source()};
    permit held = engine.try_admit("alice").value();
    virtual_clock::advance(10s - 1ns);
    CHECK(expire(engine) == 0);
    virtual_clock::advance(1ns);
    const admit::expired ended = expire(engine);
    CHECK(ended.idle == 1);
    CHECK(ended.timed_out == 0);
    CHECK_FALSE(held.touch());
    CHECK_FALSE(held.end());
    CHECK(engine.stats().ended.idle == 1);
    CHECK(engine.active_count() == 0);
    CHECK(expire(engine) == 0);
}

TEST_CASE("a conversation times out exactly at its age, however active") {
    virtual_clock::set(1000s);
    admit::engine engine{timeouts(never, 10s), virtual_clock::source()};
    permit held = engine.try_admit("alice").value();
    virtual_clock::advance(10s - 1ns);
    CHECK(held.touch());
    CHECK(expire(engine) == 0);
    virtual_clock::advance(1ns);
    CHECK(held.touch());
    const admit::expired ended = expire(engine);
    CHECK(ended.idle == 0);
    CHECK(ended.timed_out == 1);
    CHECK_FALSE(held.touch());
    CHECK(engine.stats().ended.timed_out == 1);
}

TEST_CASE("the clock's resolution is added to both timeouts") {
    for (const auto& limits : {timeouts(10s, never), timeouts(never, 10s)}) {
        virtual_clock::set(1000s);
        admit::engine engine{limits, virtual_clock::source(4ms)};
        const auto id = engine.try_admit("alice").value().detach();
        virtual_clock::advance(10s + 4ms - 1ns);
        CHECK(expire(engine) == 0);
        CHECK(engine.conversations().front().id == id);
        virtual_clock::advance(1ns);
        CHECK(expire(engine) == 1);
    }
}

TEST_CASE("a touch postpones idleness by the whole timeout") {
    virtual_clock::set(1000s);
    admit::engine engine{timeouts(10s, never), virtual_clock::source()};
    permit held = engine.try_admit("alice").value();
    const auto by_id = engine.try_admit("alice").value().detach();
    for (int i = 0; i < 100; ++i) {
        virtual_clock::advance(10s - 1ns);
        CHECK(held.touch());
        CHECK(engine.touch(by_id));
        CHECK(expire(engine) == 0);
    }
    virtual_clock::advance(10s - 1ns);
    CHECK(expire(engine) == 0);
    virtual_clock::advance(1ns);
    CHECK(expire(engine) == 2);
    CHECK_FALSE(engine.touch(by_id));
}

TEST_CASE("what never expires is not ended at any time") {
    virtual_clock::set(0s);
    admit::engine engine{timeouts(never, never), virtual_clock::source(4ms)};
    const auto ids = start(engine, 5);
    virtual_clock::advance(100 * year);
    CHECK(expire(engine) == 0);
    CHECK(engine.expire(admit::time_point::max() - 1ns) == 0);
    CHECK(engine.active_count() == 5);
}

TEST_CASE("what never expires is not ended at the end of time either") {
    virtual_clock::set(1000s);
    admit::engine engine{timeouts(never, never), virtual_clock::source()};
    const auto ids = start(engine, 5);
    CHECK(engine.expire(admit::time_point::max()) == 0);
    CHECK(engine.active_count() == 5);
}

TEST_CASE("the earlier deadline chooses the status, age when both are due at once") {
    struct example {
        admit::duration idle;
        admit::duration longest;
        admit::status how;
    };
    for (const example& each :
         {example{10s, 20s, admit::status::idle}, example{20s, 10s, admit::status::timed_out},
          example{10s, 10s, admit::status::timed_out},
          example{10s, 10s + 1ns, admit::status::idle}}) {
        virtual_clock::set(1000s);
        admit::engine engine{timeouts(each.idle, each.longest), virtual_clock::source()};
        start(engine, 1);
        virtual_clock::advance(1h);  // both are long past
        CHECK(expire(engine) == 1);
        const auto ended = engine.stats().ended;
        CHECK(ended.idle == (each.how == admit::status::idle ? 1 : 0));
        CHECK(ended.timed_out == (each.how == admit::status::timed_out ? 1 : 0));
    }
}

TEST_CASE("expiry makes room") {
    virtual_clock::set(1000s);
    admit::engine engine{{.max_concurrent = 2, .max_per_user = 1, .idle_timeout = 10s},
                         virtual_clock::source()};
    start(engine, 2);
    CHECK(engine.try_admit("late").error() == admit::errc::global_limit);
    virtual_clock::advance(10s);
    CHECK(expire(engine) == 2);
    CHECK(engine.try_admit(user_number(0)));
    CHECK(engine.try_admit(user_number(1)));
}

TEST_CASE("only what is due ends, in every group of slots") {
    constexpr std::size_t size = 3000;
    virtual_clock::set(1000s);
    admit::engine engine{timeouts(10s, never, size), virtual_clock::source()};
    const auto ids = start(engine, size);
    virtual_clock::advance(5s);
    for (std::size_t i = 0; i < size; i += 3) CHECK(engine.touch(ids[i]));
    virtual_clock::advance(5s);
    CHECK(expire(engine) == size - size / 3);
    for (std::size_t i = 0; i < size; ++i) CHECK(engine.touch(ids[i]) == (i % 3 == 0));
}

TEST_CASE("several threads that expire end each conversation once") {
    constexpr std::size_t size = 2000;
    for (int round = 0; round < support::repetitions(20, 3); ++round) {
        virtual_clock::set(1000s);
        admit::engine engine{timeouts(10s, round % 2 == 0 ? never : 10s, size),
                             virtual_clock::source()};
        start(engine, size);
        virtual_clock::advance(10s);
        std::atomic<std::size_t> ended{0};
        support::run_together(4, [&](unsigned) { ended += expire(engine); });
        CHECK(ended == size);
        CHECK(engine.stats().ended.idle + engine.stats().ended.timed_out == size);
        CHECK(engine.active_count() == 0);
    }
}

TEST_CASE("an expiring loop that is a year late ends everything once") {
    virtual_clock::set(1000s);
    admit::engine engine{timeouts(10s, 1min), virtual_clock::source(4ms)};
    start(engine, 50);
    CHECK(expire(engine) == 0);
    virtual_clock::advance(year);
    CHECK(expire(engine) == 50);
    CHECK(expire(engine) == 0);
    start(engine, 50);  // what begins now is not late
    CHECK(expire(engine) == 0);
    CHECK(engine.stats().ended.idle == 50);
}

TEST_CASE("two years of uptime make nothing early and nothing late") {
    virtual_clock::set(2 * year);
    admit::engine engine{timeouts(90min, 26h), virtual_clock::source(4ms)};
    permit touched = engine.try_admit("alice").value();
    std::size_t days = 0;
    for (auto hours = 1h; hours <= 2 * year; hours += 1h) {
        virtual_clock::advance(1h);
        const bool old = hours % 27h == 0h;  // due a little after 26 hours
        REQUIRE(expire(engine) == (old ? 1 : 0));
        REQUIRE(touched.touch() == !old);
        if (!old) continue;
        ++days;
        touched = engine.try_admit("alice").value();
    }
    CHECK(engine.stats().ended.timed_out == days);
    CHECK(engine.stats().ended.idle == 0);
}

TEST_CASE("time may begin at zero and end at the last instant") {
    virtual_clock::set(0s);
    admit::engine engine{timeouts(1ns, never), virtual_clock::source()};
    start(engine, 1);
    CHECK(expire(engine) == 0);
    virtual_clock::advance(1ns);
    CHECK(expire(engine) == 1);

    virtual_clock::set(never - 1h);
    admit::engine late{timeouts(2h, never - 1ns), virtual_clock::source(4ms)};
    start(late, 1);
    virtual_clock::advance(59min);
    CHECK(expire(late) == 0);  // the sum of instant and timeout does not wrap
    CHECK(late.active_count() == 1);
}

TEST_CASE("a negative instant expires nothing and spoils nothing") {
    virtual_clock::set(1000s);
    admit::engine engine{timeouts(10s, 20s), virtual_clock::source()};
    start(engine, 1);
    CHECK(engine.expire(admit::time_point::min()) == 0);
    CHECK(engine.expire(admit::time_point{-1s}) == 0);
    virtual_clock::advance(10s);
    CHECK(expire(engine) == 1);
}

TEST_CASE("new timeouts apply to active conversations at the next expire") {
    virtual_clock::set(1000s);
    admit::engine engine{timeouts(1h, 10h), virtual_clock::source()};
    start(engine, 1);
    virtual_clock::advance(30s);
    CHECK(expire(engine) == 0);
    engine.set_limits(timeouts(2h, 10h));  // longer
    virtual_clock::advance(1h);
    CHECK(expire(engine) == 0);
    engine.set_limits(timeouts(3h, 20s));  // shorter
    const admit::expired ended = expire(engine);
    CHECK(ended.timed_out == 1);
    start(engine, 1);
    engine.set_limits(timeouts(never, never));
    virtual_clock::advance(year);
    CHECK(expire(engine) == 0);
    engine.set_limits(timeouts(1ns, never));
    CHECK(expire(engine).idle == 1);
}

TEST_CASE("expire may be told of an instant that the clock has not reached") {
    virtual_clock::set(1000s);
    admit::engine engine{timeouts(10s, never), virtual_clock::source()};
    start(engine, 1);
    CHECK(engine.expire(virtual_clock::now() + 10s) == 1);
    start(engine, 1);
    CHECK(expire(engine) == 0);
    virtual_clock::advance(10s);
    CHECK(expire(engine) == 1);
}

TEST_CASE("expiry follows its definition through a long random history") {
    struct active {
        admit::conversation_id id;
        admit::duration started;
        admit::duration last;
    };
    const std::uint64_t first_seed = std::random_device{}();
    for (std::uint64_t seed = first_seed; seed < first_seed + 20; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random{seed};
        const auto below = [&](std::uint64_t bound) { return random() % bound; };
        static constexpr admit::duration resolution = 3ms;
        constexpr std::size_t size = 600;
        const auto some_timeout = [&]() -> admit::duration {
            return below(4) == 0 ? never : std::chrono::microseconds{1 + below(200'000)};
        };
        admit::duration now = std::chrono::hours{below(20'000)};
        virtual_clock::set(now);
        admit::limits limits = timeouts(some_timeout(), some_timeout(), size);
        admit::engine engine{limits, virtual_clock::source(resolution)};
        std::vector<active> model;
        const auto plus = [](admit::duration at, admit::duration timeout) {
            return timeout == never ? never : at + timeout + resolution;
        };
        for (int step = 0; step < support::repetitions(20'000, 2'000); ++step) {
            now += std::chrono::nanoseconds{below(2'000'000)};
            virtual_clock::set(now);
            const std::uint64_t percent = below(100);
            if (percent < 40) {
                auto permit = engine.try_admit(user_number(below(1000)));
                REQUIRE(permit.has_value() == (model.size() < size));
                if (permit) model.push_back({permit->detach(), now, now});
            } else if (percent < 80 && !model.empty()) {
                active& touched = model[below(model.size())];
                REQUIRE(engine.touch(touched.id));
                touched.last = now;
            } else if (percent < 85 && !model.empty()) {
                std::swap(model[below(model.size())], model.back());
                REQUIRE(engine.end(model.back().id));
                model.pop_back();
            } else if (percent < 86) {
                limits = timeouts(some_timeout(), some_timeout(), size);
                engine.set_limits(limits);
            } else {
                admit::expired expected;
                const auto left =
                    std::partition(model.begin(), model.end(), [&](const active& each) {
                        const auto idle = plus(each.last, limits.idle_timeout);
                        const auto longest = plus(each.started, limits.max_duration);
                        if (std::min(idle, longest) > now) return true;
                        ++(longest <= idle ? expected.timed_out : expected.idle);
                        return false;
                    });
                const admit::expired ended = expire(engine);
                REQUIRE(ended.idle == expected.idle);
                REQUIRE(ended.timed_out == expected.timed_out);
                for (auto gone = left; gone != model.end(); ++gone)
                    REQUIRE_FALSE(engine.touch(gone->id));
                model.erase(left, model.end());
            }
        }
        CHECK(engine.active_count() == model.size());
    }
}
