// SPDX-License-Identifier: BSL-1.0
// Each allocation of a wait, a grant, a cancellation and a drain fails once: nothing is lost.
#include <boost/asio/bind_allocator.hpp>
#include <chrono>
#include <memory>
#include <vector>

#include "support/allocations.hpp"
#include "support/async.hpp"
#include "support/printing.hpp"

namespace asio = boost::asio;
using admit::errc;
using admit::permit;
using support::answer;
using support::check_at_rest;
using support::counts;
using support::into;
using support::waiter;
using support::allocations::survives_failure;
using namespace std::chrono_literals;

namespace {

/// Engines that are kept alive, so that the next engine gets memory that was not used before.
std::vector<std::unique_ptr<admit::engine>> kept;

admit::engine& fresh_engine() {
    kept.push_back(std::make_unique<admit::engine>(counts(1, 1)));
    return *kept.back();
}

/// Whether the function under the latest `survives_failure` reached its n-th allocation.
bool came_to(std::uint64_t nth) { return support::allocations::count() >= nth; }

/// Calls `round(nth)` with the n-th allocation failing, for each n, and once without a failure.
/// `round` returns whether it reached its n-th allocation.
template <class Round>
void for_each_allocation(std::uint64_t at_least, const Round& round) {
    std::uint64_t nth = 1;
    for (bool failed = true; failed; ++nth) {
        REQUIRE(nth < 200);
        CAPTURE(nth);
        failed = round(nth);
    }
    CHECK(nth > at_least + 1);
}

/// A waiter that could not be woken is tried again at the latest at the next arrival or ending.
void look_again(admit::engine& engine) { engine.set_limits(engine.limits()); }

}  // namespace

TEST_CASE("a wait that fails at its n-th allocation has not begun") {
    for (const admit::duration patience : {admit::duration{1h}, admit::forever})
        for_each_allocation(2, [&](std::uint64_t nth) {
            admit::engine& engine = fresh_engine();
            permit held = engine.try_admit("alice").value();
            asio::io_context io;
            answer got;
            const std::string user(100, 'x');
            auto handler = asio::bind_executor(io, into(got));
            const bool begun = survives_failure(nth, [&] {
                admit::async_admit(engine, user, {.wait_at_most = patience}, handler);
            });
            const bool failed = came_to(nth);
            CHECK(begun != failed);
            CHECK(engine.stats().waiting == (begun ? 1 : 0));
            held.end();
            io.run();
            CHECK(got.has_permit() == begun);
            CHECK(got.times == (begun ? 1 : 0));
            got.granted = {};
            check_at_rest(engine);
            return failed;
        });
}

TEST_CASE("a grant that fails at its n-th allocation is posted later") {
    for_each_allocation(1, [&](std::uint64_t nth) {
        admit::engine& engine = fresh_engine();
        permit held = engine.try_admit("alice").value();
        asio::io_context io;
        waiter bob{io.get_executor(), engine, "bob"};
        waiter carol{io.get_executor(), engine, "carol", 1h};
        CHECK(survives_failure(nth, [&] { held.end(); }));
        const bool failed = came_to(nth);
        CHECK(engine.active_count() == 1);
        look_again(engine);
        io.poll();
        CHECK(bob.got.has_permit());
        CHECK(carol.waits());
        CHECK(survives_failure(nth, [&] { bob.got.granted.end(); }));
        look_again(engine);
        io.poll();
        CHECK(carol.got.has_permit());
        carol.got.granted.end();
        check_at_rest(engine);
        return failed;
    });
}

TEST_CASE("a grant that could not be posted is told when its wait is cancelled or its time is up") {
    enum class way { cancelled, timed_out, destroyed };
    for (const way how : {way::cancelled, way::timed_out, way::destroyed}) {
        CAPTURE(how);
        admit::engine& engine = fresh_engine();
        permit held = engine.try_admit("alice").value();
        auto io = std::make_unique<asio::io_context>();
        asio::io_context other;
        waiter bob{io->get_executor(), engine, "bob", how == way::timed_out ? 1ms : admit::forever};
        waiter carol{other.get_executor(), engine, "carol"};
        CHECK(survives_failure(1, [&] { held.end(); }));
        CHECK(came_to(1));
        CHECK(engine.active_count("bob") == 1);
        if (how == way::cancelled) bob.cancel();
        if (how == way::destroyed) io.reset();
        if (io) io->run();
        CHECK(bob.got.has_permit() == (how != way::destroyed));  // granted before, told now
        if (how == way::destroyed) CHECK(bob.waits());
        if (how != way::destroyed) bob.got.granted.end();
        other.poll();
        CHECK(carol.got.has_permit());
        CHECK(engine.active_count("bob") == 0);
        carol.got.granted.end();
        check_at_rest(engine);
    }
}

TEST_CASE("a time-out of a waiter of an engine that has gone is not counted by the next") {
    auto engine = std::make_unique<admit::engine>(counts(1, 1));
    permit held = engine->try_admit("alice").value();
    asio::io_context io;
    waiter bob{io.get_executor(), *engine, "bob", 1ms};
    {
        const support::allocations::shortage none;
        engine.reset();
    }
    CHECK(came_to(1));
    admit::engine next{counts(1, 1)};
    io.run();
    CHECK(bob.got.refused_as(errc::shutting_down));
    CHECK(next.stats().rejected.wait_timeout == 0);
}

