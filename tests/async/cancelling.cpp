// SPDX-License-Identifier: BSL-1.0
// Races of cancellations, time-outs and grants: one of them wins, and no slot is lost.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "support/async.hpp"
#include "support/printing.hpp"

namespace asio = boost::asio;
using admit::errc;
using admit::permit;
using support::answer;
using support::check_at_rest;
using support::counts;
using support::waiter;
using support::waiters;
using namespace std::chrono_literals;

namespace {

constexpr asio::cancellation_type types[] = {
    asio::cancellation_type::terminal, asio::cancellation_type::partial,
    asio::cancellation_type::total, asio::cancellation_type::all};

constexpr admit::duration wait_times[] = {1h, admit::forever};  // with and without a timer

/// An engine with one slot, which is taken.
struct full_engine {
    waiter& wait(std::string_view user, admit::duration at_most = admit::forever) {
        all.push_back(std::make_unique<waiter>(io.get_executor(), engine, user, at_most));
        return *all.back();
    }
    void poll() {
        io.restart();
        io.poll();
    }
    /// Ends each conversation in turn, and returns the users in the order of their grants.
    std::vector<std::string> serve_all() {
        std::vector<std::string> served;
        held.end();
        for (;;) {
            poll();
            const auto now = engine.conversations();
            if (now.empty()) return served;
            served.push_back(now.at(0).user);
            engine.end(now.at(0).id);
        }
    }

    admit::engine engine{counts(1, 1)};
    asio::io_context io;
    permit held = engine.try_admit("holder").value();
    waiters all;
};

/// Lets real time pass.
void let_pass(admit::duration length) {
    const auto until = std::chrono::steady_clock::now() + length;
    while (std::chrono::steady_clock::now() < until) std::this_thread::sleep_until(until);
}

}  // namespace

TEST_CASE("a waiter is cancelled by every type of cancellation, and leaves no trace") {
    for (const auto type : types)
        for (const auto wait_time : wait_times)
            for (const bool polled : {true, false}) {
                full_engine at;
                waiter& alice = at.wait("alice", wait_time);
                if (polled) at.poll();
                CHECK(at.engine.stats().waiting == 1);
                alice.cancel(type);
                CHECK(alice.waits());  // not completed inside the emission
                CHECK(at.engine.stats().waiting == 0);
                at.poll();
                CHECK(alice.got.refused_as(asio::error::operation_aborted));
                CHECK(at.engine.stats().rejected.total() == 0);
                CHECK(at.io.stopped());  // no timer is left
                at.held.end();
                check_at_rest(at.engine);
            }
}

TEST_CASE("a cancellation that comes after the grant changes nothing") {
    for (const auto type : types)
        for (const auto wait_time : wait_times) {
            full_engine at;
            waiter& alice = at.wait("alice", wait_time);
            waiter& bob = at.wait("bob", wait_time);
            at.held.end();
            alice.cancel(type);
            alice.cancel(type);
            at.poll();
            CHECK(alice.got.has_permit());
            CHECK(bob.waits());
            alice.got.granted.end();
            at.poll();
            CHECK(bob.got.has_permit());
            bob.got.granted = {};
            check_at_rest(at.engine);
        }
}

TEST_CASE("a cancellation that comes before the grant wins, and the next waiter is served") {
    full_engine at;
    waiter& alice = at.wait("alice");
    waiter& bob = at.wait("bob");
    alice.cancel();
    at.held.end();
    at.poll();
    CHECK(alice.got.refused_as(asio::error::operation_aborted));
    CHECK(bob.got.has_permit());
    bob.got.granted.end();
    check_at_rest(at.engine);
}

TEST_CASE("a second cancellation, and one after the end, are harmless") {
    full_engine at;
    waiter& alice = at.wait("alice");
    alice.cancel();
    alice.cancel();
    at.poll();
    alice.cancel();
    CHECK(alice.got.refused_as(asio::error::operation_aborted));
    waiter& bob = at.wait("bob");
    at.held.end();
    at.poll();
    bob.cancel();
    CHECK(bob.got.has_permit());
    bob.got.granted.end();
    check_at_rest(at.engine);
}

