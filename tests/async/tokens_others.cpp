// SPDX-License-Identifier: BSL-1.0
// Every completion token with every outcome of `async_with_permit`, `async_expire`, `async_drain`.
#include "tokens.hpp"

#include <chrono>
#include <stdexcept>

namespace asio = boost::asio;
using admit::errc;
using admit::permit;
using admit::status;
using support::check_at_rest;
using tokens::rig;
using tokens::tells;
using namespace std::chrono_literals;

namespace {

struct until_cancelled {
    asio::awaitable<void> operator()(permit&) const { co_await support::pause(1h); }
};
struct throwing {
    asio::awaitable<void> operator()(permit&) const {
        co_await support::pause(1ns);
        throw std::domain_error{"of the body"};
    }
};
struct touching {
    asio::awaitable<void> operator()(permit& permit) const {
        co_await support::pause(1ns);
        permit.touch();
    }
};

template <class Body>
struct working {
    using value = admit::outcome;
    rig* at;
    admit::duration at_most;

    template <class... Token>
    auto operator()(Token&&... token) const {
        return admit::async_with_permit(at->engine, "alice", {.wait_at_most = at_most}, Body{},
                                        std::forward<Token>(token)...);
    }
};

struct expiring {
    using value = void;
    admit::engine* engine;

    template <class... Token>
    auto operator()(Token&&... token) const {
        return admit::async_expire(*engine, 1ms, std::forward<Token>(token)...);
    }
};

struct draining {
    using value = admit::drain_report;
    rig* at;
    admit::duration deadline;

    template <class... Token>
    auto operator()(Token&&... token) const {
        return admit::async_drain(at->engine, {.deadline = deadline},
                                  std::forward<Token>(token)...);
    }
};

}  // namespace

// --- async_with_permit ------------------------------------------------------------------------

TEST_CASE_TEMPLATE("work completes", way, ADMIT_TOKENS_FOR_ALL) {
    for (const bool later : {false, true}) {
        rig at;
        permit held;
        if (later) held = at.engine.try_admit("bob").value();
        way::start(at, working<touching>{&at, 1h});
        CHECK(at.times == 0);
        at.poll();
        if (later) CHECK(at.engine.stats().waiting == 1);
        held.end();
        at.finish();
        if (tells<way>) {
            CHECK(at.times == 1);
            CHECK_FALSE(at.error);
            CHECK_FALSE(at.thrown);
            REQUIRE(at.outcome);
            CHECK(*at.outcome);
            CHECK(at.outcome->ended == status::completed);
        }
        CHECK(at.engine.stats().ended.completed == (later ? 2 : 1));
        check_at_rest(at.engine);
    }
}

TEST_CASE_TEMPLATE("work fails", way, ADMIT_TOKENS_FOR_ALL) {
    rig at;
    way::start(at, working<throwing>{&at, 0s});
    at.finish();
    if (tells<way>) {
        CHECK(at.times == 1);
        REQUIRE(at.thrown);
        CHECK_THROWS_AS(std::rethrow_exception(at.thrown), std::domain_error);
    }
    CHECK(at.engine.stats().ended.error == 1);
    check_at_rest(at.engine);
}

TEST_CASE_TEMPLATE("work is rejected", way, ADMIT_TOKENS_FOR_ALL) {
    for (const auto& [wait, why] : {std::pair{admit::duration{0}, errc::global_limit},
                                    std::pair{admit::duration{1ms}, errc::wait_timeout}}) {
        rig at;
        const permit held = at.engine.try_admit("bob").value();
        way::start(at, working<touching>{&at, wait});
        CHECK(at.times == 0);
        at.finish();
        if (tells<way>) {
            CHECK(at.times == 1);
            CHECK_FALSE(at.thrown);
            REQUIRE(at.outcome);
            CHECK(at.outcome->rejected == why);
        }
        CHECK(at.engine.stats().rejected.total() == 1);
        CHECK(at.engine.stats().admitted == 1);
    }
}

