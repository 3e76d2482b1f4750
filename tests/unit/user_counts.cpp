// SPDX-License-Identifier: BSL-1.0
// The table that counts users, and the tables that a growing limit leaves behind.
#include "users/user_counts.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "support/sanitizers.hpp"
#include "support/threads.hpp"

using admit::core::lane;
using admit::core::lanes_per_bucket;
using admit::core::user_counts;
using admit::core::user_table;
using admit::core::user_tag;
using charge_status = user_table::charge_status;

namespace {

/// The n-th tag (from 0 on) with that home, in a table of that many buckets.
user_tag tag_at(std::uint64_t home, std::uint64_t buckets, std::uint64_t n) {
    const std::uint64_t first =
        std::numeric_limits<std::uint64_t>::max() / buckets * home + 2 * home;
    return first + n + 1;
}

lane* charged(user_table& table, user_tag user, std::uint32_t limit = 1) {
    const auto result = table.charge(user, limit);
    CHECK(result.what == charge_status::charged);
    return result.where;
}

/// Whether two lanes are in one bucket, which is a cache line.
bool same_bucket(const lane* a, const lane* b) {
    return reinterpret_cast<std::uintptr_t>(a) / 64 == reinterpret_cast<std::uintptr_t>(b) / 64;
}

}  // namespace

TEST_CASE("a user is counted up to the limit and back") {
    user_table table{30, nullptr};
    CHECK(table.state_of(5).count() == 0);
    CHECK(table.charge_near(5, 2).what == charge_status::not_here);
    lane* const where = charged(table, 5, 2);
    CHECK(table.charge_near(5, 2).where == where);
    CHECK(table.charge_near(5, 2).what == charge_status::at_limit);
    CHECK(table.charge(5, 2).what == charge_status::at_limit);
    CHECK(table.state_of(5).count() == 2);
    CHECK(table.users() == 1);
    where->discharge();
    where->discharge();
    CHECK(table.state_of(5).count() == 0);
    CHECK(table.users() == 0);
    CHECK(table.charge_near(5, 2).where == where);  // a returning user finds the lane kept
}

TEST_CASE("users of one home overflow into its neighbours, and round the end") {
    constexpr std::size_t buckets = 8;
    user_table table{buckets * lanes_per_bucket, nullptr};
    constexpr std::size_t users = 8 * lanes_per_bucket;
    std::map<lane*, user_tag> lanes;
    for (std::size_t i = 0; i < users; ++i) {
        const user_tag user = tag_at(buckets - 2, buckets, i);
        lanes[charged(table, user)] = user;
        for (std::size_t j = 0; j <= i; ++j)
            CHECK(table.charge(tag_at(buckets - 2, buckets, j), 1).what == charge_status::at_limit);
    }
    CHECK(lanes.size() == users);
    CHECK(table.users() == users);
    CHECK(table.charge(tag_at(0, buckets, 1), 1).what == charge_status::no_room);
    for (const auto& [where, user] : lanes) {
        CHECK(table.state_of(user).count() == 1);
        where->discharge();
        CHECK(table.state_of(user).count() == 0);
    }
    for (std::size_t i = 0; i < users; ++i) charged(table, tag_at(0, buckets, i));
}

TEST_CASE("a full table has room again wherever a user leaves") {
    constexpr std::size_t buckets = 5;
    user_table table{buckets * lanes_per_bucket, nullptr};
    std::vector<lane*> lanes;
    for (std::size_t i = 0; i < buckets * lanes_per_bucket; ++i)
        lanes.push_back(charged(table, tag_at(i % buckets, buckets, i)));
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        const user_tag next = tag_at(3, buckets, 1000 + i);
        CHECK(table.charge(next, 1).what == charge_status::no_room);
        lanes[i]->discharge();
        CHECK(charged(table, next) == lanes[i]);
    }
}

TEST_CASE("a user who is away loses the lane to another when there is no better one") {
    user_table table{lanes_per_bucket, nullptr};
    std::vector<lane*> lanes;
    for (user_tag user = 1; user <= lanes_per_bucket; ++user) lanes.push_back(charged(table, user));
    lanes[0]->discharge();
    CHECK(charged(table, 100) == lanes[0]);
    CHECK(table.state_of(1).count() == 0);
    CHECK(table.charge(1, 1).what == charge_status::no_room);
    lanes[1]->discharge();
    CHECK(charged(table, 1) == lanes[1]);
    CHECK(table.state_of(2).count() == 0);
}

TEST_CASE("a user who was bound far from home comes back near once displaced") {
    constexpr std::size_t buckets = 4;
    user_table table{buckets * lanes_per_bucket, nullptr};
    std::vector<lane*> near;
    for (std::size_t i = 0; i < lanes_per_bucket; ++i)
        near.push_back(charged(table, tag_at(1, buckets, i)));
    const user_tag distant = tag_at(1, buckets, 50);
    lane* const far = charged(table, distant, 5);
    CHECK_FALSE(same_bucket(far, near[0]));
    CHECK(table.charge_near(distant, 5).what == charge_status::not_here);
    CHECK(charged(table, distant, 5) == far);  // one count, not two
    CHECK(table.state_of(distant).count() == 2);
    far->discharge();
    far->discharge();
    // The neighbours fill their own bucket, and with it the lane.
    std::vector<lane*> neighbours;
    for (std::size_t i = 0; i < lanes_per_bucket; ++i)
        neighbours.push_back(charged(table, tag_at(2, buckets, i)));
    CHECK(table.state_of(distant).count() == 0);
    for (lane* each : near) each->discharge();
    CHECK(same_bucket(charged(table, distant), near[0]));
    CHECK(table.state_of(distant).count() == 1);
}

