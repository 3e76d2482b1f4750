// SPDX-License-Identifier: BSL-1.0
#include "slots/slot_pool.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "support/sanitizers.hpp"

using admit::core::slot_pool;
using admit::core::slot_ref;
using admit::core::slots_per_group;
using admit::core::spare_slots;

namespace {

void set_limits(slot_pool& pool, std::uint32_t slots) {
    pool.set_limits({.total = slots, .per_user = 1});
}

void open(slot_pool& pool, std::uint32_t slots, unsigned homes = 1) {
    pool.prepare(slots, homes, nullptr);
    set_limits(pool, slots);
}

/// Takes all free slots.
std::vector<slot_ref> take_all(slot_pool& pool, unsigned home = 0) {
    std::vector<slot_ref> slots;
    while (const slot_ref slot = pool.take(home)) slots.push_back(slot);
    return slots;
}

/// The largest number of slots for which that many groups are made.
constexpr std::uint32_t slots_for(unsigned groups) {
    return groups * slots_per_group - spare_slots;
}

}  // namespace

TEST_CASE("exactly the slots that were opened can be taken, each once") {
    for (const std::uint32_t size : {1U, 2U, 3U, 31U, 32U, 33U, 192U, 193U, 256U, 2049U, 33'000U})
        for (const unsigned homes : {1U, 2U, 3U, 8U}) {
            CAPTURE(size);
            CAPTURE(homes);
            slot_pool pool;
            open(pool, size, homes);
            const auto slots = take_all(pool, homes / 2);
            CHECK(slots.size() == size);
            std::set<std::uint32_t> numbers;
            for (const slot_ref& slot : slots) numbers.insert(slot.number());
            CHECK(numbers.size() == size);
            CHECK(pool.gate().read().full());
        }
}

TEST_CASE("in a full pool the one slot given back is found from every home") {
    for (const std::uint32_t size : {1U, 300U, 3000U, 40'000U}) {
        CAPTURE(size);
        slot_pool pool;
        open(pool, size);
        const auto slots = take_all(pool);
        std::mt19937 random{size};
        for (unsigned i = 0; i < 300; ++i) {
            const slot_ref any = slots[random() % slots.size()];
            CHECK(pool.give(any) == slot_pool::given::done);
            CHECK_FALSE(pool.gate().read().full());
            CHECK(pool.any_free(i));
            unsigned home = static_cast<unsigned>(random() % 1000);
            const slot_ref found = pool.take(home);
            REQUIRE(found);
            CHECK(found.number() == any.number());
            CHECK(home == any.group->number);
            CHECK_FALSE(pool.any_free(home));
            CHECK_FALSE(pool.take(home));
        }
    }
}

TEST_CASE("any_free establishes that the pool is full without having been refused") {
    for (const std::uint32_t size : {1U, 200U, 3000U, 40'000U}) {
        slot_pool pool;
        open(pool, size);
        unsigned home = 0;
        for (std::uint32_t i = 0; i < size; ++i) {
            if (i % 97 == 0) REQUIRE(pool.any_free(home));
            REQUIRE(pool.take(home));
        }
        CHECK_FALSE(pool.gate().read().full());
        CHECK_FALSE(pool.any_free(home));
        CHECK(pool.gate().read().full());
    }
}

TEST_CASE("the summary grows a level while all slots are taken") {
    slot_pool pool;
    open(pool, slots_for(8));
    CHECK(pool.groups().count() == 8);
    CHECK(pool.gate().read().height() == 0);
    auto held = take_all(pool);
    CHECK(held.size() == slots_for(8));
    for (const unsigned groups : {9U, 128U, 129U}) {
        const std::uint32_t wanted = slots_for(groups - 1) + 1;
        const auto more = wanted - static_cast<std::uint32_t>(held.size());
        pool.prepare(wanted, 1, nullptr);
        CHECK(pool.groups().count() == groups);
        CHECK(pool.gate().read().height() == (groups <= 128 ? 1 : 2));
        unsigned home = 0;
        CHECK_FALSE(pool.take(home));  // made room for, but not enabled
        set_limits(pool, wanted);
        const auto fresh = take_all(pool);
        CHECK(fresh.size() == more);
        held.insert(held.end(), fresh.begin(), fresh.end());
    }
    for (const slot_ref& slot : held) pool.give(slot);
    CHECK(take_all(pool).size() == held.size());
}

TEST_CASE("the summary grows a level while all slots are free") {
    slot_pool pool;
    open(pool, slots_for(8));
    const std::uint32_t large = slots_for(128) + 1;
    pool.prepare(large, 1, nullptr);
    CHECK(pool.gate().read().height() == 2);
    CHECK(take_all(pool).size() == slots_for(8));
    set_limits(pool, large);
    CHECK(take_all(pool).size() == large - slots_for(8));
}

TEST_CASE("a lowering takes free slots at once and the others as they come back") {
    for (const std::uint32_t size : {5U, 500U, 5000U}) {
        slot_pool pool;
        open(pool, size);
        std::vector<slot_ref> held;
        unsigned home = 0;
        for (std::uint32_t i = 0; i < size / 2; ++i) held.push_back(pool.take(home));
        set_limits(pool, 1);
        CHECK(pool.capacity().read().excess() == size / 2 - 1);
        CHECK_FALSE(pool.take(home));
        while (held.size() > 1) {
            pool.give(held.back());
            held.pop_back();
            REQUIRE_FALSE(pool.take(home));
        }
        CHECK(pool.capacity().read().excess() == 0);
        pool.give(held.back());
        CHECK(take_all(pool).size() == 1);
        set_limits(pool, size);
        CHECK(take_all(pool).size() == size - 1);
    }
}

TEST_CASE("raising cancels excess first") {
    slot_pool pool;
    open(pool, 100);
    const auto held = take_all(pool);
    set_limits(pool, 40);
    CHECK(pool.capacity().read().excess() == 60);
    set_limits(pool, 90);
    CHECK(pool.capacity().read().excess() == 10);
    set_limits(pool, 105);
    CHECK(pool.capacity().read().excess() == 0);
    CHECK(take_all(pool).size() == 5);
}

TEST_CASE("when the engine goes, every holder learns it, and the pool starts again") {
    slot_pool pool;
    open(pool, 3000);
    auto held = take_all(pool);
    for (int i = 0; i < 1000; ++i) {
        pool.give(held.back());
        held.pop_back();
    }
    CHECK(pool.disable_all() == 2000);
    for (const slot_ref& slot : held) CHECK(pool.give(slot) == slot_pool::given::unpin_engine);
    pool.reset(false);
    unsigned home = 0;
    CHECK_FALSE(pool.take(home));
    open(pool, 7);
    CHECK(take_all(pool).size() == 7);
}

TEST_CASE("a random history of one thread is exact at every step") {
    const std::uint64_t first = std::random_device{}();
    for (std::uint64_t seed = first; seed < first + support::repetitions(30, 5); ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random{seed};
        const auto below = [&](std::uint64_t bound) {
            return static_cast<std::uint32_t>(random() % bound);
        };
        const std::uint64_t largest = std::uint64_t{2} << below(12);
        slot_pool pool;
        std::uint32_t limit = 1 + below(largest);
        open(pool, limit, 1 + below(4));
        std::vector<slot_ref> held;
        std::uint64_t eagerness = 50;
        for (int step = 0; step < 20'000; ++step) {
            if (below(largest) == 0) eagerness = 20 + below(70);
            const std::uint32_t choice = below(200);
            if (choice == 0) {
                const std::uint32_t next = 1 + below(largest);
                pool.prepare(next, 2, nullptr);
                set_limits(pool, next);
                limit = next;
            } else if (choice % 100 < eagerness) {
                unsigned home = below(1000);
                // As the engine does: excess is disabled before a slot is taken.
                bool waiters = false;  // there are none
                const slot_ref slot = pool.shrink(home, waiters) ? pool.take(home) : slot_ref{};
                REQUIRE(static_cast<bool>(slot) == (held.size() < limit));
                if (slot) held.push_back(slot);
            } else if (!held.empty()) {
                std::swap(held[below(held.size())], held.back());
                REQUIRE(pool.give(held.back()) == slot_pool::given::done);
                held.pop_back();
            }
            const std::uint32_t excess = pool.capacity().read().excess();
            REQUIRE(excess == (held.size() > limit ? held.size() - limit : 0));
            if (step % 16 == 0) REQUIRE(pool.any_free(below(1000)) == (held.size() < limit));
        }
    }
}
