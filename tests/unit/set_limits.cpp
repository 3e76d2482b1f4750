// SPDX-License-Identifier: BSL-1.0
#include <admit/engine.hpp>
#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/sanitizers.hpp"

using admit::errc;
using admit::permit;
using support::admit_strangers;
using support::counts;
using support::rejection;
using support::user_number;
using namespace std::chrono_literals;

namespace {

/// Ends all but `left` of the permits.
void end_down_to(std::vector<permit>& permits, std::size_t left) {
    while (permits.size() > left) permits.pop_back();
}

/// The sequential engine: what every call must answer while no other call is under way.
class sequential_model {
public:
    explicit sequential_model(admit::limits limits) : limits_{limits} {}

    boost::system::error_code admit(const std::string& user) {
        const auto reason = judge(user);
        if (!reason) {
            ++active_;
            ++admitted_;
            ++of_user_[user];
        } else {
            ++rejected_;
        }
        return reason;
    }

    void end(const std::string& user) {
        --active_;
        const auto found = of_user_.find(user);
        if (--found->second == 0) of_user_.erase(found);
    }

    void set_limits(const admit::limits& limits) { limits_ = limits; }
    void close() { closed_ = true; }

    std::size_t active() const { return active_; }
    std::size_t users() const { return of_user_.size(); }
    std::uint64_t admitted() const { return admitted_; }
    std::uint64_t rejected() const { return rejected_; }
    std::size_t active_of(const std::string& user) const {
        const auto found = of_user_.find(user);
        return found == of_user_.end() ? 0 : found->second;
    }

private:
    boost::system::error_code judge(const std::string& user) const {
        if (closed_) return errc::shutting_down;
        if (active_ >= limits_.max_concurrent) return errc::global_limit;
        if (user.empty() || user.size() > 255) return errc::invalid_user_id;
        if (active_of(user) >= limits_.max_per_user) return errc::user_limit;
        return {};
    }

    admit::limits limits_;
    std::map<std::string, std::size_t> of_user_;
    std::size_t active_ = 0;
    std::uint64_t admitted_ = 0;
    std::uint64_t rejected_ = 0;
    bool closed_ = false;
};

/// One random history on the engine and on the model. Limits are up to `largest`.
void compare_with_model(std::uint64_t seed, std::size_t largest, int steps) {
    CAPTURE(seed);
    CAPTURE(largest);
    std::mt19937_64 random{seed};
    const auto below = [&](std::size_t bound) {
        return static_cast<std::size_t>(random() % bound);
    };
    const auto some_limits = [&] {
        const std::size_t all = below(largest + 1);
        return counts(all, below(below(2) == 0 ? largest : 4));
    };
    const admit::limits first = some_limits();
    admit::engine engine{first};
    sequential_model model{first};
    struct held {
        permit handle;
        std::string user;
    };
    std::vector<held> active;
    // Phases of mostly admitting and mostly ending, so that it is now full and now empty.
    std::size_t eagerness = 50;
    for (int step = 0; step < steps; ++step) {
        if (below(largest) == 0) eagerness = 20 + below(70);
        const std::size_t choice = below(100);
        if (choice < 3) {
            const admit::limits next = some_limits();
            engine.set_limits(next);
            model.set_limits(next);
            REQUIRE(engine.limits() == next);
        } else if (choice < eagerness) {
            std::string user = user_number(below(1 + largest / 2));
            if (below(50) == 0) user = std::string(256 * below(2), 'x');
            auto answer =
                below(2) == 0 ? engine.try_admit(user) : engine.try_admit(engine.key(user));
            REQUIRE(answer.error() == model.admit(user));
            if (answer) active.push_back({std::move(*answer), user});
        } else if (!active.empty()) {
            std::swap(active[below(active.size())], active.back());
            REQUIRE(active.back().handle.end());
            model.end(active.back().user);
            active.pop_back();
        }
        REQUIRE(engine.active_count() == model.active());
        const std::string any_user = user_number(below(1 + largest / 2));
        REQUIRE(engine.active_count(any_user) == model.active_of(any_user));
    }
    engine.close();
    model.close();
    CHECK(rejection(engine, "late") == model.admit("late"));
    const auto stats = engine.stats();
    CHECK(stats.active == model.active());
    CHECK(stats.users == model.users());
    CHECK(stats.admitted == model.admitted());
    CHECK(stats.rejected.total() == model.rejected());
    CHECK(stats.ended.total() == model.admitted() - model.active());
}

}  // namespace

