// SPDX-License-Identifier: BSL-1.0
// `async_with_permit`: what becomes of the body, of its conversation and of the caller.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/async.hpp"
#include "support/printing.hpp"
#include "support/virtual_clock.hpp"

namespace asio = boost::asio;
using admit::errc;
using admit::permit;
using admit::status;
using support::check_at_rest;
using support::counts;
using support::pause;
using support::virtual_clock;
using namespace std::chrono_literals;

namespace {

/// What a handler of `async_with_permit` was called with.
struct report {
    int times = 0;
    std::exception_ptr thrown;
    admit::outcome result;

    template <class Exception>
    bool threw() const {
        if (!thrown) return false;
        try {
            std::rethrow_exception(thrown);
        } catch (const Exception&) {
            return true;
        } catch (...) {
            return false;
        }
    }
    bool was_aborted() const {
        if (!thrown) return false;
        try {
            std::rethrow_exception(thrown);
        } catch (const boost::system::system_error& error) {
            return error.code() == asio::error::operation_aborted;
        } catch (...) {
            return false;
        }
    }
};

/// An engine with a virtual clock, a context, and the operations that are started there.
struct office {
    explicit office(admit::limits limits = {.max_concurrent = 1,
                                            .max_per_user = 1,
                                            .idle_timeout = 10s,
                                            .max_duration = 100s})
        : engine{limits, virtual_clock::source()} {
        virtual_clock::set(1000s);
    }

    template <class Body>
    void start(Body body, report& into, admit::work_options options = {},
               std::string_view user = "alice") {
        admit::async_with_permit(
            engine, user, options, std::move(body),
            asio::bind_executor(io, asio::bind_cancellation_slot(
                                        cancelling.slot(),
                                        [&into](std::exception_ptr thrown, admit::outcome result) {
                                            ++into.times;
                                            into.thrown = std::move(thrown);
                                            into.result = result;
                                        })));
    }

    std::size_t expire() { return engine.expire(virtual_clock::now()); }
    void poll() {
        io.restart();
        io.poll();
    }

    admit::engine engine;
    asio::io_context io;
    asio::cancellation_signal cancelling;
};

/// A body that runs until it is cancelled, and then records the reason.
auto until_cancelled(std::optional<status>& why) {
    return [&why](permit& under) -> asio::awaitable<void> {
        try {
            co_await pause(1h);
        } catch (const boost::system::system_error&) {
            why = under.ending();
            throw;
        }
    };
}

/// A body that ignores cancellation and runs until the test lets it end.
auto stubborn(bool& let_go, permit*& held) {
    return [&](permit& under) -> asio::awaitable<void> {
        held = &under;
        auto executor = co_await asio::this_coro::executor;
        co_await asio::this_coro::throw_if_cancelled(false);
        while (!let_go) co_await asio::post(executor, asio::use_awaitable);
    };
}

}  // namespace

TEST_CASE("a body that returns has completed its conversation") {
    office at;
    report got;
    admit::conversation_id id;
    auto body = [&](permit& under) -> asio::awaitable<void> {
        id = under.id();
        CHECK(at.engine.active_count("alice") == 1);
        co_await pause(1ms);
    };
    at.start(body, got);
    CHECK(got.times == 0);
    at.io.run();
    CHECK(got.times == 1);
    CHECK_FALSE(got.thrown);
    CHECK(got.result);
    CHECK(got.result.ended == status::completed);
    CHECK_FALSE(got.result.overstayed);
    CHECK(got.result.id == id);
    CHECK(at.engine.stats().ended.completed == 1);
    check_at_rest(at.engine);
}

TEST_CASE("a body that throws at any await is an error, and its exception reaches the caller") {
    constexpr int awaits = 4;
    for (int at_await = 0; at_await <= awaits; ++at_await) {
        office at;
        report got;
        auto body = [&](permit& under) -> asio::awaitable<void> {
            for (int i = 0; i < awaits; ++i) {
                if (i == at_await) throw std::domain_error{"of the body"};
                if (i % 2 == 0)
                    co_await pause(1ns);
                else
                    co_await asio::post(at.io, asio::use_awaitable);
                CHECK(under.touch());
            }
            throw std::domain_error{"of the body"};
        };
        at.start(body, got);
        at.io.run();
        CHECK(got.times == 1);
        CHECK(got.threw<std::domain_error>());
        CHECK(got.result);
        CHECK(got.result.ended == status::error);
        CHECK(at.engine.stats().ended.error == 1);
        check_at_rest(at.engine);
    }
}