TEST_CASE_TEMPLATE("work is cancelled by its caller", way, ADMIT_TOKENS_FOR_ALL) {
    rig at;
    way::start(at, working<until_cancelled>{&at, 0s});
    // Without an executor the body is on some thread, and a signal is for one thread at a time.
    if (std::is_same_v<way, tokens::with_use_future_anywhere>) {
        at.engine.end(at.engine.conversations().at(0).id);
        at.collect();
        return;
    }
    at.poll();
    CHECK(at.engine.active_count() == 1);
    at.cancelling.emit(asio::cancellation_type::terminal);
    at.finish();
    if (tells<way>) {
        CHECK(at.times == 1);
        CHECK(at.error == asio::error::operation_aborted);
    }
    CHECK(at.engine.stats().ended.cancelled == 1);
    check_at_rest(at.engine);
}

TEST_CASE_TEMPLATE("work is ended by the engine", way, ADMIT_TOKENS_FOR_ALL) {
    rig at;
    way::start(at, working<until_cancelled>{&at, 0s});
    at.poll();
    at.engine.end(at.engine.conversations().at(0).id, status::timed_out);
    at.finish();
    if (tells<way>) {
        CHECK(at.times == 1);
        REQUIRE(at.outcome);
        // Without an executor the body is on some thread, and may not have begun yet.
        if (std::is_same_v<way, tokens::with_use_future_anywhere> && at.outcome->rejected)
            CHECK(at.outcome->rejected == asio::error::operation_aborted);
        else
            CHECK(at.outcome->ended == status::timed_out);
    }
    check_at_rest(at.engine);
}

// --- async_expire -----------------------------------------------------------------------------

TEST_CASE_TEMPLATE("the loop of the expiry is cancelled", way, ADMIT_TOKENS_FOR_ERROR_CODES) {
    if (std::is_same_v<way, tokens::with_use_future_anywhere>) return;  // as above
    rig at;
    way::start(at, expiring{&at.engine});
    at.poll();
    CHECK(at.times == 0);
    at.cancelling.emit(asio::cancellation_type::terminal);
    at.finish();
    if (tells<way>) {
        CHECK(at.times == 1);
        CHECK(at.error == asio::error::operation_aborted);
    }
}

TEST_CASE_TEMPLATE("the loop of the expiry outlives its engine", way,
                   ADMIT_TOKENS_FOR_ERROR_CODES) {
    rig at;
    auto engine = std::make_unique<admit::engine>(support::counts(1, 1));
    way::start(at, expiring{engine.get()});
    at.poll();
    engine.reset();
    at.finish();
    if (tells<way>) {
        CHECK(at.times == 1);
        CHECK(at.error == errc::shutting_down);
    }
}

// --- async_drain ------------------------------------------------------------------------------

TEST_CASE_TEMPLATE("a drain finds nothing active", way, ADMIT_TOKENS_FOR_ERROR_CODES) {
    rig at;
    way::start(at, draining{&at, 1h});
    CHECK(at.times == 0);
    at.finish();
    if (tells<way>) {
        CHECK(at.times == 1);
        CHECK_FALSE(at.error);
        REQUIRE(at.report);
        CHECK(at.report->completed == 0);
        CHECK(at.report->cut.empty());
    }
    CHECK(support::rejection(at.engine, "bob") == errc::shutting_down);
}

TEST_CASE_TEMPLATE("a drain cuts off what is left", way, ADMIT_TOKENS_FOR_ERROR_CODES) {
    rig at;
    permit held = at.engine.try_admit("bob").value();
    way::start(at, draining{&at, 1ms});
    CHECK(at.times == 0);
    at.finish();
    if (tells<way>) {
        CHECK(at.times == 1);
        CHECK_FALSE(at.error);
        REQUIRE(at.report);
        REQUIRE(at.report->cut.size() == 1);
        CHECK(at.report->cut[0].id == held.id());
    }
    CHECK(at.engine.stats().ended.drained == 1);
    CHECK_FALSE(held.touch());
}

TEST_CASE_TEMPLATE("a drain is cancelled", way, ADMIT_TOKENS_FOR_ERROR_CODES) {
    if (std::is_same_v<way, tokens::with_use_future_anywhere>) return;  // as above
    rig at;
    permit held = at.engine.try_admit("bob").value();
    way::start(at, draining{&at, 1h});
    at.poll();
    CHECK(at.times == 0);
    at.cancelling.emit(asio::cancellation_type::terminal);
    at.finish();
    if (tells<way>) {
        CHECK(at.times == 1);
        CHECK(at.error == asio::error::operation_aborted);
    }
    CHECK(held.end());
}
