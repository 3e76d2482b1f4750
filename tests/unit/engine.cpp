// SPDX-License-Identifier: BSL-1.0
#include <admit/engine.hpp>
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/virtual_clock.hpp"

using admit::errc;
using admit::permit;
using support::admit_strangers;
using support::counts;
using support::rejection;
using support::user_number;
using support::virtual_clock;
using namespace std::chrono_literals;

namespace {

/// User ids that are one byte apart, prefixes of each other, or odd in another way.
std::vector<std::string> odd_user_ids() {
    std::vector<std::string> ids{
        std::string(1, '\0'),
        std::string(2, '\0'),
        std::string(255, '\0'),
        std::string("a\0", 2),
        std::string("a\0b", 3),
        std::string("a\0c", 3),
        "a",
        " a",
        "a ",
        "A",
        "\xFF",
        "\xFF\xFE\x80",
        "\xC3\x28",      // not UTF-8
        "\xED\xA0\x80",  // a lone surrogate
        "\xE2\x80\xAE"
        "x",  // right to left
        "\r\n",
        "@alice:example.org",
        "@alice:example.orf",
        "@alice:example.or",
        std::string(254, 'x'),
        std::string(255, 'x'),
        std::string(254, 'x') + 'y',
        'y' + std::string(254, 'x'),
        std::string(47, 'x'),
        std::string(48, 'x'),
        std::string(47, 'x') + 'y',
    };
    for (std::size_t length = 1; length <= 40; ++length) ids.emplace_back(length, 'z');
    return ids;
}

std::vector<std::string> users_in(const std::vector<admit::conversation>& lines) {
    std::vector<std::string> users;
    for (const admit::conversation& line : lines) users.push_back(line.user);
    std::sort(users.begin(), users.end());
    return users;
}

}  // namespace

TEST_CASE("the global limit admits that many and no more") {
    admit::engine engine{counts(20, 5)};
    auto permits = admit_strangers(engine, 50);
    CHECK(permits.size() == 20);
    CHECK(rejection(engine, "somebody") == errc::global_limit);
    CHECK(permits.front().end());
    const auto next = engine.try_admit("somebody");
    CHECK(next);
    CHECK(rejection(engine, "somebody else") == errc::global_limit);
}

TEST_CASE("a user's limit is that user's alone") {
    admit::engine engine{counts(20, 3)};
    std::vector<permit> alices;
    for (int i = 0; i < 3; ++i) alices.push_back(engine.try_admit("alice").value());
    CHECK(rejection(engine, "alice") == errc::user_limit);
    CHECK(rejection(engine, "bob") == boost::system::error_code{});
    CHECK(alices.back().end());
    CHECK(rejection(engine, "alice") == boost::system::error_code{});
    CHECK(engine.active_count("alice") == 2);
}

TEST_CASE("a rejected attempt leaves nothing behind") {
    admit::engine engine{counts(4, 2)};
    const permit a = engine.try_admit("alice").value();
    const permit b = engine.try_admit("alice").value();
    for (int i = 0; i < 100; ++i) CHECK(rejection(engine, "alice") == errc::user_limit);
    for (int i = 0; i < 100; ++i) CHECK(rejection(engine, "") == errc::invalid_user_id);
    const permit c = engine.try_admit("bob").value();
    const permit d = engine.try_admit("carol").value();
    for (std::size_t i = 0; i < 100; ++i)
        CHECK(rejection(engine, user_number(i)) == errc::global_limit);
    const auto stats = engine.stats();
    CHECK(stats.active == 4);
    CHECK(stats.users == 3);
    CHECK(stats.admitted == 4);
    CHECK(engine.active_count(user_number(7)) == 0);
    CHECK(engine.active_count("alice") == 2);
}

TEST_CASE("shutting_down comes before every other reason") {
    admit::engine engine{counts(1, 1)};
    const auto key = engine.key("alice");
    const permit held = engine.try_admit("alice").value();
    engine.close();
    for (const std::string user : {"alice", "bob", ""})
        CHECK(rejection(engine, user) == errc::shutting_down);
    CHECK(rejection(engine, key) == errc::shutting_down);
    CHECK(rejection(engine, admit::user_key{}) == errc::shutting_down);
}

