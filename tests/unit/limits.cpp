// SPDX-License-Identifier: BSL-1.0
#include "engine/limits.hpp"

#include <admit/engine.hpp>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "support/printing.hpp"

using admit::limits;
using namespace std::chrono_literals;

namespace {

/// The reason for which limits are refused; empty if they are not.
std::string complaint_about(const limits& limits) {
    try {
        admit::check(limits);
        return {};
    } catch (const std::invalid_argument& refused) {
        return refused.what();
    }
}

bool names_all(std::string_view text, std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts)
        if (text.find(part) == std::string_view::npos) return false;
    return !text.empty();
}

}  // namespace

TEST_CASE("the default limits are those of the contract") {
    const limits defaults;
    CHECK(defaults.max_concurrent == 10);
    CHECK(defaults.max_per_user == 3);
    CHECK(defaults.idle_timeout == 5min);
    CHECK(defaults.max_duration == 10min);
    CHECK(complaint_about(defaults) == "");
}

TEST_CASE("max_concurrent is 0 to 2,000,000") {
    for (const std::size_t good : {0UL, 1UL, 2UL, 255UL, 256UL, 1'999'999UL, 2'000'000UL}) {
        CAPTURE(good);
        CHECK(complaint_about({.max_concurrent = good, .max_per_user = 1}) == "");
    }
    for (const std::size_t bad : {2'000'001UL, 1UL << 32, SIZE_MAX - 1, SIZE_MAX}) {
        const std::string complaint = complaint_about({.max_concurrent = bad, .max_per_user = 1});
        CAPTURE(complaint);
        CHECK(names_all(complaint, {"max_concurrent", std::to_string(bad), "0 to 2000000"}));
    }
}

TEST_CASE("max_per_user is 0 to 2,000,000, independent of max_concurrent") {
    for (const std::size_t all : {0UL, 1UL, 2UL, 20UL, 2'000'000UL})
        for (const std::size_t good : {std::size_t{0}, (all + 1) / 2, all, all + 1, 2'000'000UL}) {
            if (good > 2'000'000) continue;
            CAPTURE(all);
            CAPTURE(good);
            CHECK(complaint_about({.max_concurrent = all, .max_per_user = good}) == "");
        }
    for (const std::size_t bad : {2'000'001UL, (1UL << 32) + 1, SIZE_MAX}) {
        const std::string complaint = complaint_about({.max_concurrent = 20, .max_per_user = bad});
        CAPTURE(complaint);
        CHECK(names_all(complaint, {"max_per_user", std::to_string(bad), "0 to 2000000"}));
    }
}

TEST_CASE("a timeout is more than 0, up to never") {
    for (const admit::duration good : {1ns, 1ns * 1'000'000, admit::never - 1ns, admit::never}) {
        CAPTURE(good);
        CHECK(complaint_about({.idle_timeout = good}) == "");
        CHECK(complaint_about({.max_duration = good}) == "");
    }
    for (const admit::duration bad : {0ns, -1ns, admit::duration::min()}) {
        const std::string value = std::to_string(bad.count());
        CAPTURE(value);
        CHECK(names_all(complaint_about({.idle_timeout = bad}),
                        {"idle_timeout", value, "more than 0", "never"}));
        CHECK(names_all(complaint_about({.max_duration = bad}),
                        {"max_duration", value, "more than 0", "never"}));
    }
}