TEST_CASE("a cancellation without memory completes all the same") {
    admit::engine& engine = fresh_engine();
    permit held = engine.try_admit("alice").value();
    asio::io_context io;
    waiter bob{io.get_executor(), engine, "bob"};
    CHECK(survives_failure(1, [&] { bob.cancel(); }));
    io.run();
    CHECK(bob.got.refused_as(asio::error::operation_aborted));
    held.end();
    check_at_rest(engine);
}

TEST_CASE("a rejection that could not be posted is posted later") {
    for_each_allocation(1, [&](std::uint64_t nth) {
        admit::engine& engine = fresh_engine();
        permit held = engine.try_admit("alice").value();
        asio::io_context io;
        waiter bob{io.get_executor(), engine, "bob"};
        waiter carol{io.get_executor(), engine, "carol"};
        CHECK(survives_failure(nth, [&] { engine.close(); }));
        const bool failed = came_to(nth);
        engine.close();
        io.run();
        CHECK(bob.got.refused_as(errc::shutting_down));
        CHECK(carol.got.refused_as(errc::shutting_down));
        CHECK(engine.stats().waiting == 0);
        return failed;
    });
}

// Failures inside `async_with_permit` are not tested: a strand of Asio 1.26 without memory destroys
// what it has not yet made, or terminates the process.

TEST_CASE("a held permit ends when its operation has no memory for the body or the handler") {
    for (const std::uint64_t nth : {1U, 2U}) {  // what follows is the strand
        admit::engine& engine = fresh_engine();
        permit held = engine.try_admit("alice").value();
        asio::io_context io;
        int handlers = 0;
        auto handler = asio::bind_allocator(
            std::allocator<char>{},
            asio::bind_executor(io,
                                [&](std::exception_ptr, const admit::outcome&) { ++handlers; }));
        auto body = [](permit&) -> asio::awaitable<void> { co_return; };
        CHECK_FALSE(survives_failure(
            nth, [&] { admit::async_with_permit(engine, std::move(held), {}, body, handler); }));
        CHECK(engine.active_count() == 0);
        CHECK(engine.stats().ended.error == 1);
        io.run();
        CHECK(handlers == 0);
        check_at_rest(engine);
    }
}

TEST_CASE("the end of a user's conversations allocates nothing") {
    admit::engine engine{counts(100, 100)};
    for (int i = 0; i < 100; ++i) engine.try_admit("alice").value().detach();
    std::size_t ended = 0;
    CHECK(support::allocations::count_in([&] { ended = engine.end("alice"); }) == 0);
    CHECK(ended == 100);
}

TEST_CASE("a drain that runs out of memory on its way completes all the same") {
    for (const admit::duration deadline : {0ns, admit::duration{1ms}})
        for_each_allocation(2, [&](std::uint64_t nth) {
            admit::engine& engine = fresh_engine();
            permit held = engine.try_admit("alice").value();
            asio::io_context io;
            int handlers = 0;
            boost::system::error_code error;
            auto handler =
                asio::bind_executor(io, [&](boost::system::error_code why, admit::drain_report) {
                    ++handlers;
                    error = why;
                });
            bool begun = false;
            const bool whole = survives_failure(nth, [&] {
                admit::async_drain(engine, {.deadline = deadline}, handler);
                begun = true;
                io.run_for(20ms);  // returns at once when all is done
            });
            const bool failed = came_to(nth);
            CHECK((whole || !begun));
            engine.close();  // serves the waiters that could not be woken
            io.restart();
            io.run();
            CHECK(handlers == (begun ? 1 : 0));
            if (!failed) {
                CHECK_FALSE(error);
                CHECK(engine.active_count() == 0);
            }
            held.end();
            CHECK(engine.active_count() == 0);
            return failed;
        });
}

TEST_CASE("a drain lists what it cuts off without an allocation for each") {
    constexpr std::size_t many = 1000;
    admit::engine engine{counts(many, many)};
    for (std::size_t i = 0; i < many; ++i) engine.try_admit("alice").value().detach();
    asio::io_context io;
    std::size_t cut = 0;
    admit::async_drain(engine, {.deadline = 0ns},
                       asio::bind_executor(io, [&](boost::system::error_code, auto report) {
                           cut = report.cut.size();
                       }));
    CHECK(support::allocations::count_in([&] { io.run(); }) < many / 10);
    CHECK(cut == many);
}

TEST_CASE("the loop of the expiry goes on without memory") {
    for_each_allocation(1, [&](std::uint64_t nth) {
        admit::engine& engine = fresh_engine();
        asio::io_context io;
        asio::cancellation_signal cancelling;
        int handlers = 0;
        auto handler = asio::bind_executor(
            io, asio::bind_cancellation_slot(cancelling.slot(),
                                             [&](boost::system::error_code) { ++handlers; }));
        bool begun = false;
        const bool whole = survives_failure(nth, [&] {
            admit::async_expire(engine, 1ms, handler);
            begun = true;
            for (int i = 0; i < 3; ++i) io.run_one();
        });
        const bool failed = came_to(nth);
        CHECK((whole || !begun));
        cancelling.emit(asio::cancellation_type::terminal);
        io.run();
        CHECK(handlers == (begun ? 1 : 0));
        return failed;
    });
}
