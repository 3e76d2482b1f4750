// SPDX-License-Identifier: BSL-1.0
// The timing wheel of admit-crowd: never early, in order, cancellable.
#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "crowd/timing_wheel.hpp"
#include "crowd/wheel_clock.hpp"

namespace asio = boost::asio;
using namespace admit::crowd;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

namespace {

struct numbered : wheel_entry {
    explicit numbered(int given) : number(given) {}
    int number;
};

std::vector<int> numbers_of(timing_wheel::entries entries) {
    std::vector<int> numbers;
    while (!entries.empty()) {
        numbers.push_back(static_cast<numbered&>(entries.front()).number);
        entries.pop_front();
    }
    return numbers;
}

using list = std::vector<int>;

}  // namespace

TEST_CASE("an entry is due at its tick and not before") {
    timing_wheel wheel{8};
    numbered entry{1};
    CHECK(wheel.add(entry, 5) == 5);
    CHECK(wheel.next() == 5);
    CHECK(numbers_of(wheel.advance(4)).empty());
    CHECK(numbers_of(wheel.advance(5)) == list{1});
    CHECK(wheel.next() == std::nullopt);
}

TEST_CASE("entries are due by tick, and within one tick in the order of insertion") {
    timing_wheel wheel{8};
    std::deque<numbered> entries;
    const tick due[] = {3, 1, 3, 2, 9, 1};
    for (int number = 0; number < 6; ++number) wheel.add(entries.emplace_back(number), due[number]);
    CHECK(numbers_of(wheel.advance(20)) == list{1, 5, 3, 0, 2, 4});
}

TEST_CASE("an entry that is more than one turn away is skipped") {
    timing_wheel wheel{8};
    numbered far{1}, near{2};
    wheel.add(far, 21);
    wheel.add(near, 5);
    CHECK(numbers_of(wheel.advance(13)) == list{2});
    CHECK(wheel.next() == 21);
    CHECK(numbers_of(wheel.advance(20)).empty());
    CHECK(numbers_of(wheel.advance(21)) == list{1});
}

TEST_CASE("an entry for a past tick is due at the next tick") {
    timing_wheel wheel{8};
    static_cast<void>(wheel.advance(10));
    numbered late{1};
    CHECK(wheel.add(late, 3) == 11);
    CHECK(numbers_of(wheel.advance(11)) == list{1});
}

TEST_CASE("the destructor of an entry removes it, before it is due and after") {
    timing_wheel wheel{8};
    numbered stays{1};
    auto goes = std::make_unique<numbered>(2);
    auto goes_later = std::make_unique<numbered>(3);
    for (numbered* each : {goes.get(), &stays, goes_later.get()}) wheel.add(*each, 5);
    goes.reset();
    timing_wheel::entries due = wheel.advance(5);
    goes_later.reset();
    CHECK(numbers_of(std::move(due)) == list{1});
}

TEST_CASE("every entry is returned once, in order, at its tick") {
    std::mt19937 rng{7};
    timing_wheel wheel{16};
    std::deque<numbered> entries;
    tick now = 0;
    int out = 0;
    for (int round = 0; round < 2000; ++round) {
        for (int each = 0; each < 3; ++each)
            wheel.add(entries.emplace_back(round), now + rng() % 50);
        const tick before = now;
        now += rng() % 4;
        tick last = before;
        timing_wheel::entries due = wheel.advance(now);
        for (; !due.empty(); due.pop_front(), ++out) {
            CHECK(due.front().due > before);
            CHECK(due.front().due <= now);
            CHECK(due.front().due >= last);
            last = due.front().due;
        }
    }
    CHECK(out + static_cast<int>(numbers_of(wheel.advance(now + 50)).size()) == 6000);
}

TEST_CASE("no sleep ends early, not even after several turns") {
    asio::io_context context;
    wheel_clock wheel{context, 1us};  // a turn takes 8 ms
    std::mt19937 rng{7};
    int completed = 0;
    for (int sleeper = 0; sleeper < 200; ++sleeper) {
        const auto when = steady::now() + std::chrono::microseconds{rng() % 30'000};
        wheel.async_wait_until(when, [&completed, when](boost::system::error_code error) {
            CHECK_FALSE(error);
            CHECK(steady::now() >= when);
            ++completed;
        });
    }
    CHECK(completed == 0);
    context.run();
    CHECK(completed == 200);
}

TEST_CASE(
    "a later and shorter sleep ends first; a sleep until a past time ends at once, by a post") {
    asio::io_context context;
    wheel_clock wheel{context};
    list order;
    const auto note = [&](int number) {
        return [&order, number](boost::system::error_code) { order.push_back(number); };
    };
    const auto now = steady::now();
    wheel.async_wait_until(now + 40ms, note(3));
    wheel.async_wait_until(now + 20ms, note(2));
    wheel.async_wait_until(now - 1s, note(1));
    CHECK(order.empty());
    context.run();
    CHECK(order == list{1, 2, 3});
}

TEST_CASE("a cancelled sleep completes with an error, once and not within the emission") {
    asio::io_context context;
    wheel_clock wheel{context};
    asio::cancellation_signal signal;
    std::vector<boost::system::error_code> errors;
    bool other = false;
    const auto when = steady::now() + 10ms;
    wheel.async_wait_until(
        when, asio::bind_cancellation_slot(signal.slot(), [&](boost::system::error_code error) {
            errors.push_back(error);
        }));
    wheel.async_wait_until(when, [&](boost::system::error_code error) { other = !error; });
    signal.emit(asio::cancellation_type::terminal);
    CHECK(errors.empty());
    signal.emit(asio::cancellation_type::terminal);
    context.run();
    REQUIRE(errors.size() == 1);
    CHECK(errors.front() == asio::error::operation_aborted);
    CHECK(other);
}

TEST_CASE("a completed sleep can cancel another of the same tick") {
    asio::io_context context;
    wheel_clock wheel{context};
    asio::cancellation_signal signal;
    const auto when = steady::now() + 2ms;
    std::vector<boost::system::error_code> errors;
    wheel.async_wait_until(
        when, [&](boost::system::error_code) { signal.emit(asio::cancellation_type::terminal); });
    wheel.async_wait_until(
        when, asio::bind_cancellation_slot(signal.slot(), [&](boost::system::error_code error) {
            errors.push_back(error);
        }));
    context.run();
    CHECK(errors == std::vector<boost::system::error_code>{asio::error::operation_aborted});
}

TEST_CASE("coroutines can sleep repeatedly") {
    asio::io_context context;
    wheel_clock wheel{context};
    int steps = 0;
    auto sleeper = [](wheel_clock& by, int& counted) -> asio::awaitable<void> {
        for (int step = 0; step < 5; ++step) {
            auto pause = by.async_wait_until(steady::now() + 1ms, asio::use_awaitable);
            co_await std::move(pause);
            ++counted;
        }
    };
    for (int each = 0; each < 50; ++each)
        asio::co_spawn(context, sleeper(wheel, steps), asio::detached);
    context.run();
    CHECK(steps == 250);
}

TEST_CASE(
    "the destructor of the clock destroys handlers of unfinished sleeps without calling them") {
    asio::io_context context;
    auto kept = std::make_shared<int>(0);
    {
        wheel_clock wheel{context};
        wheel.async_wait_until(steady::now() + 1h, [kept](boost::system::error_code) { ++*kept; });
        CHECK(kept.use_count() == 2);
    }
    CHECK(kept.use_count() == 1);
    context.run();
    CHECK(*kept == 0);
}
