// SPDX-License-Identifier: BSL-1.0
// `engine::waiters` lists the requests that wait, also while threads come and go, and its estimates
// are right when no other call comes.
#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/allocations.hpp"
#include "support/async.hpp"
#include "support/printing.hpp"
#include "support/virtual_clock.hpp"

namespace asio = boost::asio;
using admit::permit;
using support::check_at_rest;
using support::counts;
using support::virtual_clock;
using support::waiter;
using support::waiters;
using namespace std::chrono_literals;

namespace {

void wait(asio::io_context& io, admit::engine& engine, const std::string& user, unsigned priority,
          std::vector<std::string>& served) {
    admit::async_admit(engine, user, {.wait_at_most = admit::forever, .priority = priority},
                       asio::bind_executor(io, [&served, user, priority](auto error, permit) {
                           if (!error) served.push_back(user + ' ' + std::to_string(priority));
                       }));
}

std::vector<std::string> names(const std::vector<admit::waiter>& list) {
    std::vector<std::string> result;
    for (const admit::waiter& each : list)
        result.push_back(each.user + ' ' + std::to_string(each.priority));
    return result;
}

/// A user id of 1 to 255 bytes, all alike, by which a torn name is found.
std::string alike(std::size_t number) {
    const std::size_t size = number % 255 + 1;
    return std::string(size, static_cast<char>('a' + size % 23));
}

}  // namespace

TEST_CASE("an engine without waiters lists none, also beside a drain") {
    admit::engine engine{counts(1, 1)};
    CHECK(engine.waiters().empty());
    CHECK(engine.waiters("alice").empty());
    asio::io_context io;
    std::optional<permit> held{engine.try_admit("alice").value()};
    admit::async_drain(engine, {.deadline = admit::forever},
                       asio::bind_executor(io, [](auto, admit::drain_report) {}));
    CHECK(engine.waiters().empty());
    held.reset();
    io.run();
}

TEST_CASE("a list names each request, its priority, since when, and how many come before") {
    virtual_clock::set(1000s);
    admit::engine engine{counts(1, 1), virtual_clock::source()};
    asio::io_context io;
    std::vector<std::string> served;
    std::optional<permit> held{engine.try_admit("holder").value()};
    wait(io, engine, "alice", 0, served);
    virtual_clock::advance(1s);
    wait(io, engine, "alice", 0, served);
    wait(io, engine, "bob", 0, served);
    virtual_clock::advance(1s);
    wait(io, engine, "carol", 3, served);
    wait(io, engine, "dave", 1, served);
    wait(io, engine, "carol", 3, served);

    const auto all = engine.waiters();
    CHECK(names(all) ==
          std::vector<std::string>{"carol 3", "carol 3", "dave 1", "alice 0", "bob 0", "alice 0"});
    REQUIRE(all.size() == 6);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].ahead == i);
    CHECK(all[0].since == admit::time_point{1002s});
    CHECK(all[3].since == admit::time_point{1000s});
    CHECK(all[5].since == admit::time_point{1001s});

    const auto of_alice = engine.waiters("alice");
    REQUIRE(of_alice.size() == 2);
    CHECK(of_alice[0].ahead == 3);
    CHECK(of_alice[1].ahead == 5);
    CHECK(engine.waiters("erin").empty());
    CHECK(engine.waiters("").empty());

    held.reset();
    io.run();
    CHECK(served == names(all));
    CHECK(engine.waiters().empty());
    check_at_rest(engine);
}

TEST_CASE("requests that were cancelled or granted are listed no more; names have any length") {
    admit::limits limits = counts(1, 1);
    limits.max_waiting = 300;
    admit::engine engine{limits};
    asio::io_context io;
    std::optional<permit> held{engine.try_admit("holder").value()};
    waiters all;
    for (std::size_t i = 0; i < 255; ++i)
        all.push_back(std::make_unique<waiter>(io.get_executor(), engine, alike(i)));
    const auto list = engine.waiters();
    REQUIRE(list.size() == 255);
    for (std::size_t i = 0; i < 255; ++i) CHECK(list[i].user == alike(i));
    for (std::size_t i = 0; i < 255; i += 2) all[i]->cancel();
    CHECK(engine.waiters().size() == 127);
    CHECK(engine.waiters(alike(0)).empty());
    CHECK(engine.waiters(alike(1)).size() == 1);
    held.reset();
    CHECK(engine.waiters().size() == 126);
    CHECK(engine.waiters(alike(1)).empty());
    engine.close();
    CHECK(engine.waiters().empty());
    io.run();
}