TEST_CASE("whichever waiters are cancelled, the others are served in their turns") {
    const std::vector<std::string> users{"alice", "bob", "alice", "carol", "bob"};
    for (unsigned chosen = 0; chosen < 1U << users.size(); ++chosen) {
        CAPTURE(chosen);
        full_engine at;
        std::map<std::string, int> left;  // of each user; users take turns in this order
        for (std::size_t i = 0; i < users.size(); ++i) {
            at.wait(users[i]);
            if ((chosen >> i & 1) == 0) ++left[users[i]];
        }
        for (std::size_t i = 0; i < users.size(); ++i)
            if ((chosen >> i & 1) != 0) at.all[i]->cancel();
        std::vector<std::string> expected;
        for (int turn = 0; turn < 2; ++turn)
            for (auto& [user, count] : left)
                if (count-- > 0) expected.push_back(user);
        CHECK(at.serve_all() == expected);
        for (std::size_t i = 0; i < users.size(); ++i)
            CHECK(at.all[i]->got.refused_as(asio::error::operation_aborted) ==
                  ((chosen >> i & 1) != 0));
        check_at_rest(at.engine);
    }
}

TEST_CASE("what was set aside for a waiter that is cancelled is free again") {
    full_engine at;
    at.engine.set_limits(counts(1, 1));
    waiter& alice = at.wait("alice");  // charged: only the slot is missing
    alice.cancel();
    at.poll();
    at.held.end();
    permit again = at.engine.try_admit("alice").value();
    CHECK(again);
    CHECK(at.engine.active_count("alice") == 1);
}

TEST_CASE("a waiter times out, and leaves no trace") {
    full_engine at;
    const auto begun = std::chrono::steady_clock::now();
    waiter& alice = at.wait("alice", 1ms);
    waiter& bob = at.wait("bob", 2ms);
    waiter& carol = at.wait("carol", 1h);
    while (bob.waits()) at.io.run_one();
    CHECK(std::chrono::steady_clock::now() - begun >= 2ms);
    CHECK(alice.got.refused_as(errc::wait_timeout));
    CHECK(bob.got.refused_as(errc::wait_timeout));
    CHECK(carol.waits());
    CHECK(at.engine.stats().waiting == 1);
    CHECK(at.engine.stats().rejected.wait_timeout == 2);
    at.held.end();
    at.poll();
    CHECK(carol.got.has_permit());
    carol.got.granted.end();
    check_at_rest(at.engine);
}

TEST_CASE("a time-out that comes after the grant changes nothing") {
    for (int i = 0; i < 5; ++i) {
        full_engine at;
        waiter& alice = at.wait("alice", 1ms);
        waiter& bob = at.wait("bob");
        at.held.end();
        let_pass(2ms);  // the timer is due as well
        at.poll();
        CHECK(alice.got.has_permit());
        CHECK(bob.waits());
        alice.got.granted.end();
        at.poll();
        CHECK(bob.got.has_permit());
        CHECK(at.engine.stats().rejected.wait_timeout == 0);
        bob.got.granted.end();
        check_at_rest(at.engine);
    }
}

TEST_CASE(
    "a time-out that is due but was not noticed yet does not undo a grant, nor a cancellation") {
    full_engine at;
    waiter& alice = at.wait("alice", 1ms);
    waiter& bob = at.wait("bob", 1ms);
    let_pass(2ms);
    bob.cancel();
    at.held.end();
    at.poll();
    CHECK(alice.got.has_permit());
    CHECK(bob.got.refused_as(asio::error::operation_aborted));
    alice.got.granted.end();
    check_at_rest(at.engine);
}

TEST_CASE("a coroutine that was cancelled before asks for nothing") {
    admit::engine engine{counts(1, 1)};
    asio::io_context io;
    asio::cancellation_signal cancelling;
    bool threw = false;
    auto life = [&]() -> asio::awaitable<void> {
        try {
            co_await support::pause(1h);
        } catch (const boost::system::system_error&) {
        }
        auto admission = admit::async_admit(engine, "alice", {}, asio::use_awaitable);
        try {
            permit granted = co_await std::move(admission);
            FAIL("was admitted");
        } catch (const boost::system::system_error& error) {
            threw = error.code() == asio::error::operation_aborted;
        }
    };
    asio::co_spawn(io, life, asio::bind_cancellation_slot(cancelling.slot(), asio::detached));
    io.poll();
    cancelling.emit(asio::cancellation_type::terminal);
    io.run();
    CHECK(threw);
    CHECK(engine.stats().admitted == 0);
}