TEST_CASE("global_limit comes before the applicant's own reasons, also to the first rejected") {
    // Around the sizes at which the pool of slots gets another level.
    for (const std::size_t size : {1UL, 2UL, 20UL, 256UL, 2048UL, 2049UL, 5000UL}) {
        CAPTURE(size);
        enum class attempt {
            invalid,
            too_long,
            at_user_limit,
            foreign_key,
            empty_key,
            key_at_limit
        };
        for (const attempt asks :
             {attempt::invalid, attempt::too_long, attempt::at_user_limit, attempt::foreign_key,
              attempt::empty_key, attempt::key_at_limit}) {
            // A new engine each time, in which no rejection has come before.
            admit::engine engine{counts(size, 1)};
            admit::engine other{counts(1, 1)};
            const auto permits = admit_strangers(engine, size);
            REQUIRE(permits.size() == size);
            const auto answer = [&] {
                switch (asks) {
                    case attempt::invalid: return rejection(engine, "");
                    case attempt::too_long: return rejection(engine, std::string(256, 'x'));
                    case attempt::at_user_limit: return rejection(engine, user_number(0));
                    case attempt::foreign_key: return rejection(engine, other.key("alice"));
                    case attempt::empty_key: return rejection(engine, admit::user_key{});
                    case attempt::key_at_limit:
                        return rejection(engine, engine.key(user_number(0)));
                }
                return boost::system::error_code{};
            };
            CHECK(answer() == errc::global_limit);
            CHECK(answer() == errc::global_limit);  // and to the second
            CHECK(engine.stats().rejected.global_limit == 2);
            CHECK(engine.stats().rejected.total() == 2);
        }
    }
}

TEST_CASE("with room, the applicant's own reason is given") {
    admit::engine engine{counts(2, 1)};
    admit::engine other{counts(1, 1)};
    const permit held = engine.try_admit("alice").value();
    CHECK(rejection(engine, "") == errc::invalid_user_id);
    CHECK(rejection(engine, other.key("alice")) == errc::invalid_user_id);
    CHECK(rejection(engine, "alice") == errc::user_limit);
    {
        const permit last = engine.try_admit("bob").value();
        CHECK(rejection(engine, "alice") == errc::global_limit);
    }
    CHECK(rejection(engine, "") == errc::invalid_user_id);
    CHECK(rejection(engine, "alice") == errc::user_limit);
}

TEST_CASE("user ids are 1 to 255 bytes long") {
    admit::engine engine{counts(5, 1)};
    CHECK(rejection(engine, "") == errc::invalid_user_id);
    CHECK(rejection(engine, std::string_view{}) == errc::invalid_user_id);
    CHECK(rejection(engine, std::string(1, 'x')) == boost::system::error_code{});
    CHECK(rejection(engine, std::string(255, 'x')) == boost::system::error_code{});
    CHECK(rejection(engine, std::string(256, 'x')) == errc::invalid_user_id);
    CHECK(rejection(engine, std::string(512, 'x')) == errc::invalid_user_id);
    CHECK(rejection(engine, std::string(1 << 20, 'x')) == errc::invalid_user_id);
    CHECK(engine.active_count("") == 0);
    CHECK(engine.active_count(std::string(256, 'x')) == 0);
    CHECK(engine.stats().rejected.invalid_user_id == 5);
}

TEST_CASE("user ids differ when any byte does") {
    const std::vector<std::string> ids = odd_user_ids();
    admit::engine engine{counts(1000, 1)};
    std::vector<permit> permits;
    for (const std::string& id : ids) {
        auto one = engine.try_admit(id);
        REQUIRE(one);
        permits.push_back(std::move(*one));
        CHECK(rejection(engine, id) == errc::user_limit);
        CHECK(engine.active_count(id) == 1);
    }
    CHECK(engine.stats().users == ids.size());
    std::vector<std::string> sorted = ids;
    std::sort(sorted.begin(), sorted.end());
    CHECK(users_in(engine.conversations()) == sorted);
    for (const std::string& id : ids) CHECK(users_in(engine.conversations(id)).size() == 1);
}

TEST_CASE("the listing shows a user id of any length as it is, in fresh and in used slots") {
    admit::engine engine{counts(255, 1)};
    std::string alphabet;
    for (int i = 0; i < 255; ++i) alphabet += static_cast<char>(i + 1);
    for (const bool longest_first : {false, true, false}) {
        std::vector<permit> permits;
        std::vector<std::string> expected;
        for (std::size_t i = 1; i <= 255; ++i) {
            const std::size_t length = longest_first ? 256 - i : i;
            // Without a byte that a longer or shorter one would have in the same place.
            std::string id;
            for (std::size_t at = 0; at < length; ++at) id += alphabet[(at * 7 + length) % 255];
            auto one = engine.try_admit(id);
            REQUIRE(one);
            permits.push_back(std::move(*one));
            expected.push_back(std::move(id));
        }
        std::sort(expected.begin(), expected.end());
        CHECK(users_in(engine.conversations()) == expected);
    }
}

