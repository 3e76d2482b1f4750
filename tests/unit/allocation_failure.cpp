// SPDX-License-Identifier: BSL-1.0
// Each allocation fails once: the operation then fails as a whole, and changes nothing.
#include <admit/engine.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "state/engine_registry.hpp"
#include "support/allocations.hpp"
#include "support/engines.hpp"
#include "support/printing.hpp"

using admit::permit;
using support::admit_strangers;
using support::counts;
using support::allocations::survives_failure;

namespace {

/// Engines that stay alive, so that the next engine finds no memory to reuse and makes all of its
/// allocations.
std::vector<std::unique_ptr<admit::engine>> kept;

/// The number of engine states that are in use, so that another pin succeeds.
std::size_t cores_in_use() {
    std::size_t found = 0;
    admit::core::engine_registry::for_each([&](admit::core::engine_core& core) {
        if (!core.lifetime.try_pin()) return;
        ++found;
        CHECK_FALSE(core.lifetime.unpin());
    });
    return found;
}

}  // namespace

TEST_CASE("an engine leaves nothing in use when its n-th allocation fails") {
    std::uint64_t nth = 1;
    for (;; ++nth) {
        std::optional<admit::engine> engine;
        if (survives_failure(nth, [&] { engine.emplace(counts(5000, 2)); })) break;
        CHECK_FALSE(engine);
        // The next engine reuses the memory that was allocated.
        kept.push_back(std::make_unique<admit::engine>(counts(5000, 2)));
        CHECK(admit_strangers(*kept.back(), 5001).size() == 5000);
        CHECK(kept.back()->stats().ended.total() == 5000);
        REQUIRE(nth < 1000);
    }
    CHECK(nth > 20);  // 20 groups of slots at least
}

TEST_CASE("the memory of an engine that could not be made is free for reuse") {
    std::optional<admit::engine> engine{counts(10, 2)};
    const auto before = cores_in_use();
    engine.reset();
    for (std::uint64_t nth = 1;; ++nth) {
        REQUIRE(nth < 1000);
        const bool made = survives_failure(nth, [&] { engine.emplace(counts(5000, 2)); });
        CHECK(cores_in_use() == before - (made ? 0 : 1));
        if (made) break;
    }
}

TEST_CASE("a raise changes nothing when its n-th allocation fails") {
    std::uint64_t nth = 1;
    for (bool failed = true; failed; ++nth) {
        REQUIRE(nth < 1000);
        kept.push_back(std::make_unique<admit::engine>(counts(10, 2)));
        admit::engine& engine = *kept.back();
        const auto held = admit_strangers(engine, 7);
        failed = !survives_failure(nth, [&] { engine.set_limits(counts(5000, 1)); });
        const std::size_t limit = failed ? 10 : 5000;
        CHECK(engine.limits() == (failed ? counts(10, 2) : counts(5000, 1)));
        CHECK(engine.active_count() == 7);
        CHECK(engine.stats().users == 7);
        CHECK(engine.try_admit("user0").has_value() == failed);
        {
            std::vector<permit> more;
            for (std::size_t i = 7; i < limit; ++i)
                more.push_back(engine.try_admit(support::user_number(i)).value());
            CHECK(engine.try_admit("late").error() == admit::errc::global_limit);
        }
        engine.set_limits(counts(5000, 1));
        CHECK(engine.active_count() == 7);
        CHECK(engine.try_admit("user0").error() == admit::errc::user_limit);
        std::vector<permit> more;
        for (std::size_t i = 7; i < 5000; ++i)
            more.push_back(engine.try_admit(support::user_number(i)).value());
        CHECK(engine.try_admit("late").error() == admit::errc::global_limit);
    }
    CHECK(nth > 20);
}

TEST_CASE("bad limits and failing allocations at once change nothing") {
    admit::engine engine{counts(10, 2)};
    for (std::uint64_t nth = 1; nth <= 6; ++nth) {
        bool refused = false;
        try {
            // Without memory for the message, the exception is std::bad_alloc.
            refused = !survives_failure(nth, [&] { engine.set_limits(counts(2'000'001, 2)); });
        } catch (const std::invalid_argument&) {
            refused = true;
        }
        CHECK(refused);
        CHECK(engine.limits() == counts(10, 2));
    }
}

TEST_CASE("a key that cannot be made changes nothing") {
    admit::engine engine{counts(10, 2)};
    const std::string long_id(200, 'x');
    CHECK_FALSE(survives_failure(1, [&] { static_cast<void>(engine.key(long_id)); }));
    CHECK(survives_failure(2, [&] { static_cast<void>(engine.key(long_id)); }));
    CHECK(engine.try_admit(engine.key(long_id)));
    CHECK(engine.stats().admitted == 1);
}

TEST_CASE("a listing that cannot be made changes nothing") {
    admit::engine engine{counts(100, 100)};
    std::vector<permit> held;
    for (std::size_t i = 0; i < 20; ++i)
        held.push_back(engine.try_admit(std::string(100 + i % 2, 'x')).value());
    std::vector<admit::conversation> all;
    std::vector<admit::conversation> of_user;
    std::uint64_t nth = 1;
    while (!survives_failure(nth, [&] { all = engine.conversations(); })) ++nth;
    CHECK(nth > 20);
    nth = 1;
    while (!survives_failure(nth, [&] { of_user = engine.conversations(std::string(100, 'x')); }))
        ++nth;
    CHECK(nth > 10);
    CHECK(all.size() == 20);
    CHECK(of_user.size() == 10);
    CHECK(engine.active_count() == 20);
    for (permit& each : held) CHECK(each.end());
    CHECK(engine.stats().users == 0);
}
