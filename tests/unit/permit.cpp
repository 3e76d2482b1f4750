// SPDX-License-Identifier: BSL-1.0
// The handle of a conversation: moves, ends, detaching, and permits that outlive their engine.
#include <admit/engine.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>

#include "support/engines.hpp"
#include "support/printing.hpp"

using admit::permit;
using support::counts;

static_assert(std::is_nothrow_default_constructible_v<permit>);
static_assert(std::is_nothrow_move_constructible_v<permit>);
static_assert(std::is_nothrow_move_assignable_v<permit>);
static_assert(!std::is_copy_constructible_v<permit> && !std::is_copy_assignable_v<permit>);
static_assert(!std::is_convertible_v<permit, bool>);

namespace {

permit admitted(admit::engine& engine, std::string_view user = "alice") {
    return engine.try_admit(user).value();
}

void expect_inert(permit& empty) {
    CHECK_FALSE(static_cast<bool>(empty));
    CHECK_FALSE(empty.touch());
    CHECK_FALSE(empty.end());
    CHECK(empty.id() == admit::conversation_id{});
    CHECK(empty.remaining() == admit::duration::zero());
    CHECK_FALSE(empty.ending());
    CHECK(empty.detach() == admit::conversation_id{});
}

}  // namespace

TEST_CASE("a default-constructed permit is inert") {
    permit empty;
    expect_inert(empty);
}

TEST_CASE("a conversation without timeouts has no end of its remaining time") {
    admit::engine engine{{.idle_timeout = admit::never, .max_duration = admit::never}};
    CHECK(admitted(engine).remaining() == admit::never);
}

TEST_CASE("a permit counts until it is destroyed") {
    admit::engine engine{counts(5, 5)};
    {
        const permit held = admitted(engine);
        CHECK(static_cast<bool>(held));
        CHECK(engine.active_count() == 1);
    }
    CHECK(engine.active_count() == 0);
    CHECK(engine.stats().ended.completed == 1);
}

TEST_CASE("a moved-from permit is inert and the new one has the conversation") {
    admit::engine engine{counts(5, 5)};
    permit first = admitted(engine);
    const auto id = first.id();
    permit second = std::move(first);
    expect_inert(first);  // NOLINT(bugprone-use-after-move): under test
    CHECK(second.id() == id);
    CHECK(engine.active_count() == 1);
    CHECK(second.end());
    CHECK(engine.active_count() == 0);
}

TEST_CASE("assignment ends the conversation that is replaced") {
    admit::engine engine{counts(5, 5)};
    permit target = admitted(engine, "alice");
    permit incoming = admitted(engine, "bob");
    const auto id = incoming.id();
    target = std::move(incoming);
    expect_inert(incoming);  // NOLINT(bugprone-use-after-move)
    CHECK(target.id() == id);
    CHECK(engine.active_count("alice") == 0);
    CHECK(engine.active_count("bob") == 1);
    CHECK(engine.stats().ended.completed == 1);
    target = permit{};
    CHECK(engine.active_count() == 0);
}

TEST_CASE("assignment to itself changes nothing") {
    admit::engine engine{counts(5, 5)};
    permit held = admitted(engine);
    const auto id = held.id();
    permit& itself = held;
    held = std::move(itself);
    CHECK(held.id() == id);
    CHECK(held.touch());
    CHECK(engine.active_count() == 1);
    permit empty;
    permit& empty_itself = empty;
    empty = std::move(empty_itself);
    expect_inert(empty);
}

TEST_CASE("swapped permits have each other's conversations") {
    admit::engine engine{counts(5, 5)};
    permit a = admitted(engine, "alice");
    permit b = admitted(engine, "bob");
    std::swap(a, b);
    CHECK(engine.stats().ended.total() == 0);
    CHECK(a.end());
    CHECK(engine.active_count("bob") == 0);
    CHECK(engine.active_count("alice") == 1);
}

TEST_CASE("a conversation ends once, and later attempts return false") {
    admit::engine engine{counts(5, 5)};
    {
        permit held = admitted(engine);
        CHECK(held.end(admit::status::error));
        CHECK_FALSE(held.end());
        CHECK_FALSE(held.touch());
        CHECK_FALSE(engine.end(held.id()));
        CHECK(static_cast<bool>(held));  // the permit still has the id of the conversation
    }
    CHECK(engine.stats().ended.error == 1);
    CHECK(engine.stats().ended.total() == 1);
}

TEST_CASE("ending an old permit leaves the slot's next conversation alone") {
    admit::engine engine{counts(1, 1)};
    permit old = admitted(engine);
    CHECK(old.end());
    const permit next = admitted(engine, "bob");
    CHECK(next.id().slot == old.id().slot);
    CHECK_FALSE(old.end());
    CHECK_FALSE(old.touch());
    old = permit{};
    CHECK(engine.active_count("bob") == 1);
}

