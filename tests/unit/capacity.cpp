// SPDX-License-Identifier: BSL-1.0
// An engine admits exactly as many as its limit says, at every size.
#include <admit/engine.hpp>
#include <cstdint>
#include <memory>
#include <random>
#include <unordered_set>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/resident_memory.hpp"
#include "support/sanitizers.hpp"

using admit::errc;
using admit::permit;
using support::counts;
using support::rejection;
using support::user_number;

namespace {

/// Fills an engine of that size and checks that it is exactly full, also after any one has ended.
void fill_exactly(std::size_t size, unsigned ends) {
    CAPTURE(size);
    admit::engine engine{counts(size, 1)};
    std::vector<admit::conversation_id> ids;
    ids.reserve(size);
    std::vector<bool> slots(size + 100'000);
    for (std::size_t i = 0; i < size; ++i) {
        auto one = engine.try_admit(user_number(i));
        REQUIRE(one.has_value());
        ids.push_back(one->detach());
        if (ids.back().slot >= slots.size()) slots.resize(ids.back().slot + 1);
        REQUIRE_FALSE(slots[ids.back().slot]);
        slots[ids.back().slot] = true;
    }
    CHECK(rejection(engine, "late") == errc::global_limit);
    CHECK(engine.active_count() == size);
    CHECK(engine.stats().users == size);
    std::mt19937_64 random{size};
    for (unsigned i = 0; i < ends; ++i) {
        auto& any = ids[random() % size];
        REQUIRE(engine.end(any));
        auto next = engine.try_admit("next" + std::to_string(i));
        REQUIRE(next.has_value());
        CHECK(next->id().slot == any.slot);  // the only free one
        CHECK(rejection(engine, "late") == errc::global_limit);
        any = next->detach();
    }
    CHECK(engine.active_count() == size);
    CHECK(engine.stats().admitted == size + ends);
}

}  // namespace

TEST_CASE("exactly as many are admitted as the limit says, at every size") {
    for (const std::size_t size :
         {1UL,    2UL,    3UL,    7UL,      8UL,      9UL,     31UL,   32UL,
          33UL,   192UL,  193UL,  255UL,    256UL,    257UL,   1984UL, 1985UL,
          2048UL, 2049UL, 4096UL, 32'704UL, 32'705UL, 70'000UL})
        fill_exactly(size, 50);
}

TEST_CASE("the first rejection says that the engine is full, whatever the user's own reason") {
    for (const std::size_t size : {1UL, 20UL, 300UL, 2500UL, 40'000UL}) {
        CAPTURE(size);
        admit::engine engine{counts(size, 1)};
        const auto held = support::admit_strangers(engine, size);
        REQUIRE(held.size() == size);
        const auto user = engine.conversations().front().user;  // at its limit
        CHECK(rejection(engine, user) == errc::global_limit);
    }
}

TEST_CASE("every size up to three groups is exact") {
    for (std::size_t size = 1; size <= support::repetitions(600UL, 100UL); ++size) {
        CAPTURE(size);
        admit::engine engine{counts(size, 1)};
        CHECK(support::admit_strangers(engine, size + 10).size() == size);
    }
}

TEST_CASE("the largest engine is exact" * doctest::skip(support::sanitized)) {
    fill_exactly(admit::limits::most_concurrent, 1000);
}

TEST_CASE("a small engine in the memory of a large one is exact") {
    { const admit::engine large{counts(50'000, 1)}; }
    for (const std::size_t size : {1UL, 20UL, 300UL}) fill_exactly(size, 20);
}
