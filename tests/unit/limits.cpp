#include "engine/limits.hpp"

#include <admit/engine.hpp>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/printing.hpp"

using admit::limits;
using namespace std::chrono_literals;

namespace {

/// Why limits are refused; empty if they are not.
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

TEST_CASE("max_concurrent is 1 to 2,000,000") {
    for (const std::size_t good : {1UL, 2UL, 255UL, 256UL, 1'999'999UL, 2'000'000UL}) {
        CAPTURE(good);
        CHECK(complaint_about({.max_concurrent = good, .max_per_user = 1}) == "");
    }
    for (const std::size_t bad : {0UL, 2'000'001UL, 1UL << 32, SIZE_MAX - 1, SIZE_MAX}) {
        const std::string complaint = complaint_about({.max_concurrent = bad, .max_per_user = 1});
        CAPTURE(complaint);
        CHECK(names_all(complaint, {"max_concurrent", std::to_string(bad), "1 to 2000000"}));
    }
}

TEST_CASE("max_per_user is 1 to max_concurrent") {
    for (const std::size_t all : {1UL, 2UL, 20UL, 2'000'000UL})
        for (const std::size_t good : {std::size_t{1}, (all + 1) / 2, all}) {
            CAPTURE(all);
            CAPTURE(good);
            CHECK(complaint_about({.max_concurrent = all, .max_per_user = good}) == "");
        }
    for (const std::size_t bad : {0UL, 21UL, (1UL << 32) + 1, SIZE_MAX}) {
        const std::string complaint = complaint_about({.max_concurrent = 20, .max_per_user = bad});
        CAPTURE(complaint);
        CHECK(names_all(complaint, {"max_per_user", std::to_string(bad), "1 to 20"}));
    }
}

TEST_CASE("a timeout is more than nothing, up to never") {
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

TEST_CASE("an engine refuses bad limits, at first and later") {
    const limits bad{.max_concurrent = 0};
    CHECK_THROWS_AS(admit::engine{bad}, std::invalid_argument);
    admit::engine engine;
    CHECK_THROWS_AS(engine.set_limits(bad), std::invalid_argument);
    CHECK(engine.limits() == limits{});
}

TEST_CASE("the smallest limits work") {
    admit::engine engine{{.max_concurrent = 1, .max_per_user = 1, .idle_timeout = 1ns}};
    auto permit = engine.try_admit("a");
    REQUIRE(permit);
    CHECK(engine.try_admit("b").error() == admit::errc::global_limit);
    CHECK(permit->end());
    CHECK(engine.try_admit("b").has_value());
}