TEST_CASE("a table left behind counts the users it has and binds no user") {
    constexpr std::size_t buckets = 4;
    user_table table{buckets * lanes_per_bucket, nullptr};
    const user_tag known = tag_at(2, buckets, 0);
    const user_tag unknown = tag_at(2, buckets, 1);
    lane* const where = charged(table, known);
    CHECK(table.charge_last(unknown, 3).what == charge_status::not_here);
    CHECK(table.charge(unknown, 3).what == charge_status::closed);
    CHECK(table.charge_last(known, 3).where == where);
    CHECK(table.charge_last(known, 2).what == charge_status::at_limit);
    CHECK(table.state_of(known).count() == 2);
    where->discharge();
    where->discharge();
    // Without a count the user is gone from here, for good.
    CHECK(table.charge_last(known, 3).what == charge_status::not_here);
    CHECK(table.charge_near(known, 3).what == charge_status::not_here);
    CHECK(table.charge(known, 3).what == charge_status::closed);
    CHECK(table.users() == 0);
}

TEST_CASE("a user counted before a growth has that one count after it") {
    user_counts counts;
    counts.prepare(10);
    const auto first = counts.charge(7, 3);
    CHECK(first.what == charge_status::charged);
    for (const std::size_t size : {10'000UL, 100'000UL}) {
        counts.prepare(size);
        const auto again = counts.charge(7, 2);
        CHECK(again.what == charge_status::charged);
        CHECK(again.where == first.where);
        CHECK(counts.charge(7, 2).what == charge_status::at_limit);
        CHECK(counts.state_of(7).count() == 2);
        CHECK(counts.users() == 1);
        again.where->discharge();
    }
    first.where->discharge();
    const auto moved = counts.charge(7, 1);
    CHECK(moved.what == charge_status::charged);
    CHECK(moved.where != first.where);  // in the newest table now
    CHECK(counts.charge(7, 1).what == charge_status::at_limit);
    CHECK(counts.users() == 1);
    moved.where->discharge();
    counts.clear();
}

TEST_CASE("random counting agrees with a map, through several growths") {
    const std::uint64_t first = std::random_device{}();
    for (std::uint64_t seed = first; seed < first + support::repetitions(10, 2); ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random{seed};
        user_counts counts;
        std::size_t room = 50;
        counts.prepare(room);
        struct counted {
            user_tag user;
            lane* where;
        };
        std::vector<counted> all;
        std::map<user_tag, std::uint32_t> model;
        for (int step = 0; step < 30'000; ++step) {
            if (random() % 10'000 == 0) counts.prepare(room *= 4);
            // Few homes, so that they overflow.
            const user_tag user = tag_at(random() % 3, 3, random() % 60);
            if (random() % 2 == 0 && all.size() < 1000) {
                const std::uint32_t limit = 1 + static_cast<std::uint32_t>(random() % 4);
                const auto result = counts.charge(user, limit);
                const bool expected = model[user] < limit;
                REQUIRE(result.what ==
                        (expected ? charge_status::charged : charge_status::at_limit));
                if (!expected) continue;
                ++model[user];
                all.push_back({user, result.where});
            } else if (!all.empty()) {
                std::swap(all[static_cast<std::size_t>(random() % all.size())], all.back());
                all.back().where->discharge();
                --model[all.back().user];
                all.pop_back();
            }
            REQUIRE(counts.state_of(user).count() == model[user]);
        }
        std::size_t users = 0;
        for (const auto& [user, count] : model) users += count != 0 ? 1 : 0;
        CHECK(counts.users() == users);
    }
}

TEST_CASE("several threads never count a user twice, while tables grow") {
    constexpr unsigned users = 40;
    constexpr std::uint32_t limit = 2;
    for (int round = 0; round < support::repetitions(20, 3); ++round) {
        user_counts counts;
        counts.prepare(10);
        std::array<std::atomic<std::uint32_t>, users> outside{};
        std::atomic<unsigned> wrong{0};
        support::run_together(4, [&](unsigned thread) {
            std::mt19937_64 random{thread};
            if (thread == 0)
                for (std::size_t size = 1000; size <= 300'000; size *= 3) counts.prepare(size);
            for (int i = 0; i < 20'000; ++i) {
                const auto number = static_cast<std::size_t>(random() % users);
                // All of one home.
                const auto result = counts.charge(number + 1, limit);
                if (result.what == charge_status::at_limit) continue;
                if (result.what != charge_status::charged || ++outside[number] > limit) ++wrong;
                --outside[number];
                result.where->discharge();
            }
        });
        CHECK(wrong == 0);
        CHECK(counts.users() == 0);
    }
}