TEST_CASE("a body that throws before it is a coroutine is an error too") {
    office at;
    report got;
    auto body = [](permit&) -> asio::awaitable<void> { throw std::domain_error{"no coroutine"}; };
    at.start(body, got);
    at.io.run();
    CHECK(got.threw<std::domain_error>());
    CHECK(got.result.ended == status::error);
    check_at_rest(at.engine);
}

TEST_CASE("an exception of the body comes out of the co_await of the caller") {
    office at;
    bool caught = false;
    auto caller = [&]() -> asio::awaitable<void> {
        auto body = [](permit&) -> asio::awaitable<void> {
            co_await pause(1ns);
            throw std::domain_error{"of the body"};
        };
        auto work = admit::async_with_permit(at.engine, "alice", {}, body, asio::use_awaitable);
        try {
            co_await std::move(work);
        } catch (const std::domain_error&) {
            caught = true;
        }
        CHECK(at.engine.active_count() == 0);
    };
    asio::co_spawn(at.io, caller, asio::detached);
    at.io.run();
    CHECK(caught);
}

TEST_CASE("a body that is not admitted does not run, and the caller gets the reason") {
    admit::limits limits = counts(2, 1);
    limits.max_waiting = 2;
    limits.max_waiting_per_user = 1;
    office at{limits};
    auto body = [](permit&) -> asio::awaitable<void> {
        FAIL("ran without a permit");
        co_return;
    };
    std::vector<std::pair<std::unique_ptr<report>, errc>> all;
    const auto expect = [&](errc why, std::string_view user, admit::duration at_most) {
        all.emplace_back(std::make_unique<report>(), why);
        at.start(body, *all.back().first, {.wait_at_most = at_most}, user);
    };
    permit alices = at.engine.try_admit("alice").value();
    expect(errc::user_limit, "alice", 0s);
    expect(errc::invalid_user_id, "", 1h);
    permit bobs = at.engine.try_admit("bob").value();
    expect(errc::global_limit, "carol", 0s);
    expect(errc::wait_timeout, "alice", 1ms);
    expect(errc::user_queue_full, "alice", 1h);
    expect(errc::wait_timeout, "bob", 1ms);
    expect(errc::queue_full, "carol", 1h);
    at.io.run();
    at.io.restart();
    expect(errc::shutting_down, "carol", 1h);
    at.engine.close();
    expect(errc::shutting_down, "carol", 1h);
    at.io.run();
    for (const auto& [got, expected] : all) {
        const errc why = expected;  // clang 14 captures no structured binding
        CAPTURE(why);
        CHECK(got->times == 1);
        CHECK_FALSE(got->thrown);
        CHECK_FALSE(got->result);
        CHECK(got->result.rejected == why);
        CHECK(got->result.id == admit::conversation_id{});
    }
    CHECK(at.engine.stats().admitted == 2);
}

TEST_CASE("a conversation that goes idle has its body cancelled, which can ask why") {
    office at;
    report got;
    std::optional<status> why;
    at.start(until_cancelled(why), got);
    at.poll();
    virtual_clock::advance(10s - 1ns);
    CHECK(at.expire() == 0);
    virtual_clock::advance(1ns);
    CHECK(at.expire() == 1);
    CHECK(at.engine.active_count("alice") == 1);  // until the body has ended
    CHECK(at.expire() == 0);
    at.poll();
    CHECK(got.times == 1);
    CHECK(why == status::idle);
    CHECK(got.result);
    CHECK(got.result.ended == status::idle);
    CHECK_FALSE(got.result.overstayed);
    CHECK_FALSE(got.thrown);
    CHECK(at.engine.stats().ended.idle == 1);
    CHECK(at.engine.stats().overstayed == 0);
    check_at_rest(at.engine);
}

