// SPDX-License-Identifier: BSL-1.0
// User ids that were chosen to collide cost no more than others: the hash has a secret key. Under a
// known key the same ids do collide, which shows that the measurement can tell.
#include <doctest/doctest.h>

#include <admit/engine.hpp>
#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "support/engines.hpp"
#include "support/sanitizers.hpp"
#include "users/siphash.hpp"
#include "users/user_counts.hpp"

using admit::core::hash_key;
using admit::core::siphash13;
using admit::core::user_counts;

namespace {

constexpr std::size_t users = 300;

/// The first ids, of equal lengths, that `wanted` accepts.
template <class Wanted>
std::vector<std::string> ids_that(Wanted wanted) {
    std::vector<std::string> found;
    for (std::size_t n = 10'000'000; found.size() < users; ++n) {
        std::string id = "@" + std::to_string(n) + ":example.org";
        if (wanted(id)) found.push_back(std::move(id));
    }
    return found;
}

std::vector<std::string> random_ids() {
    return ids_that([](const std::string&) { return true; });
}

/// Ids with hashes under this key that agree in the uppermost bits, by which a table places them.
std::vector<std::string> ids_against(const hash_key& key) {
    return ids_that([&](const std::string& id) { return siphash13::hash(key, id) >> 55 == 0; });
}

/// The shortest of many times that `work` takes.
template <class Work>
double least_seconds(Work work) {
    double least = std::numeric_limits<double>::max();
    for (int i = 0; i < support::repetitions(60, 10); ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        least = std::min(least, took.count());
    }
    return least;
}

/// All of these users are admitted, rejected once, and end.
double seconds_of(admit::engine& engine, const std::vector<std::string>& ids) {
    std::vector<admit::permit> held(ids.size());
    return least_seconds([&] {
        for (std::size_t i = 0; i < ids.size(); ++i) held[i] = engine.try_admit(ids[i]).value();
        for (const std::string& id : ids) static_cast<void>(engine.try_admit(id));
        for (admit::permit& each : held) each = admit::permit{};
    });
}

/// The same with the table of counts alone, under a key that is known.
double seconds_under(const hash_key& key, const std::vector<std::string>& ids) {
    const auto counts = std::make_unique<user_counts>();
    counts->prepare(2 * users);
    std::vector<admit::core::lane*> lanes;
    return least_seconds([&] {
        for (const std::string& id : ids)
            lanes.push_back(counts->charge(siphash13::hash(key, id), 1).where);
        for (admit::core::lane* each : lanes) each->discharge();
        lanes.clear();
    });
}

}  // namespace

TEST_CASE("crafted ids cost at most 1.5 times what random ones do") {
    admit::engine engine{support::counts(2 * users, 1)};
    const double usual = seconds_of(engine, random_ids());
    const double crafted = seconds_of(engine, ids_against({}));
    MESSAGE("crafted ids take ", crafted / usual, " times as long as random ones");
    CHECK(crafted <= 1.5 * usual);
    CHECK(engine.stats().rejected.user_limit > 0);
}

TEST_CASE("against a key that is known crafted ids would cost more") {
    const double usual = seconds_under({}, random_ids());
    const double crafted = seconds_under({}, ids_against({}));
    MESSAGE("under a known key they take ", crafted / usual, " times as long");
    CHECK(crafted > 1.5 * usual);
}
