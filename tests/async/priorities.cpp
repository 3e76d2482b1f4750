// SPDX-License-Identifier: BSL-1.0
// Requests with a priority, and requests with a limit of their own on their user, while they wait.
#include <boost/asio/detached.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "support/async.hpp"
#include "support/printing.hpp"

namespace asio = boost::asio;
using admit::errc;
using admit::permit;
using support::check_at_rest;
using support::counts;
using support::rejection;
using namespace std::chrono_literals;

static_assert(std::is_trivially_destructible_v<admit::wait_options> &&
              std::is_aggregate_v<admit::wait_options>);
static_assert(std::is_trivially_destructible_v<admit::work_options> &&
              std::is_aggregate_v<admit::work_options>);

namespace {

/// An engine, and the requests that wait for it; each grant is recorded by the request's label.
struct recorder {
    explicit recorder(const admit::limits& limits) : engine{limits} {}

    void wait(const std::string& user, admit::wait_options options, const std::string& label) {
        options.wait_at_most = admit::forever;
        admit::async_admit(
            engine, user, options,
            asio::bind_executor(io, [=, this](boost::system::error_code error, permit granted) {
                last_error = error;
                if (error) return;
                served.push_back(label);
                if (keep) held.push_back(std::move(granted));
            }));
    }
    void poll() {
        io.restart();
        io.poll();
    }

    admit::engine engine;
    asio::io_context io;
    bool keep = false;
    std::vector<permit> held;
    std::vector<std::string> served;
    boost::system::error_code last_error;
};

/// The message of the exception that the call throws; empty if it throws none.
std::string complaint_of(const std::function<void()>& call) {
    try {
        call();
        return {};
    } catch (const std::invalid_argument& refused) {
        return refused.what();
    }
}

}  // namespace

TEST_CASE("a higher priority is served first, and users take turns within a priority") {
    recorder at{counts(1, 1)};
    std::optional<permit> held{at.engine.try_admit("holder").value()};
    at.wait("alice", {}, "alice 0");
    at.wait("bob", {.priority = 1}, "bob 1");
    at.wait("carol", {.priority = 3}, "carol 3");
    at.wait("bob", {.priority = 1}, "bob 1 again");
    at.wait("dave", {.priority = 2}, "dave 2");
    at.wait("erin", {.priority = 1}, "erin 1");
    at.wait("alice", {.priority = 3}, "alice 3");
    held.reset();
    at.poll();
    // A user keeps the turn since which it waits when a more urgent request of it comes.
    CHECK(at.served == std::vector<std::string>{"alice 3", "carol 3", "dave 2", "bob 1", "erin 1",
                                                "bob 1 again", "alice 0"});
    check_at_rest(at.engine);
}

TEST_CASE("async_with_permit waits with its priority and its own limit") {
    recorder at{counts(2, 1)};
    std::vector<permit> held;
    held.push_back(at.engine.try_admit("alice").value());
    held.push_back(at.engine.try_admit("holder").value());
    auto body = [&](permit&) -> asio::awaitable<void> {
        at.served.push_back("body");
        co_return;
    };
    at.wait("bob", {.priority = 1}, "bob");
    admit::async_with_permit(at.engine, "alice",
                             {.wait_at_most = admit::forever, .max_per_user = 2, .priority = 2},
                             body, asio::bind_executor(at.io, asio::detached));
    held.pop_back();
    at.poll();
    CHECK(at.served == std::vector<std::string>{"body", "bob"});
    held.clear();
    check_at_rest(at.engine);
}

TEST_CASE("a priority above 3 throws from the initiating function, whatever the token is") {
    admit::engine engine{counts(1, 1)};
    asio::io_context io;
    const auto key = engine.key("alice");
    auto body = [](permit&) -> asio::awaitable<void> { co_return; };
    for (const unsigned bad : {4U, 255U, 256U, ~0U}) {
        const std::string value = std::to_string(bad);
        const std::string of_wait =
            "admit::wait_options::priority is " + value + "; allowed is 0 to 3";
        const std::string of_work =
            "admit::work_options::priority is " + value + "; allowed is 0 to 3";
        CHECK(complaint_of([&] {
                  static_cast<void>(admit::async_admit(engine, "alice", {.priority = bad}));
              }) == of_wait);
        CHECK(complaint_of([&] {
                  static_cast<void>(
                      admit::async_admit(engine, key, {.priority = bad}, asio::use_awaitable));
              }) == of_wait);
        CHECK(complaint_of([&] {
                  admit::async_with_permit(engine, "alice", {.priority = bad}, body,
                                           asio::bind_executor(io, asio::detached));
              }) == of_work);
        CHECK(complaint_of([&] {
                  static_cast<void>(admit::async_with_permit(engine, key, {.priority = bad}, body,
                                                             asio::use_awaitable));
              }) == of_work);
    }
    CHECK(complaint_of([&] {
              static_cast<void>(admit::async_admit(engine, "alice", {.priority = 3}));
          }) == "");
    CHECK(engine.stats().admitted == 0);
    check_at_rest(engine);
}

TEST_CASE("a waiter keeps its own limit when the limits change") {
    recorder at{counts(10, 1)};
    at.keep = true;
    std::vector<permit> held;
    for (int i = 0; i < 3; ++i)
        held.push_back(at.engine.try_admit("alice", {.max_per_user = 3}).value());
    at.wait("alice", {.max_per_user = 3}, "own");
    at.poll();
    CHECK(at.served.empty());
    at.engine.set_limits(counts(10, 5));
    at.poll();
    CHECK(at.served.empty());  // the others' limit is not the waiter's
    at.engine.set_limits(counts(10, 1));
    held.pop_back();
    at.poll();
    CHECK(at.served == std::vector<std::string>{"own"});
    CHECK(at.engine.active_count("alice") == 3);
    at.held.clear();
    held.clear();
    check_at_rest(at.engine);
}

TEST_CASE("a call with a higher limit passes a waiter of the same user") {
    recorder at{counts(10, 1)};
    at.keep = true;
    std::optional<permit> first{at.engine.try_admit("alice").value()};
    at.wait("alice", {}, "waits");
    CHECK(at.engine.try_admit("alice").error() == errc::user_limit);
    CHECK(at.engine.try_admit("alice", {.max_per_user = 2}).error() == errc::user_limit);
    CHECK(at.engine.try_admit("alice", {.max_per_user = 3}));
    at.wait("alice", {.max_per_user = admit::unlimited}, "unlimited");
    at.poll();
    CHECK(at.served == std::vector<std::string>{"unlimited"});
    at.held.clear();
    at.poll();
    CHECK(at.served.size() == 1);
    first.reset();
    at.poll();
    CHECK(at.served == std::vector<std::string>{"unlimited", "waits"});
    at.held.clear();
    check_at_rest(at.engine);
}

TEST_CASE("a request with a limit of 0 never waits") {
    recorder at{counts(1, 1)};
    const auto ask = [&] {
        at.last_error = {};
        at.wait("alice", {.max_per_user = 0}, "none");
        at.poll();
        return at.last_error;
    };
    CHECK(ask() == errc::user_limit);
    std::optional<permit> held{at.engine.try_admit("bob").value()};
    CHECK(ask() == errc::user_limit);
    at.engine.close();
    CHECK(ask() == errc::shutting_down);
    CHECK(at.served.empty());
    CHECK(at.engine.stats().rejected.user_limit == 2);
    CHECK(at.engine.stats().waiting == 0);
}