TEST_CASE("a conversation that lasts too long has its body cancelled, however active") {
    office at;
    report got;
    std::optional<status> why;
    permit* held = nullptr;
    auto body = [&](permit& under) -> asio::awaitable<void> {
        held = &under;
        auto on = until_cancelled(why);
        co_await on(under);
    };
    at.start(body, got);
    at.poll();
    REQUIRE(held != nullptr);
    CHECK(held->remaining() == 10s);
    for (int i = 0; i < 10; ++i) {
        CHECK_FALSE(held->ending());
        CHECK(at.expire() == 0);
        virtual_clock::advance(9s);
        CHECK(held->touch());
    }
    CHECK(held->remaining() == 10s);
    virtual_clock::advance(8s);
    CHECK(held->touch());
    CHECK(held->remaining() == 2s);
    virtual_clock::advance(2s);
    CHECK(held->remaining() == 0s);
    CHECK(at.expire() == 1);
    CHECK(held->ending() == status::timed_out);
    at.poll();
    CHECK(why == status::timed_out);
    CHECK(got.result.ended == status::timed_out);
    CHECK_FALSE(got.thrown);
    CHECK(at.engine.stats().ended.timed_out == 1);
    check_at_rest(at.engine);
}

TEST_CASE("a touch in a body that was asked to end returns false") {
    office at;
    report got;
    bool let_go = false;
    permit* held = nullptr;
    at.start(stubborn(let_go, held), got);
    at.io.poll_one();
    for (int i = 0; i < 10; ++i) at.io.poll_one();
    REQUIRE(held != nullptr);
    CHECK(held->touch());
    virtual_clock::advance(10s);
    CHECK(at.expire() == 1);
    CHECK_FALSE(held->touch());
    CHECK(held->ending() == status::idle);
    CHECK(at.engine.active_count() == 1);
    let_go = true;
    at.io.run();
    CHECK(got.result.ended == status::idle);
    check_at_rest(at.engine);
}

TEST_CASE("a conversation ended by its id has its body cancelled, with the status given") {
    for (const status how : {status::completed, status::error, status::drained, status::idle}) {
        office at;
        report got;
        std::optional<status> why;
        at.start(until_cancelled(why), got);
        at.poll();
        const auto id = at.engine.conversations().at(0).id;
        CHECK(at.engine.end(id, how));
        CHECK(at.engine.active_count() == 0);
        CHECK_FALSE(at.engine.end(id));
        at.poll();
        CHECK(why == how);
        CHECK(got.times == 1);
        CHECK(got.result.ended == how);
        CHECK_FALSE(got.thrown);
        check_at_rest(at.engine);
    }
}

TEST_CASE("a conversation ended on its way to its body does not begin to work") {
    report seen;
    office o;
    bool ran = false;
    o.start(
        [&](permit&) -> asio::awaitable<void> {
            ran = true;
            co_return;
        },
        seen);
    REQUIRE(o.engine.conversations().size() == 1);  // granted, and posted
    SUBCASE("by its id") { o.engine.end(o.engine.conversations().front().id, status::error); }
    SUBCASE("by the expiry") {
        virtual_clock::advance(10s);
        CHECK(o.engine.expire(virtual_clock::now()).idle == 1);
    }
    o.io.poll();
    CHECK(!ran);
    CHECK(seen.times == 1);
    CHECK(seen.result.rejected == asio::error::operation_aborted);
    CHECK(o.engine.active_count() == 0);
}

TEST_CASE("a body that ignores its cancellation keeps its slot for its grace and no longer") {
    office at;
    report got;
    bool let_go = false;
    permit* held = nullptr;
    at.start(stubborn(let_go, held), got, {.grace = 5s});
    for (int i = 0; i < 10; ++i) at.io.poll_one();
    virtual_clock::advance(10s);
    CHECK(at.expire() == 1);
    for (int i = 0; i < 10; ++i) at.io.poll_one();
    virtual_clock::advance(5s - 1ns);
    CHECK(at.expire() == 0);
    CHECK(at.engine.try_admit("bob").error() == errc::global_limit);
    CHECK(at.engine.stats().overstayed == 0);
    virtual_clock::advance(1ns);
    at.expire();
    CHECK(at.engine.stats().overstayed == 1);
    CHECK(at.engine.stats().ended.idle == 1);
    permit bob = at.engine.try_admit("bob").value();
    CHECK_FALSE(held->touch());
    CHECK(held->remaining() == 0s);
    CHECK(held->ending() == status::idle);
    CHECK(got.times == 0);
    let_go = true;
    at.io.run();
    CHECK(got.times == 1);
    CHECK(got.result.ended == status::idle);
    CHECK(got.result.overstayed);
    CHECK(bob.end());
    CHECK(at.engine.stats().overstayed == 1);
    check_at_rest(at.engine);
}