TEST_CASE("a key stands for the same user as the string") {
    admit::engine engine{counts(10, 2)};
    const admit::user_key alice = engine.key("alice");
    CHECK(alice.user() == "alice");
    const permit by_key = engine.try_admit(alice).value();
    const permit by_string = engine.try_admit("alice").value();
    CHECK(rejection(engine, alice) == errc::user_limit);
    CHECK(rejection(engine, "alice") == errc::user_limit);
    CHECK(engine.active_count("alice") == 2);
    CHECK(engine.conversations("alice").size() == 2);
    const admit::user_key copy = alice;
    CHECK(rejection(engine, copy) == errc::user_limit);
}

TEST_CASE("keys of every length and content are the user's own") {
    admit::engine engine{counts(1000, 2)};
    std::vector<permit> permits;
    for (const std::string& id : odd_user_ids()) {
        const auto key = engine.key(id);
        CHECK(key.user() == id);
        permits.push_back(engine.try_admit(key).value());
        permits.push_back(engine.try_admit(id).value());
        CHECK(rejection(engine, key) == errc::user_limit);
        CHECK(rejection(engine, id) == errc::user_limit);
    }
}

TEST_CASE("keys of other engines, of none and of invalid ids are refused") {
    admit::engine engine{counts(10, 2)};
    admit::engine other{counts(10, 2)};
    CHECK(rejection(engine, other.key("alice")) == errc::invalid_user_id);
    CHECK(rejection(other, engine.key("alice")) == errc::invalid_user_id);
    CHECK(rejection(engine, admit::user_key{}) == errc::invalid_user_id);
    CHECK(rejection(engine, engine.key("")) == errc::invalid_user_id);
    CHECK(rejection(engine, engine.key(std::string(256, 'x'))) == errc::invalid_user_id);
    CHECK(rejection(engine, engine.key(std::string(255, 'x'))) == boost::system::error_code{});
}

TEST_CASE("a key outlives its engine and means nothing to the next") {
    std::optional<admit::engine> engine{counts(10, 2)};
    const admit::user_key key = engine->key("alice");
    engine.reset();
    CHECK(key.user() == "alice");
    admit::engine next{counts(10, 2)};
    CHECK(rejection(next, key) == errc::invalid_user_id);
}

TEST_CASE("a conversation can be touched and ended by its id, once") {
    admit::engine engine{counts(3, 3)};
    const auto id = engine.try_admit("alice").value().detach();
    CHECK(engine.touch(id));
    CHECK(engine.end(id, admit::status::error));
    CHECK_FALSE(engine.touch(id));
    CHECK_FALSE(engine.end(id));
    CHECK(engine.stats().ended.error == 1);
    CHECK(engine.active_count() == 0);
}

TEST_CASE("a stale id does nothing to the conversation that has its slot now") {
    admit::engine engine{counts(1, 1)};
    const auto stale = engine.try_admit("alice").value().detach();
    CHECK(engine.end(stale));
    const permit now = engine.try_admit("bob").value();
    REQUIRE(now.id().slot == stale.slot);
    CHECK_FALSE(engine.end(stale));
    CHECK_FALSE(engine.touch(stale));
    CHECK(engine.active_count("bob") == 1);
}

TEST_CASE("ids that were never given out name nothing") {
    admit::engine engine{counts(3, 3)};
    admit::engine other{counts(3, 3)};
    const permit held = engine.try_admit("alice").value();
    const admit::conversation_id id = held.id();
    std::vector<admit::conversation_id> wrong(12, id);
    wrong[0] = {};
    wrong[1].engine = other.key("x").user().size() + 12345678;
    wrong[2].engine = 0;
    wrong[3].generation += 1;
    wrong[4].generation += 2;
    wrong[5].generation -= 1;
    wrong[6].generation = UINT64_MAX;
    wrong[7].slot += 1;
    wrong[8].slot += 256;        // in a group that might exist
    wrong[9].slot = UINT32_MAX;  // in one that does not
    wrong[10].slot = 4'000'000;
    wrong[11].slot = 4'194'304;
    for (const auto& each : wrong) {
        CAPTURE(each);
        CHECK_FALSE(engine.touch(each));
        CHECK_FALSE(engine.end(each));
        CHECK_FALSE(other.touch(each));
        CHECK_FALSE(other.end(each));
    }
    CHECK_FALSE(other.end(id));
    CHECK(engine.active_count() == 1);
    CHECK(engine.stats().ended.total() == 0);
}