TEST_CASE("a raised limit admits that many more") {
    admit::engine engine{counts(3, 1)};
    auto permits = admit_strangers(engine, 10);
    CHECK(permits.size() == 3);
    CHECK(rejection(engine, "late") == errc::global_limit);
    engine.set_limits(counts(5, 1));
    const permit fourth = engine.try_admit("fourth").value();
    const permit fifth = engine.try_admit("fifth").value();
    CHECK(rejection(engine, "late") == errc::global_limit);
}

TEST_CASE("a limit below what is active ends no conversation, and admits none") {
    for (const std::size_t size : {10UL, 300UL, 3000UL}) {
        CAPTURE(size);
        const std::size_t low = size / 5;
        admit::engine engine{counts(size, 1)};
        auto permits = admit_strangers(engine, size);
        engine.set_limits(counts(low, 1));
        CHECK(engine.active_count() == size);
        CHECK(engine.stats().active == size);
        for (permit& each : permits) CHECK(each.touch());
        while (permits.size() > low) {
            REQUIRE(rejection(engine, "late") == errc::global_limit);
            permits.pop_back();
        }
        REQUIRE(rejection(engine, "late") == errc::global_limit);
        permits.pop_back();
        const permit next = engine.try_admit("late").value();
        CHECK(rejection(engine, "later") == errc::global_limit);
        CHECK(engine.active_count() == low);
        permits.clear();
    }
}

TEST_CASE("lowered and raised again before anything ended, the old limit holds again") {
    admit::engine engine{counts(10, 1)};
    auto permits = admit_strangers(engine, 8);
    engine.set_limits(counts(2, 1));
    CHECK(rejection(engine, "late") == errc::global_limit);
    engine.set_limits(counts(10, 1));
    const permit ninth = engine.try_admit("ninth").value();
    const permit tenth = engine.try_admit("tenth").value();
    CHECK(rejection(engine, "late") == errc::global_limit);
    engine.set_limits(counts(1, 1));
    end_down_to(permits, 3);
    engine.set_limits(counts(7, 1));
    const permit sixth = engine.try_admit("sixth").value();
    const permit seventh = engine.try_admit("seventh").value();
    CHECK(rejection(engine, "late") == errc::global_limit);
}

TEST_CASE("a limit lowered to what is active, or above it, is full or has room at once") {
    admit::engine engine{counts(100, 1)};
    auto permits = admit_strangers(engine, 40);
    engine.set_limits(counts(41, 1));
    {
        const permit last = engine.try_admit("last").value();
        CHECK(rejection(engine, "late") == errc::global_limit);
    }
    engine.set_limits(counts(40, 1));
    CHECK(rejection(engine, "late") == errc::global_limit);
    permits.pop_back();
    CHECK(rejection(engine, "late") == boost::system::error_code{});
}

TEST_CASE("a user's limit moves both ways under the user's conversations") {
    admit::engine engine{counts(20, 4)};
    std::vector<permit> alices;
    for (int i = 0; i < 4; ++i) alices.push_back(engine.try_admit("alice").value());
    engine.set_limits(counts(20, 2));
    CHECK(engine.active_count("alice") == 4);
    while (alices.size() > 1) {
        CHECK(rejection(engine, "alice") == errc::user_limit);
        alices.pop_back();
    }
    alices.push_back(engine.try_admit("alice").value());
    CHECK(rejection(engine, "alice") == errc::user_limit);
    engine.set_limits(counts(20, 5));
    for (int i = 0; i < 3; ++i) alices.push_back(engine.try_admit("alice").value());
    CHECK(rejection(engine, "alice") == errc::user_limit);
}

TEST_CASE("a user counted before the engine grew has one count afterwards") {
    admit::engine engine{counts(4, 2)};
    std::vector<permit> alices;
    alices.push_back(engine.try_admit("alice").value());
    for (const std::size_t size : {100UL, 10'000UL, 100'000UL}) {
        engine.set_limits(counts(size, 2));
        CHECK(engine.active_count("alice") == 1);
        alices.push_back(engine.try_admit("alice").value());
        CHECK(rejection(engine, "alice") == errc::user_limit);
        CHECK(engine.active_count("alice") == 2);
        CHECK(engine.stats().users == 1);
        alices.erase(alices.begin());  // the older of the two
    }
    alices.clear();
    CHECK(engine.stats().users == 0);
    alices.push_back(engine.try_admit("alice").value());
    alices.push_back(engine.try_admit("alice").value());
    CHECK(rejection(engine, "alice") == errc::user_limit);
}