TEST_CASE("a body may clean up within its grace") {
    office at;
    report got;
    bool cleaned = false;
    auto body = [&](permit&) -> asio::awaitable<void> {
        bool completed = false;
        try {
            co_await pause(1h);
        } catch (const boost::system::system_error&) {
            completed = true;
        }
        co_await asio::this_coro::reset_cancellation_state();
        if (completed) co_await pause(1ms);
        cleaned = true;
    };
    at.start(body, got, {.grace = 5s});
    at.poll();
    virtual_clock::advance(10s);
    at.expire();
    at.io.run();
    CHECK(cleaned);
    CHECK(got.result.ended == status::idle);
    CHECK_FALSE(got.result.overstayed);
    CHECK_FALSE(got.thrown);
    check_at_rest(at.engine);
}

TEST_CASE("an exception of a cancelled body's own is kept in the outcome") {
    office at;
    report got;
    auto body = [](permit&) -> asio::awaitable<void> {
        try {
            co_await pause(1h);
        } catch (const boost::system::system_error&) {
            throw std::domain_error{"could not clean up"};
        }
    };
    at.start(body, got);
    at.poll();
    virtual_clock::advance(10s);
    at.expire();
    at.poll();
    CHECK_FALSE(got.thrown);
    CHECK_THROWS_AS(std::rethrow_exception(got.result.error), std::domain_error);
    CHECK(got.result.ended == status::idle);
    check_at_rest(at.engine);
}

TEST_CASE("the caller cancels the wait, with every type of cancellation") {
    for (const auto type : {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                            asio::cancellation_type::total}) {
        office at;
        permit held = at.engine.try_admit("bob").value();
        report got;
        auto body = [](permit&) -> asio::awaitable<void> {
            FAIL("ran although it was cancelled");
            co_return;
        };
        at.start(body, got, {.wait_at_most = admit::forever});
        at.poll();
        CHECK(at.engine.stats().waiting == 1);
        at.cancelling.emit(type);
        at.poll();
        CHECK(got.times == 1);
        CHECK(got.result.rejected == asio::error::operation_aborted);
        CHECK_FALSE(got.thrown);
        held.end();
        check_at_rest(at.engine);
    }
}

TEST_CASE("the caller cancels the body, with every type of cancellation") {
    for (const auto type : {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                            asio::cancellation_type::total}) {
        office at;
        report got;
        std::optional<status> why;
        at.start(until_cancelled(why), got);
        at.poll();
        at.cancelling.emit(type);
        at.poll();
        CHECK(got.times == 1);
        CHECK(got.was_aborted());
        CHECK(got.result);
        CHECK(got.result.ended == status::cancelled);
        CHECK(got.result.error == got.thrown);
        CHECK_FALSE(why);  // the engine did not ask for it
        CHECK(at.engine.stats().ended.cancelled == 1);
        check_at_rest(at.engine);
    }
}

TEST_CASE("the caller cancels between the grant and the body, and no slot is lost") {
    for (const bool waits : {true, false}) {
        office at;
        report got;
        std::optional<status> why;
        permit held;
        if (waits) held = at.engine.try_admit("bob").value();
        at.start(until_cancelled(why), got, {.wait_at_most = admit::forever});
        if (waits) held.end();  // grants it
        CHECK(at.engine.active_count("alice") == 1);
        at.cancelling.emit(asio::cancellation_type::terminal);
        at.poll();
        CHECK(got.times == 1);
        const bool not_begun = got.result.rejected == asio::error::operation_aborted;
        CHECK((not_begun || got.was_aborted()));
        CHECK(at.engine.stats().ended.cancelled == 1);
        check_at_rest(at.engine);
    }
}

TEST_CASE("when a cancellation came before the grant, the caller finds the slot free") {
    office at;
    permit held = at.engine.try_admit("bob").value();
    auto no_body = [](permit&) -> asio::awaitable<void> {
        FAIL("the body of a cancelled one ran");
        co_return;
    };
    int times = 0;
    auto handler = [&](std::exception_ptr, const admit::outcome& result) {
        ++times;
        CHECK(result.rejected == asio::error::operation_aborted);
        CHECK(at.engine.try_admit("alice"));
    };
    admit::async_with_permit(
        at.engine, "alice", {.wait_at_most = admit::forever}, no_body,
        asio::bind_executor(at.io, asio::bind_cancellation_slot(at.cancelling.slot(), handler)));
    at.cancelling.emit(asio::cancellation_type::terminal);  // on its way to the strand
    held.end();                                             // grants it
    at.poll();
    CHECK(times == 1);
    check_at_rest(at.engine);
}