TEST_CASE("a free slot's even generation ends nothing") {
    admit::engine engine{counts(2, 2)};
    const auto id = engine.try_admit("alice").value().detach();
    CHECK(engine.end(id));
    admit::conversation_id even = id;
    even.generation += 1;  // what the slot says now
    CHECK_FALSE(engine.end(even));
    CHECK_FALSE(engine.touch(even));
    even.generation = 0;
    CHECK_FALSE(engine.end(even));
    CHECK(engine.stats().active == 0);
    CHECK(engine.stats().ended.total() == 1);
}

TEST_CASE("ids are unique in the process") {
    std::set<admit::conversation_id> seen;
    std::size_t given = 0;
    for (int round = 0; round < 20; ++round) {
        admit::engine a{counts(3, 3)};
        admit::engine b{counts(3, 3)};
        for (int i = 0; i < 50; ++i)
            for (admit::engine* engine : {&a, &b}) {
                seen.insert(engine->try_admit("alice").value().id());
                ++given;
            }
    }
    CHECK(seen.size() == given);
}

TEST_CASE("statistics add up") {
    admit::engine engine{counts(5, 2)};
    std::vector<permit> permits;
    for (const char* user : {"alice", "alice", "alice", "bob", "carol", "dave", "erin", "frank"}) {
        auto one = engine.try_admit(user);
        if (one) permits.push_back(std::move(*one));
    }
    CHECK(permits.size() == 5);
    CHECK(permits[0].end(admit::status::error));
    CHECK(permits[1].end());
    CHECK(rejection(engine, "") == errc::invalid_user_id);
    const auto stats = engine.stats();
    CHECK(stats.active == 3);
    CHECK(stats.users == 3);
    CHECK(stats.admitted == 5);
    CHECK(stats.rejected.user_limit == 1);
    CHECK(stats.rejected.global_limit == 2);
    CHECK(stats.rejected.invalid_user_id == 1);
    CHECK(stats.rejected.shutting_down == 0);
    CHECK(stats.rejected.total() == 4);
    CHECK(stats.ended.error == 1);
    CHECK(stats.ended.completed == 1);
    CHECK(stats.ended.total() == 2);
    CHECK(stats.limits == counts(5, 2));
}

TEST_CASE("a new engine starts from nothing, whatever was before it") {
    for (int round = 0; round < 3; ++round) {
        admit::engine engine{counts(5, 2)};
        const auto fresh = engine.stats();
        CHECK(fresh.active == 0);
        CHECK(fresh.users == 0);
        CHECK(fresh.admitted == 0);
        CHECK(fresh.rejected.total() == 0);
        CHECK(fresh.ended.total() == 0);
        CHECK(engine.conversations().empty());
        const auto permits = admit_strangers(engine, 6);
        CHECK(permits.size() == 5);
        engine.close();
        CHECK(rejection(engine, "late") == errc::shutting_down);
    }
}

TEST_CASE("the listing gives each user, start and last activity") {
    virtual_clock::set(1000s);
    admit::engine engine{counts(10, 5), virtual_clock::source()};
    permit first = engine.try_admit("alice").value();
    virtual_clock::advance(10s);
    const permit second = engine.try_admit("alice").value();
    const permit third = engine.try_admit("bob").value();
    virtual_clock::advance(5s);
    CHECK(first.touch());
    auto alices = engine.conversations("alice");
    REQUIRE(alices.size() == 2);
    if (alices[0].id != first.id()) std::swap(alices[0], alices[1]);
    CHECK(alices[0].id == first.id());
    CHECK(alices[0].user == "alice");
    CHECK(alices[0].started == admit::time_point{1000s});
    CHECK(alices[0].last_activity == admit::time_point{1015s});
    CHECK(alices[1].id == second.id());
    CHECK(alices[1].started == admit::time_point{1010s});
    CHECK(alices[1].last_activity == admit::time_point{1010s});
    CHECK(engine.conversations().size() == 3);
    CHECK(engine.conversations("carol").empty());
    CHECK(engine.conversations("").empty());
    CHECK(engine.conversations(std::string(256, 'x')).empty());
    CHECK(first.end());
    CHECK(users_in(engine.conversations()) == std::vector<std::string>{"alice", "bob"});
}

TEST_CASE("retry_after is zero while there is room") {
    virtual_clock::set(1000s);
    admit::engine engine{{.max_concurrent = 2, .max_per_user = 1}, virtual_clock::source()};
    CHECK(engine.retry_after("alice") == 0s);
    const permit held = engine.try_admit("alice").value();
    CHECK(engine.retry_after("bob") == 0s);
}

