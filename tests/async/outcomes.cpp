// SPDX-License-Identifier: BSL-1.0
// `admit::outcome`: it agrees with the statistics, however the body, the caller or the engine ended
// the conversation, and it keeps what a cancelled body threw.
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/channel_error.hpp>
#include <chrono>
#include <stdexcept>

#include "async/one_body.hpp"

namespace asio = boost::asio;
using admit::permit;
using admit::status;
using support::body;
using support::check_at_rest;
using support::one_body;
using support::pause;
using support::sleeps;
using namespace std::chrono_literals;

namespace {

template <class Exception>
bool is(const std::exception_ptr& thrown) {
    if (!thrown) return false;
    try {
        std::rethrow_exception(thrown);
    } catch (const Exception&) {
        return true;
    } catch (...) {
        return false;
    }
}

asio::awaitable<void> returns_all_the_same(permit&) {
    try {
        co_await pause(1h);
    } catch (const std::exception&) {
    }
}

asio::awaitable<void> waits_for_either(permit&) {
    using namespace asio::experimental::awaitable_operators;
    auto either = pause(1h) || pause(1h);
    auto which = co_await std::move(either);
    static_cast<void>(which);
}

asio::awaitable<void> waits_for_both(permit&) {
    using namespace asio::experimental::awaitable_operators;
    auto both = pause(1h) && pause(1h);
    co_await std::move(both);
}

asio::awaitable<void> waits_for_a_message(permit&) {
    auto executor = co_await asio::this_coro::executor;
    asio::experimental::channel<void(boost::system::error_code, int)> messages{executor, 1};
    auto next = messages.async_receive(asio::use_awaitable);
    int message = co_await std::move(next);
    static_cast<void>(message);
}

asio::awaitable<void> throws_an_exception_of_its_kind(permit&) {
    bool cancelled = false;
    try {
        co_await pause(1h);
    } catch (const std::exception&) {
        cancelled = true;
    }
    if (cancelled) throw std::domain_error{"could not say goodbye"};
}

asio::awaitable<void> throws_no_exception_class(permit&) {
    bool cancelled = false;
    try {
        co_await pause(1h);
    } catch (const std::exception&) {
        cancelled = true;
    }
    if (cancelled) throw 42;
}

const body all_that_throw[] = {sleeps,
                               waits_for_either,
                               waits_for_both,
                               waits_for_a_message,
                               throws_an_exception_of_its_kind,
                               throws_no_exception_class};

constexpr status all_statuses[] = {status::completed, status::idle,    status::timed_out,
                                   status::error,     status::drained, status::cancelled};

}  // namespace

TEST_CASE("whatever a body throws that the engine cancelled is kept in the outcome") {
    for (const body& work : all_that_throw) {
        one_body at;
        SUBCASE("as idle") {
            at.start(work);
            at.poll();
            at.expire();
            CHECK(at.result.ended == status::idle);
        }
        SUBCASE("by its id") {
            at.start(work);
            at.poll();
            CHECK(at.engine.end(at.engine.conversations().at(0).id, status::timed_out));
            at.poll();
            CHECK(at.result.ended == status::timed_out);
        }
        SUBCASE("by its user") {
            at.start(work);
            at.poll();
            CHECK(at.engine.end("alice", status::cancelled) == 1);
            CHECK(at.engine.active_count() == 0);
            at.poll();
            CHECK(at.result.ended == status::cancelled);
        }
        CHECK(at.times == 1);
        CHECK_FALSE(at.thrown);
        CHECK(at.result);
        CHECK(at.result.error);
        CHECK(at.counted(at.result.ended) == 1);
        check_at_rest(at.engine);
    }
}

TEST_CASE("the outcome keeps the exception itself") {
    one_body at;
    at.start(waits_for_a_message);
    at.poll();
    at.expire();
    REQUIRE(is<boost::system::system_error>(at.result.error));
    try {
        std::rethrow_exception(at.result.error);
    } catch (const boost::system::system_error& error) {
        CHECK(error.code() == asio::experimental::error::channel_cancelled);
    }
}