TEST_CASE("a body may own what can only be moved") {
    office at;
    report got;
    int sum = 0;
    std::weak_ptr<int> watched;
    {
        auto shared = std::make_shared<int>(20);
        watched = shared;
        auto body = [&sum, owned = std::make_unique<int>(22),
                     shared = std::move(shared)](permit&) -> asio::awaitable<void> {
            co_await pause(1ns);
            sum = *owned + *shared;
        };
        at.start(std::move(body), got);
    }
    CHECK_FALSE(watched.expired());
    at.io.run();
    CHECK(sum == 42);
    CHECK(watched.expired());
}

TEST_CASE("bodies that return at once follow each other without end") {
    office at;
    int runs = 0;
    auto caller = [&]() -> asio::awaitable<void> {
        auto body = [&](permit&) -> asio::awaitable<void> {
            ++runs;
            co_return;
        };
        for (int i = 0; i < 10'000; ++i) {
            auto work = admit::async_with_permit(at.engine, "alice", {}, body, asio::use_awaitable);
            auto result = co_await std::move(work);
            CHECK(result.ended == status::completed);
        }
    };
    asio::co_spawn(at.io, caller, asio::detached);
    at.io.run();
    CHECK(runs == 10'000);
    check_at_rest(at.engine);
}

TEST_CASE("a body may give its permit away, and the conversation goes with it") {
    for (const bool detached : {true, false}) {
        office at;
        report got;
        permit kept;
        admit::conversation_id id;
        auto body = [&](permit& under) -> asio::awaitable<void> {
            id = under.id();
            co_await pause(1ns);
            if (detached)
                under.detach();
            else
                kept = std::move(under);
            co_await pause(1ns);
        };
        at.start(body, got);
        at.io.run();
        CHECK(got.times == 1);
        CHECK(got.result);
        CHECK(got.result.id == id);
        CHECK(at.engine.active_count("alice") == 1);
        CHECK(at.engine.end(id));
        check_at_rest(at.engine);
    }
}

TEST_CASE("a body may end its conversation itself and go on without it") {
    office at;
    report got;
    bool admitted_another = false;
    auto body = [&](permit& under) -> asio::awaitable<void> {
        CHECK(under.end(status::error));
        admitted_another = at.engine.try_admit("bob").has_value();
        co_await pause(1ns);
        CHECK_FALSE(under.touch());
    };
    at.start(body, got);
    at.io.run();
    CHECK(admitted_another);
    CHECK(got.times == 1);
    CHECK_FALSE(got.thrown);
    CHECK(at.engine.stats().ended.error == 1);
    check_at_rest(at.engine);
}

TEST_CASE("two to ten workers at once never hold more than the limit, and all come to their turn") {
    for (int workers = 2; workers <= 10; ++workers) {
        office at{counts(3, 2)};
        int inside = 0;
        int most = 0;
        int done = 0;
        auto body = [&](permit&) -> asio::awaitable<void> {
            most = std::max(most, ++inside);
            co_await pause(1us);
            --inside;
        };
        std::vector<report> reports(static_cast<std::size_t>(workers));
        for (int i = 0; i < workers; ++i)
            at.start(body, reports[static_cast<std::size_t>(i)], {.wait_at_most = 1h},
                     i % 2 == 0 ? "alice" : "bob");
        at.io.run();
        for (const report& each : reports)
            if (each.result && each.result.ended == status::completed) ++done;
        CHECK(done == workers);
        CHECK(most == std::min(workers, 3));
        check_at_rest(at.engine);
    }
}

TEST_CASE("a grace of nothing or less ends at the next look, one without end never") {
    for (const admit::duration grace : {admit::duration{0}, admit::duration{-5s}, admit::never}) {
        office at;
        report got;
        bool let_go = false;
        permit* held = nullptr;
        at.start(stubborn(let_go, held), got, {.grace = grace});
        for (int i = 0; i < 10; ++i) at.io.poll_one();
        virtual_clock::advance(10s);
        CHECK(at.expire() == 1);
        virtual_clock::advance(grace == admit::never ? admit::duration{24h * 365} : 0s);
        at.expire();
        CHECK(at.engine.stats().overstayed == (grace == admit::never ? 0 : 1));
        let_go = true;
        at.io.run();
        CHECK(got.result.overstayed == (grace != admit::never));
        check_at_rest(at.engine);
    }
}
