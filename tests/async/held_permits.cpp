// SPDX-License-Identifier: BSL-1.0
// `async_with_permit` under a permit that is held already, and `engine::end` of a user.
#include <optional>
#include <utility>

#include "async/one_body.hpp"

namespace asio = boost::asio;
using admit::errc;
using admit::permit;
using admit::status;
using support::body;
using support::check_at_rest;
using support::one_body;
using support::sleeps;

TEST_CASE("a body works under a permit that is held already, and is supervised") {
    one_body at;
    permit held = at.engine.try_admit("alice").value();
    const admit::conversation_id id = held.id();
    at.start(std::move(held), sleeps);
    CHECK_FALSE(held);
    at.poll();
    CHECK(at.engine.stats().admitted == 1);
    CHECK(at.engine.active_count("alice") == 1);
    SUBCASE("until it is idle") {
        at.expire();
        CHECK(at.result.ended == status::idle);
    }
    SUBCASE("until its caller cancels it") {
        at.cancelling.emit(asio::cancellation_type::terminal);
        at.poll();
        CHECK(at.result.ended == status::cancelled);
    }
    SUBCASE("until it is ended by its id") {
        CHECK(at.engine.end(id, status::error));
        at.poll();
        CHECK(at.result.ended == status::error);
    }
    CHECK(at.times == 1);
    CHECK(at.result);
    CHECK(at.result.id == id);
    CHECK(at.counted(at.result.ended) == 1);
    check_at_rest(at.engine);
}

TEST_CASE("a body under a held permit begins although the engine is closed meanwhile") {
    one_body at;
    permit held = at.engine.try_admit("alice").value();
    at.engine.close();
    bool touched = false;
    at.start(std::move(held), [&](permit& under) -> asio::awaitable<void> {
        touched = under.touch();
        co_return;
    });
    at.poll();
    CHECK(touched);
    CHECK(at.result);
    CHECK(at.result.ended == status::completed);
}

TEST_CASE("no body begins without a conversation of the engine") {
    one_body at;
    admit::engine other;
    const body none = [](permit&) -> asio::awaitable<void> {
        FAIL("ran without a conversation");
        co_return;
    };
    boost::system::error_code why = asio::error::operation_aborted;
    SUBCASE("with an empty permit") {
        at.start(permit{}, none);
        at.poll();
        CHECK(at.result.id == admit::conversation_id{});
    }
    SUBCASE("with a permit that has ended") {
        permit ended = at.engine.try_admit("alice").value();
        ended.end(status::error);
        at.start(std::move(ended), none);
        at.poll();
        CHECK(at.counted(status::error) == 1);
    }
    SUBCASE("with a permit that has ended, of a closed engine") {
        permit ended = at.engine.try_admit("alice").value();
        ended.end();
        at.engine.close();
        at.start(std::move(ended), none);
        at.poll();
        why = errc::shutting_down;
    }
    SUBCASE("with a permit of another engine") {
        at.start(other.try_admit("alice").value(), none);
        CHECK(other.active_count() == 0);
        at.poll();
        CHECK(other.stats().ended.cancelled == 1);
    }
    CHECK(at.times == 1);
    CHECK_FALSE(at.thrown);
    CHECK_FALSE(at.result);
    CHECK(at.result.rejected == why);
    CHECK(at.engine.active_count() == 0);
}

TEST_CASE("an operation that is not launched ends the conversation of its permit") {
    one_body at;
    {
        auto packaged = admit::async_with_permit(at.engine, at.engine.try_admit("alice").value(),
                                                 {}, sleeps, asio::deferred);
        CHECK(at.engine.active_count() == 1);
        static_cast<void>(packaged);
    }
    CHECK(at.engine.active_count() == 0);
    CHECK(at.counted(status::completed) == 1);
}

TEST_CASE("an engine that goes before its held permit is used begins no body") {
    asio::io_context io;
    std::optional<admit::engine> engine{std::in_place, support::counts(1, 1)};
    int times = 0;
    admit::async_with_permit(
        *engine, engine->try_admit("alice").value(), {}, sleeps,
        asio::bind_executor(io, [&](std::exception_ptr, const admit::outcome& result) {
            ++times;
            CHECK(result.rejected == errc::shutting_down);
        }));
    engine.reset();
    admit::engine next{support::counts(1, 1)};  // in the same memory
    const permit bobs = next.try_admit("bob").value();
    io.run();
    CHECK(times == 1);
    CHECK(next.active_count("bob") == 1);
}

TEST_CASE("requests of a user that wait outlive the end of the user's conversations") {
    admit::engine engine{support::counts(3, 2)};
    asio::io_context io;
    permit first = engine.try_admit("alice").value();
    permit second = engine.try_admit("alice").value();
    support::waiter third{io.get_executor(), engine, "alice"};
    CHECK(engine.stats().waiting == 1);
    CHECK(engine.end("alice", status::cancelled) == 2);
    io.poll();
    CHECK(third.got.has_permit());
    CHECK(third.got.granted.touch());
    CHECK(engine.active_count("alice") == 1);
    CHECK(engine.stats().ended.cancelled == 2);
}