TEST_CASE("a refusal shows a time in its largest exact unit") {
    const auto refusal = [](admit::saturating_duration length) {
        return complaint_about({.idle_timeout = length});
    };
    CHECK(names_all(refusal(0s), {"is 0 ns;"}));
    CHECK(names_all(refusal(-5s), {"limits::idle_timeout is -5 s; allowed is more than 0"}));
    CHECK(names_all(refusal(-90s), {"is -90 s;"}));
    CHECK(names_all(refusal(-120s), {"is -2 min;"}));
    CHECK(names_all(refusal(-3h), {"is -3 h;"}));
    CHECK(names_all(refusal(-1'500us), {"is -1500 us;"}));
    CHECK(names_all(refusal(-2ms), {"is -2 ms;"}));
    CHECK(names_all(refusal(-2'000'001ns), {"is -2000001 ns;"}));
}

TEST_CASE("a length that does not fit is the longest") {
    using std::chrono::seconds;
    using std::chrono::years;
    using narrow = std::chrono::duration<std::uint8_t>;
    using wide = std::chrono::duration<std::uint64_t, std::nano>;
    const limits longest{.idle_timeout = seconds::max(), .max_duration = years{300}};
    CHECK(longest.idle_timeout == admit::never);
    CHECK(longest.max_duration == admit::never);
    CHECK(complaint_about(longest) == "");
    const limits shortest{.idle_timeout = seconds::min(), .max_duration = years{-300}};
    CHECK(shortest.idle_timeout == admit::duration::min());
    CHECK(shortest.max_duration == admit::duration::min());
    CHECK(admit::saturating_duration{years{292}} == years{292});
    CHECK(admit::saturating_duration{9'223'372'036s} == 9'223'372'036s);
    CHECK(admit::saturating_duration{9'223'372'037s} == admit::never);
    CHECK(admit::saturating_duration{-9'223'372'036s} == -9'223'372'036s);
    CHECK(admit::saturating_duration{-9'223'372'037s} == admit::duration::min());
    CHECK(admit::saturating_duration{narrow{255}} == 255s);
    CHECK(admit::saturating_duration{wide{UINT64_MAX}} == admit::never);
    CHECK(admit::saturating_duration{wide{5}} == 5ns);
}

TEST_CASE("a time in the limits is a duration in every other way") {
    static_assert(std::is_convertible_v<std::chrono::minutes, admit::saturating_duration>);
    static_assert(
        !std::is_convertible_v<std::chrono::duration<double>, admit::saturating_duration>);
    static_assert(
        !std::is_convertible_v<std::chrono::duration<long, std::pico>, admit::saturating_duration>);
    static_assert(!std::is_convertible_v<int, admit::saturating_duration>);
    static_assert(std::is_trivially_copyable_v<limits> && std::is_aggregate_v<limits>);
    limits changed;
    changed.idle_timeout = 2min;
    changed.idle_timeout += 30s;
    const admit::duration length = changed.idle_timeout;
    CHECK(length.count() == changed.idle_timeout.count());
    CHECK(changed.idle_timeout == 150s);
    CHECK(changed.idle_timeout < changed.max_duration);
    CHECK(changed.idle_timeout + 1s == 151s);
    CHECK(2 * changed.idle_timeout == 5min);
    CHECK(changed.idle_timeout / 50s == 3);
    CHECK(std::chrono::duration_cast<std::chrono::minutes>(changed.idle_timeout) == 2min);
    CHECK(admit::time_point{} + changed.idle_timeout == admit::time_point{150s});
    CHECK(admit::saturating_duration{} == 0s);
    changed.idle_timeout = length - 50s;
    CHECK(changed == limits{.idle_timeout = 100s});
}

TEST_CASE("an engine refuses bad limits, at first and later") {
    const limits bad{.max_concurrent = 2'000'001};
    CHECK_THROWS_AS(admit::engine{bad}, std::invalid_argument);
    admit::engine engine;
    CHECK_THROWS_AS(engine.set_limits(bad), std::invalid_argument);
    CHECK(engine.limits() == limits{});
}

TEST_CASE("the defaults with a lower max_concurrent alone work") {
    admit::engine engine{limits{.max_concurrent = 2}};
    const auto first = engine.try_admit("a");
    const auto second = engine.try_admit("a");
    CHECK(first);
    CHECK(second);
    CHECK(engine.try_admit("a").error() == admit::errc::global_limit);
    engine.set_limits(limits{.max_concurrent = 1});
    CHECK(engine.limits() == limits{.max_concurrent = 1});
    CHECK(engine.active_count() == 2);
}

TEST_CASE("a limit of 0 rejects by its reason, and makes retry_after never") {
    admit::engine engine{limits{.max_concurrent = 0}};
    CHECK(engine.try_admit("a").error() == admit::errc::global_limit);
    CHECK(engine.try_admit(engine.key("a")).error() == admit::errc::global_limit);
    CHECK(engine.retry_after("a") == admit::never);
    engine.set_limits(limits{.max_per_user = 0});
    CHECK(engine.try_admit("a").error() == admit::errc::user_limit);
    CHECK(engine.try_admit(engine.key("a")).error() == admit::errc::user_limit);
    CHECK(engine.retry_after("a") == admit::never);
    CHECK(engine.stats().users == 0);
    engine.set_limits(limits{.max_concurrent = 0, .max_per_user = 0});
    CHECK(engine.try_admit("a").error() == admit::errc::global_limit);
    engine.set_limits(limits{.max_concurrent = 1});
    CHECK(engine.retry_after("a") == 0ns);
    const auto permit = engine.try_admit("a");
    REQUIRE(permit);
    CHECK(engine.retry_after("a") > 0ns);
    engine.set_limits(limits{.max_concurrent = 0});  // "a" goes on
    CHECK(engine.active_count() == 1);
    CHECK(engine.retry_after("a") == admit::never);
    engine.set_limits(limits{.max_per_user = 0});
    CHECK(engine.try_admit("a").error() == admit::errc::user_limit);
    CHECK(engine.retry_after("a") == admit::never);
    CHECK(engine.retry_after("b") == admit::never);
    CHECK(engine.stats().rejected.user_limit == 3);
    CHECK(engine.stats().rejected.global_limit == 3);
}

TEST_CASE("the smallest limits work") {
    admit::engine engine{{.max_concurrent = 1, .max_per_user = 1, .idle_timeout = 1ns}};
    auto permit = engine.try_admit("a");
    REQUIRE(permit);
    CHECK(engine.try_admit("b").error() == admit::errc::global_limit);
    CHECK(permit->end());
    CHECK(engine.try_admit("b").has_value());
}
