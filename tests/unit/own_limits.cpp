// SPDX-License-Identifier: BSL-1.0
// `try_admit` with a limit of its own on the user: it holds for that call, in place of the limit on
// all users; the limit on all conversations always holds.
#include <admit/engine.hpp>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"

using admit::errc;
using admit::permit;
using support::counts;

static_assert(std::is_trivially_destructible_v<admit::admit_options>);
static_assert(admit::unlimited == 2'000'000);

TEST_CASE("a limit of its own takes the place of max_per_user, for that call alone") {
    admit::engine engine{counts(20, 2)};
    std::vector<permit> held;
    for (int i = 0; i < 5; ++i)
        held.push_back(engine.try_admit("alice", {.max_per_user = 5}).value());
    CHECK(engine.try_admit("alice", {.max_per_user = 5}).error() == errc::user_limit);
    CHECK(engine.try_admit("alice").error() == errc::user_limit);
    CHECK(engine.try_admit("alice", {}).error() == errc::user_limit);
    CHECK(engine.try_admit("alice", {.max_per_user = 6}));
    const auto key = engine.key("alice");
    CHECK(engine.try_admit(key, {.max_per_user = 5}).error() == errc::user_limit);
    CHECK(engine.try_admit(key, {.max_per_user = 6}));
    CHECK(engine.active_count("alice") == 5);
    held.resize(1);
    CHECK(engine.try_admit("alice", {.max_per_user = 1}).error() == errc::user_limit);
    CHECK(engine.try_admit("alice"));
    CHECK(engine.stats().rejected.user_limit == 5);
}

TEST_CASE("with 0 every call is rejected by user_limit, with a stronger reason by that") {
    admit::engine engine{counts(1, 1)};
    CHECK(engine.try_admit("alice", {.max_per_user = 0}).error() == errc::user_limit);
    CHECK(engine.try_admit(engine.key("alice"), {.max_per_user = 0}).error() == errc::user_limit);
    CHECK(engine.try_admit("", {.max_per_user = 0}).error() == errc::invalid_user_id);
    const permit held = engine.try_admit("bob").value();
    CHECK(engine.try_admit("alice", {.max_per_user = 0}).error() == errc::global_limit);
    engine.close();
    CHECK(engine.try_admit("alice", {.max_per_user = 0}).error() == errc::shutting_down);
    CHECK(engine.stats().users == 1);
}

TEST_CASE("from 2,000,000 on a limit of its own is no limit; max_concurrent holds") {
    for (const std::size_t many : {std::size_t{1'999'999}, admit::unlimited, admit::unlimited + 1,
                                   std::size_t{1} << 32, SIZE_MAX}) {
        CAPTURE(many);
        admit::engine engine{counts(300, 0)};
        std::vector<permit> held;
        for (int i = 0; i < 300; ++i)
            held.push_back(engine.try_admit("alice", {.max_per_user = many}).value());
        CHECK(engine.try_admit("alice", {.max_per_user = many}).error() == errc::global_limit);
        CHECK(engine.try_admit("bob").error() == errc::global_limit);
        held.pop_back();
        CHECK(engine.try_admit("bob").error() == errc::user_limit);
        CHECK(engine.active_count("alice") == 299);
    }
}