TEST_CASE("retry_after tells the first deadline among those in the way") {
    virtual_clock::set(1000s);
    admit::engine engine{
        {.max_concurrent = 3, .max_per_user = 1, .idle_timeout = 60s, .max_duration = 100s},
        virtual_clock::source()};
    permit bob = engine.try_admit("bob").value();
    virtual_clock::advance(10s);
    permit alice = engine.try_admit("alice").value();
    virtual_clock::advance(5s);
    CHECK(engine.retry_after("alice") == 55s);  // her own, though there is room for others
    CHECK(engine.retry_after("bob") == 45s);
    CHECK(engine.retry_after("carol") == 0s);
    const permit carol = engine.try_admit("carol").value();
    CHECK(engine.retry_after("dave") == 45s);  // the first of all
    CHECK(engine.retry_after("alice") == 55s);
    CHECK(bob.touch());
    CHECK(engine.retry_after("dave") == 55s);
    virtual_clock::advance(50s);
    CHECK(bob.touch());
    CHECK(engine.retry_after("bob") == 35s);  // its age, not its idleness, is next
    CHECK(bob.end());
    CHECK(engine.retry_after("dave") == 0s);
    CHECK(alice.end());
    CHECK(engine.retry_after("alice") == 0s);
}

TEST_CASE("retry_after below what is active tells when enough have timed out") {
    virtual_clock::set(1000s);
    admit::limits limits{.max_concurrent = 6, .max_per_user = 6, .idle_timeout = 60s};
    admit::engine engine{limits, virtual_clock::source()};
    std::vector<permit> held;
    for (const char* const user : {"alice", "bob", "alice", "bob", "alice", "bob"}) {
        held.push_back(engine.try_admit(user).value());
        virtual_clock::advance(1s);
    }
    CHECK(engine.retry_after("carol") == 54s);
    limits.max_concurrent = 4;
    engine.set_limits(limits);
    CHECK(engine.retry_after("carol") == 56s);  // three of six
    limits.max_per_user = 2;
    engine.set_limits(limits);
    CHECK(engine.retry_after("carol") == 56s);
    CHECK(engine.retry_after("bob") == 57s);  // two of bob's
    limits.max_concurrent = 1;
    engine.set_limits(limits);
    CHECK(engine.retry_after("bob") == 59s);  // all of them
    limits.max_concurrent = 100;
    engine.set_limits(limits);
    CHECK(engine.retry_after("alice") == 56s);
    CHECK(engine.retry_after("carol") == 0s);
}

TEST_CASE("retry_after is never when nothing will make room") {
    virtual_clock::set(1000s);
    {
        admit::engine engine{counts(1, 1), virtual_clock::source()};
        CHECK(engine.retry_after("") == admit::never);
        CHECK(engine.retry_after(std::string(256, 'x')) == admit::never);
        const permit held = engine.try_admit("alice").value();
        CHECK(engine.retry_after("alice") == admit::never);
        CHECK(engine.retry_after("bob") == admit::never);
    }
    admit::engine closed{{}, virtual_clock::source()};
    closed.close();
    CHECK(closed.retry_after("alice") == admit::never);
}

TEST_CASE("a closed engine lets what is active go on") {
    admit::engine engine{counts(5, 5)};
    permit held = engine.try_admit("alice").value();
    permit other = engine.try_admit("alice").value();
    engine.close();
    engine.close();
    CHECK(rejection(engine, "bob") == errc::shutting_down);
    CHECK(held.touch());
    CHECK(engine.active_count() == 2);
    CHECK(held.end());
    CHECK(engine.end(other.id()));
    CHECK(rejection(engine, "bob") == errc::shutting_down);
    CHECK(engine.stats().rejected.shutting_down == 2);
    CHECK(engine.stats().ended.completed == 2);
}

TEST_CASE("new limits do not open a closed engine") {
    admit::engine engine{counts(2, 2)};
    const auto permits = admit_strangers(engine, 2);
    engine.close();
    engine.set_limits(counts(10, 2));
    CHECK(rejection(engine, "bob") == errc::shutting_down);
    engine.set_limits(counts(1, 1));
    CHECK(rejection(engine, "bob") == errc::shutting_down);
}

TEST_CASE("the coarse clock agrees with the steady clock and knows how far behind it may be") {
    const admit::time_source clock = admit::coarse_clock();
    CHECK(clock.resolution > 0ns);
    CHECK(clock.resolution <= 10ms);
    const auto before = std::chrono::steady_clock::now();
    const admit::time_point coarse = clock.now();
    const auto after = std::chrono::steady_clock::now();
    CHECK(coarse <= after);
    CHECK(coarse + 2 * clock.resolution >= before);
}