TEST_CASE("each status is counted under its name") {
    admit::engine engine{counts(5, 5)};
    using admit::status;
    for (const status reason : {status::completed, status::idle, status::timed_out, status::error,
                                status::drained, status::cancelled})
        CHECK(admitted(engine).end(reason));
    const auto ended = engine.stats().ended;
    CHECK(ended.completed == 1);
    CHECK(ended.idle == 1);
    CHECK(ended.timed_out == 1);
    CHECK(ended.error == 1);
    CHECK(ended.drained == 1);
    CHECK(ended.cancelled == 1);
    CHECK(ended.total() == 6);
    CHECK(to_string(status::completed) == "completed");
    CHECK(to_string(status::idle) == "idle");
    CHECK(to_string(status::timed_out) == "timed_out");
    CHECK(to_string(status::error) == "error");
    CHECK(to_string(status::drained) == "drained");
    CHECK(to_string(status::cancelled) == "cancelled");
}

TEST_CASE("a detached conversation lives on under its id") {
    admit::engine engine{counts(5, 5)};
    admit::conversation_id id;
    {
        permit held = admitted(engine);
        id = held.id();
        CHECK(held.detach() == id);
        expect_inert(held);
    }
    CHECK(engine.active_count() == 1);
    CHECK(engine.touch(id));
    CHECK(engine.end(id));
    CHECK_FALSE(engine.touch(id));
    CHECK_FALSE(engine.end(id));
}

TEST_CASE("a permit destroyed while an exception unwinds records an error") {
    admit::engine engine{counts(5, 5)};
    try {
        const permit held = admitted(engine);
        throw std::runtime_error{"the body failed"};
    } catch (const std::runtime_error&) {
        CHECK(engine.stats().ended.error == 1);
        const permit after =
            admitted(engine);  // the exception is caught, so no unwinding is in progress
    }
    CHECK(engine.stats().ended.error == 1);
    CHECK(engine.stats().ended.completed == 1);
}

TEST_CASE("only the exceptions of the thread that destroys a permit count, at any depth") {
    admit::engine engine{counts(5, 5)};
    /// Destroys its permit during an unwinding, on another thread without exceptions.
    struct ends_on_other_thread {
        permit held;
        ~ends_on_other_thread() {
            CHECK(std::uncaught_exceptions() == 1);
            std::thread{[this] { held = {}; }}.join();
        }
    };
    /// Destroys a permit during an unwinding, after an inner exception was caught.
    struct ends_during_unwinding {
        admit::engine& engine;
        ~ends_during_unwinding() {
            try {
                const permit inner = admitted(engine);
                throw std::logic_error{"and its clean-up"};
            } catch (const std::logic_error&) {
                CHECK(engine.stats().ended.error == 1);
            }
            const permit still = admitted(engine);
        }
    };
    for (int repeat = 1; repeat <= 2; ++repeat) {
        try {
            const ends_on_other_thread first{admitted(engine)};
            throw std::runtime_error{"the body failed"};
        } catch (const std::runtime_error&) {
        }
        CHECK(engine.stats().ended.completed == static_cast<std::uint64_t>(repeat));
        CHECK(engine.stats().ended.error == 0);
    }
    try {
        const ends_during_unwinding second{engine};
        throw std::runtime_error{"the body failed"};
    } catch (const std::runtime_error&) {
    }
    CHECK(engine.stats().ended.error == 2);
    CHECK(engine.stats().ended.completed == 2);
}

TEST_CASE("a permit that outlives its engine ends nothing") {
    std::optional<admit::engine> engine{counts(5, 5)};
    permit held = admitted(*engine);
    permit destroyed_late = admitted(*engine);
    const auto id = held.id();
    engine.reset();
    CHECK(held.id() == id);
    CHECK_FALSE(held.touch());
    CHECK_FALSE(held.end());
    permit moved = std::move(held);
    CHECK_FALSE(moved.end(admit::status::error));
}

TEST_CASE("a permit of a destroyed engine does not affect the next engine") {
    std::optional<admit::engine> first{counts(3, 3)};
    std::vector<permit> old;
    for (int i = 0; i < 3; ++i) old.push_back(admitted(*first));
    first.reset();
    admit::engine second{counts(3, 3)};
    std::vector<permit> fresh;
    for (int i = 0; i < 3; ++i) fresh.push_back(admitted(second));
    for (permit& each : old) {
        CHECK_FALSE(each.touch());
        CHECK_FALSE(each.end());
        CHECK_FALSE(second.end(each.id()));
        CHECK_FALSE(second.touch(each.id()));
    }
    old.clear();
    CHECK(second.active_count() == 3);
    CHECK(second.stats().admitted == 3);
    for (permit& each : fresh) CHECK(each.end());
}

TEST_CASE("permits of several engines end where they began") {
    admit::engine first{counts(5, 5)};
    admit::engine second{counts(5, 5)};
    permit a = admitted(first);
    permit b = admitted(second);
    CHECK(a.id().engine != b.id().engine);
    CHECK_FALSE(second.end(a.id()));
    CHECK_FALSE(first.end(b.id()));
    CHECK(a.end());
    CHECK(first.active_count() == 0);
    CHECK(second.active_count() == 1);
}