TEST_CASE(
    "a coroutine cancelled after its grant has the permit, and the slot goes on when it ends") {
    full_engine at;
    asio::cancellation_signal cancelling;
    bool had_permit = false;
    bool threw = false;
    auto life = [&]() -> asio::awaitable<void> {
        auto admission =
            admit::async_admit(at.engine, "alice", {.wait_at_most = 1h}, asio::use_awaitable);
        permit granted = co_await std::move(admission);
        had_permit = static_cast<bool>(granted);
        try {
            co_await support::pause(1h);
        } catch (const boost::system::system_error&) {
            threw = true;
            throw;
        }
    };
    asio::co_spawn(at.io, life, asio::bind_cancellation_slot(cancelling.slot(), asio::detached));
    at.poll();
    waiter& bob = at.wait("bob");
    at.held.end();
    cancelling.emit(asio::cancellation_type::terminal);
    at.poll();
    CHECK(had_permit);
    CHECK(threw);
    CHECK(bob.got.has_permit());
    bob.got.granted.end();
    check_at_rest(at.engine);
}

TEST_CASE("an admission that was found at once is not taken back by a cancellation") {
    for (const auto type : types) {
        admit::engine engine{counts(1, 1)};
        asio::io_context io;
        waiter alice{io.get_executor(), engine, "alice"};
        alice.cancel(type);
        io.run();
        CHECK(alice.got.has_permit());
        alice.got.granted.end();
        check_at_rest(engine);
    }
}

TEST_CASE("the loop of the expiry ends by every type of cancellation, at any time") {
    for (const auto type : types)
        for (const int turns : {0, 1, 3}) {
            admit::engine engine{counts(1, 1)};
            asio::io_context io;
            asio::cancellation_signal cancelling;
            int times = 0;
            boost::system::error_code why;
            admit::async_expire(engine, 1ms,
                                asio::bind_executor(io, asio::bind_cancellation_slot(
                                                            cancelling.slot(),
                                                            [&](boost::system::error_code error) {
                                                                ++times;
                                                                why = error;
                                                            })));
            for (int i = 0; i < turns; ++i) io.run_one();
            cancelling.emit(type);
            CHECK(times == 0);
            io.run();
            CHECK(times == 1);
            CHECK(why == asio::error::operation_aborted);
            cancelling.emit(type);  // after the completion
        }
}

TEST_CASE("a drain ends by every type of cancellation, and the engine stays closed") {
    for (const auto type : types)
        for (const admit::duration deadline : {admit::duration{0}, admit::duration{1h}})
            for (const bool polled : {true, false}) {
                full_engine at;
                // A supervised conversation, so that a drain has something to wait for after the
                // deadline.
                bool let_go = false;
                auto body = [&](permit&) -> asio::awaitable<void> {
                    auto executor = co_await asio::this_coro::executor;
                    co_await asio::this_coro::throw_if_cancelled(false);
                    while (!let_go) co_await asio::post(executor, asio::use_awaitable);
                };
                at.held.end();
                admit::async_with_permit(at.engine, "alice", {.grace = 1h}, body,
                                         asio::bind_executor(at.io, asio::detached));
                for (int i = 0; i < 10; ++i) at.io.poll_one();
                asio::cancellation_signal cancelling;
                int times = 0;
                boost::system::error_code why;
                admit::async_drain(
                    at.engine, {.deadline = deadline},
                    asio::bind_executor(
                        at.io, asio::bind_cancellation_slot(
                                   cancelling.slot(),
                                   [&](boost::system::error_code error, admit::drain_report) {
                                       ++times;
                                       why = error;
                                   })));
                if (polled)
                    for (int i = 0; i < 10; ++i) at.io.poll_one();
                cancelling.emit(type);
                CHECK(times == 0);
                for (int i = 0; i < 10; ++i) at.io.poll_one();
                CHECK(times == 1);
                CHECK(why == asio::error::operation_aborted);
                CHECK(support::rejection(at.engine, "bob") == errc::shutting_down);
                CHECK(at.engine.active_count() == 1);
                let_go = true;
                at.io.run();
                CHECK(at.engine.active_count() == 0);
            }
}