TEST_CASE("retry_after ignores the requests that wait") {
    virtual_clock::set(1000s);
    admit::engine engine{{.max_concurrent = 1, .max_per_user = 1, .idle_timeout = 60s},
                         virtual_clock::source()};
    asio::io_context io;
    const permit bob = engine.try_admit("bob").value();
    virtual_clock::advance(10s);
    CHECK(engine.retry_after("alice") == 50s);
    const waiter alice{io.get_executor(), engine, "alice"};
    CHECK(engine.retry_after("alice") == 50s);
    CHECK(engine.retry_after("bob") == 50s);
    engine.close();
    io.run();
}

TEST_CASE("a list that cannot be made changes nothing") {
    admit::limits limits = counts(1, 1);
    limits.max_waiting = 100;
    admit::engine engine{limits};
    asio::io_context io;
    std::optional<permit> held{engine.try_admit("holder").value()};
    waiters all;
    for (std::size_t i = 0; i < 50; ++i)
        all.push_back(std::make_unique<waiter>(io.get_executor(), engine, alike(i + 100)));
    std::vector<admit::waiter> list;
    std::uint64_t nth = 1;
    while (!support::allocations::survives_failure(nth, [&] { list = engine.waiters(); })) {
        CHECK(list.empty());
        ++nth;
    }
    CHECK(nth > 50);
    CHECK(list.size() == 50);
    CHECK(engine.stats().waiting == 50);
    engine.close();
    io.run();
}

TEST_CASE("how long the requests waited that were admitted is recorded, and of no others") {
    admit::engine engine{counts(1, 1), {.clock = virtual_clock::source(), .histograms = true}};
    asio::io_context io;
    std::optional<permit> held{engine.try_admit("holder").value()};
    waiter at_first{io.get_executor(), engine, "alice"};
    waiter gives_up{io.get_executor(), engine, "bob"};
    virtual_clock::advance(5s);
    gives_up.cancel();
    CHECK(engine.stats().wait_times->count() == 0);
    held.reset();
    io.poll();
    const auto waited = engine.stats().wait_times;
    CHECK(waited->count() == 1);
    CHECK(std::abs(waited->sum.count() - 5) < 0.001);
    CHECK(engine.stats().hold_times->count() == 1);
    at_first.got.granted.end();
    held.emplace(engine.try_admit("holder").value());
    CHECK(engine.stats().wait_times->count() == 1);  // it did not wait
}

TEST_CASE("expected_wait: requests count that only lack a slot, and the user's own") {
    admit::engine engine{counts(2, 1), {.clock = virtual_clock::source(), .histograms = true}};
    asio::io_context io;
    std::optional<permit> held{engine.try_admit("holder").value()};
    virtual_clock::advance(10s);
    held.reset();
    held.emplace(engine.try_admit("holder").value());
    permit spam = engine.try_admit("spam").value();
    CHECK(engine.expected_wait("bob") == 5s);  // the first of two to end
    waiters blocked;                           // by the limit of their user alone
    for (int i = 0; i < 10; ++i)
        blocked.push_back(std::make_unique<waiter>(io.get_executor(), engine, "spam"));
    CHECK(engine.expected_wait("bob") == 5s);
    CHECK(engine.expected_wait("spam") == 110s);  // the eleventh of its own
    const waiter carol{io.get_executor(), engine, "carol"};
    CHECK(engine.expected_wait("bob") == 10s);  // the second of two to end
}

TEST_CASE("beside threads that come and go, each entry is of one request") {
    admit::limits limits = counts(1, 1);
    limits.max_waiting = 400;
    admit::engine engine{limits};
    std::optional<permit> held{engine.try_admit("holder").value()};
    std::atomic<bool> stop{false};
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < 2; ++thread)
        threads.emplace_back([&, thread] {
            asio::io_context io;
            for (std::size_t round = thread; !stop; round += 7) {
                waiters all;
                for (std::size_t i = 0; i < 8; ++i)
                    all.push_back(
                        std::make_unique<waiter>(io.get_executor(), engine, alike(round + i * 31)));
                for (const auto& each : all) each->cancel();
                io.restart();
                io.poll();
            }
        });
    std::size_t seen = 0;
    std::size_t torn = 0;
    const auto end = std::chrono::steady_clock::now() + 1s;
    while (std::chrono::steady_clock::now() < end) {
        std::size_t ahead = 0;
        for (const admit::waiter& each : engine.waiters()) {
            ++seen;
            const bool whole = !each.user.empty() && each.user == alike(each.user.size() - 1);
            if (!whole || each.ahead != ahead++) ++torn;
        }
    }
    stop = true;
    threads.clear();
    CHECK(seen > 0);
    CHECK(torn == 0);
    held.reset();
    check_at_rest(engine);
}