TEST_CASE("a body that returns although it was cancelled leaves no exception") {
    one_body at;
    at.start(returns_all_the_same);
    at.poll();
    SUBCASE("by the engine") {
        at.expire();
        CHECK(at.result.ended == status::idle);
    }
    SUBCASE("by its caller") {
        at.cancelling.emit(asio::cancellation_type::terminal);
        at.poll();
        CHECK(at.result.ended == status::completed);
    }
    CHECK(at.times == 1);
    CHECK_FALSE(at.thrown);
    CHECK_FALSE(at.result.error);
    CHECK(at.counted(at.result.ended) == 1);
    check_at_rest(at.engine);
}

TEST_CASE("a body that its caller cancels is counted as cancelled, whatever it throws") {
    for (const body& work : all_that_throw) {
        one_body at;
        at.start(work);
        at.poll();
        at.cancelling.emit(asio::cancellation_type::partial);
        at.poll();
        CHECK(at.times == 1);
        CHECK(at.thrown);
        CHECK(at.result.error == at.thrown);
        CHECK(at.result.ended == status::cancelled);
        CHECK(at.counted(status::cancelled) == 1);
        CHECK(at.counted(status::error) == 0);
        check_at_rest(at.engine);
    }
}

TEST_CASE("a body that fails of its own accord is an error, and nothing is kept in the outcome") {
    one_body at;
    at.start([](permit&) -> asio::awaitable<void> {
        co_await pause(1ns);
        throw std::domain_error{"of the body"};
    });
    at.io.run();
    CHECK(is<std::domain_error>(at.thrown));
    CHECK_FALSE(at.result.error);
    CHECK(at.result.ended == status::error);
    CHECK(at.counted(status::error) == 1);
}

TEST_CASE("the outcome has the status with which a body ended its permit, however it goes on") {
    for (const status how : all_statuses)
        for (const bool throws : {false, true}) {
            one_body at;
            at.start([=](permit& under) -> asio::awaitable<void> {
                CHECK(under.end(how));
                CHECK_FALSE(under.end(status::timed_out));
                co_await pause(1ns);
                if (throws) throw std::runtime_error{"after the end"};
            });
            at.io.run();
            CHECK(at.times == 1);
            CHECK(is<std::runtime_error>(at.thrown) == throws);
            CHECK(at.result.ended == how);
            CHECK_FALSE(at.result.overstayed);
            CHECK(at.counted(how) == 1);
            check_at_rest(at.engine);
        }
}

TEST_CASE("a status that is none is an error in the outcome too") {
    const auto none = static_cast<status>(200);
    one_body at;
    SUBCASE("given by the body") {
        at.start([=](permit& under) -> asio::awaitable<void> {
            CHECK(under.end(none));
            co_return;
        });
        at.poll();
    }
    SUBCASE("given with the id") {
        at.start(sleeps);
        at.poll();
        CHECK(at.engine.end(at.engine.conversations().at(0).id, none));
        at.poll();
    }
    CHECK(at.result.ended == status::error);
    CHECK_FALSE(at.result.overstayed);
    CHECK(at.counted(status::error) == 1);
}

TEST_CASE("a body that took another permit in place of its own ends only its own") {
    one_body at;
    permit* held = nullptr;
    at.start([&](permit& under) -> asio::awaitable<void> {
        under = at.engine.try_admit("bob").value();
        held = &under;
        co_await pause(1ns);
        CHECK(under.touch());
        throw std::domain_error{"of the body"};
    });
    at.io.run();
    REQUIRE(held != nullptr);
    CHECK(at.result.ended == status::error);
    CHECK(at.engine.stats().ended.total() == 2);  // bob's ends with the operation
}

TEST_CASE("a moved permit remembers what it ended as") {
    one_body at;
    at.start([](permit& under) -> asio::awaitable<void> {
        CHECK(under.end(status::cancelled));
        permit kept = std::move(under);
        under = std::move(kept);
        co_return;
    });
    at.io.run();
    CHECK(at.result.ended == status::cancelled);
}

TEST_CASE("an operation that is cancelled between its grant and its body is counted as cancelled") {
    one_body at;
    at.start(sleeps);
    CHECK(at.engine.active_count() == 1);
    at.cancelling.emit(asio::cancellation_type::total);
    at.poll();
    CHECK(at.times == 1);
    CHECK(at.counted(status::cancelled) == 1);
    check_at_rest(at.engine);
}