TEST_CASE("limits go from 1 to 100,000 and back, several times") {
    admit::engine engine{counts(1, 1)};
    for (int round = 0; round < support::repetitions(2, 1); ++round) {
        engine.set_limits(counts(100'000, 2));
        auto permits = admit_strangers(engine, 100'001);
        REQUIRE(permits.size() == 100'000);
        CHECK(rejection(engine, "late") == errc::global_limit);
        engine.set_limits(counts(1, 1));
        end_down_to(permits, 1);
        CHECK(rejection(engine, "late") == errc::global_limit);
        permits.clear();
        const permit only = engine.try_admit("only").value();
        CHECK(rejection(engine, "late") == errc::global_limit);
        CHECK(engine.stats().users == 1);
    }
}

TEST_CASE("one user may have as many as the engine") {
    constexpr std::size_t size = 100'000;
    admit::engine engine{counts(size, size)};
    std::vector<permit> permits;
    for (std::size_t i = 0; i < size; ++i) permits.push_back(engine.try_admit("alice").value());
    CHECK(engine.active_count("alice") == size);
    CHECK(engine.stats().users == 1);
    CHECK(rejection(engine, "alice") == errc::global_limit);
    permits.pop_back();
    engine.set_limits(counts(size, size - 1));
    CHECK(rejection(engine, "alice") == errc::user_limit);
    permits.clear();
    CHECK(engine.active_count("alice") == 0);
}

TEST_CASE("bad limits leave everything as it was") {
    admit::engine engine{{.max_concurrent = 5, .max_per_user = 2, .idle_timeout = 7s}};
    const admit::limits before = engine.limits();
    auto permits = admit_strangers(engine, 3);
    for (const admit::limits& bad :
         {counts(2'000'001, 1), counts(5, 2'000'001), counts(SIZE_MAX, SIZE_MAX),
          admit::limits{.max_concurrent = 100, .idle_timeout = 0s},
          admit::limits{.max_concurrent = 100, .idle_timeout = 1s, .max_duration = -1ns}}) {
        CHECK_THROWS_AS(engine.set_limits(bad), std::invalid_argument);
        CHECK(engine.limits() == before);
        CHECK(engine.active_count() == 3);
    }
    permits.push_back(engine.try_admit("fourth").value());
    permits.push_back(engine.try_admit("fifth").value());
    CHECK(rejection(engine, "late") == errc::global_limit);
}

TEST_CASE("a limit of 0 is a pause, and a raised limit ends it") {
    for (const std::size_t size : {1UL, 10UL, 3000UL}) {
        CAPTURE(size);
        admit::engine engine{counts(size, 1)};
        auto permits = admit_strangers(engine, size);
        engine.set_limits(counts(0, 1));
        CHECK(rejection(engine, "late") == errc::global_limit);
        for (permit& each : permits) CHECK(each.touch());
        permits.clear();
        CHECK(rejection(engine, "late") == errc::global_limit);
        CHECK(engine.active_count() == 0);
        engine.set_limits(counts(size, 0));
        CHECK(rejection(engine, "late") == errc::user_limit);
        engine.set_limits(counts(size, 1));
        CHECK(admit_strangers(engine, size + 1).size() == size);
    }
}

TEST_CASE("one limit is lowered alone") {
    admit::engine engine{counts(10, 5)};
    std::vector<permit> alices;
    for (int i = 0; i < 4; ++i) alices.push_back(engine.try_admit("alice").value());
    engine.set_limits(counts(3, 5));
    CHECK(engine.limits() == counts(3, 5));
    CHECK(rejection(engine, "bob") == errc::global_limit);
    end_down_to(alices, 2);
    alices.push_back(engine.try_admit("alice").value());
    CHECK(rejection(engine, "alice") == errc::global_limit);
    engine.set_limits(counts(10, 2));
    CHECK(rejection(engine, "alice") == errc::user_limit);
    CHECK(rejection(engine, "bob") == boost::system::error_code{});
}

TEST_CASE("the same limits again change nothing") {
    admit::engine engine{counts(3, 1)};
    auto permits = admit_strangers(engine, 3);
    for (int i = 0; i < 10; ++i) {
        engine.set_limits(counts(3, 1));
        CHECK(rejection(engine, "late") == errc::global_limit);
    }
    permits.pop_back();
    permits.push_back(engine.try_admit("late").value());
    CHECK(rejection(engine, "later") == errc::global_limit);
}

TEST_CASE("random histories agree with the sequential model") {
    const std::uint64_t first = std::random_device{}();
    for (std::uint64_t seed = first; seed < first + support::repetitions(12, 3); ++seed) {
        compare_with_model(seed, 6, 3000);
        compare_with_model(seed, 40, 3000);
        compare_with_model(seed, 600, 5000);
    }
    for (std::uint64_t seed = first; seed < first + support::repetitions(2, 1); ++seed)
        compare_with_model(seed, 6000, support::repetitions(60'000, 20'000));
}
