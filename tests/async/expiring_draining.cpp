// SPDX-License-Identifier: BSL-1.0
// `async_expire` and `async_drain`.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/async.hpp"
#include "support/printing.hpp"
#include "support/virtual_clock.hpp"

namespace asio = boost::asio;
using admit::errc;
using admit::permit;
using admit::status;
using support::admit_strangers;
using support::counts;
using support::pause;
using support::rejection;
using support::virtual_clock;
using support::waiter;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr admit::limits with_timeouts{
    .max_concurrent = 10, .max_per_user = 10, .idle_timeout = 10s, .max_duration = 100s};

/// An `async_expire` on a context, until it is stopped.
struct expiring {
    expiring(asio::io_context& on, admit::engine& engine, admit::duration interval) : io{on} {
        admit::async_expire(
            engine, interval,
            asio::bind_executor(io, asio::bind_cancellation_slot(
                                        cancelling.slot(), [this](boost::system::error_code error) {
                                            ended_as = error;
                                        })));
    }
    void stop() {
        cancelling.emit(asio::cancellation_type::terminal);
        io.run();
        CHECK(ended_as == asio::error::operation_aborted);
    }

    asio::io_context& io;
    asio::cancellation_signal cancelling;
    std::optional<boost::system::error_code> ended_as;
};

/// An engine that goes while its clock is read, and the next one, which comes at the same time.
struct succession {
    succession() {
        reading = this;
        virtual_clock::set(1000s);
    }
    ~succession() { reading = nullptr; }

    static admit::time_point now() noexcept {
        succession& all = *reading;
        if (!std::exchange(all.armed, false)) return virtual_clock::now();
        all.first.reset();
        all.second = std::make_unique<admit::engine>(with_timeouts, source);
        all.of_second = all.second->try_admit("alice").value();
        return virtual_clock::now() + 1h;
    }

    static constexpr admit::time_source source{.now = &now, .resolution = {}};
    static inline succession* reading = nullptr;
    std::unique_ptr<admit::engine> first = std::make_unique<admit::engine>(with_timeouts, source);
    std::unique_ptr<admit::engine> second;
    permit of_second;
    bool armed = false;
};

/// An `async_drain`, and the result of its handler.
struct drained {
    drained(asio::io_context& io, admit::engine& engine, admit::drain_options options = {}) {
        admit::async_drain(engine, options,
                           asio::bind_executor(io, [this](boost::system::error_code why,
                                                          admit::drain_report result) {
                               ++times;
                               error = why;
                               report = std::move(result);
                           }));
    }

    int times = 0;
    boost::system::error_code error;
    admit::drain_report report;
};

/// The instants, by the real clock, at which the expiry read the engine's clock.
std::vector<steady_clock::time_point> readings;

admit::time_point read_clock() noexcept {
    readings.push_back(steady_clock::now());
    return admit::time_point{0s};
}

int exit_code_of(pid_t child) {
    int state = 0;
    if (::waitpid(child, &state, 0) != child) return -1;
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

}  // namespace

// --- async_expire -----------------------------------------------------------------------------

TEST_CASE("the loop ends what is due by the engine's clock, and nothing before") {
    virtual_clock::set(1000s);
    admit::engine engine{with_timeouts, virtual_clock::source()};
    asio::io_context io;
    expiring loop{io, engine, 1ms};
    permit held = engine.try_admit("alice").value();
    virtual_clock::advance(10s - 1ns);
    for (int i = 0; i < 5; ++i) io.run_one();
    CHECK(held.touch());
    virtual_clock::advance(10s - 1ns);
    for (int i = 0; i < 5; ++i) io.run_one();
    CHECK(engine.active_count() == 1);
    virtual_clock::advance(1ns);
    io.run_one();
    CHECK(engine.active_count() == 0);
    CHECK(engine.stats().ended.idle == 1);
    loop.stop();
}

TEST_CASE("the loop serves the waiters for what it ends") {
    virtual_clock::set(1000s);
    admit::limits limits = with_timeouts;
    limits.max_concurrent = limits.max_per_user = 1;
    admit::engine engine{limits, virtual_clock::source()};
    asio::io_context io;
    expiring loop{io, engine, 1ms};
    const permit held = engine.try_admit("alice").value();
    waiter bob{io.get_executor(), engine, "bob"};
    virtual_clock::advance(10s);
    while (bob.waits()) io.run_one();
    CHECK(bob.got.has_permit());
    loop.stop();
}

TEST_CASE("the loop keeps to the multiples of its interval, however late it comes") {
    constexpr auto interval = 4ms;
    admit::engine engine{with_timeouts, {.now = &read_clock, .resolution = 0s}};
    asio::io_context io;
    const auto begun = steady_clock::now();
    expiring loop{io, engine, interval};
    int passes = 0;
    const auto pass = [&] {
        readings.clear();
        io.run_one();
        REQUIRE_FALSE(readings.empty());
        CHECK(readings.front() - begun >= interval * ++passes);  // one for each multiple, at most
        return readings.front();
    };
    // A late pass is followed by a pass in time, so that their distance is less than the interval.
    // If the next pass were counted from the late one, no distance would be.
    bool kept = false;
    for (int i = 0; i < 100 && !kept; ++i) {
        pass();
        std::this_thread::sleep_for(interval + interval / 2);
        const auto late = pass();
        kept = pass() - late < interval;
    }
    CHECK(kept);
    loop.stop();
}

TEST_CASE("after a stall the loop catches up once") {
    constexpr auto interval = 4ms;
    admit::engine engine{with_timeouts, {.now = &read_clock, .resolution = 0s}};
    asio::io_context io;
    expiring loop{io, engine, interval};
    io.run_one();
    std::this_thread::sleep_for(10 * interval);
    readings.clear();
    const auto awake = steady_clock::now();
    io.run_one();
    CHECK_FALSE(readings.empty());
    readings.clear();
    io.run_one();
    REQUIRE_FALSE(readings.empty());
    const auto next = readings.front();
    // The ten missed passes were made up by one; this pass was waited for.
    CHECK(next > awake);
    readings.clear();
    io.run_one();
    REQUIRE_FALSE(readings.empty());
    CHECK(readings.front() - next > 0s);
    CHECK(readings.front() - awake >= interval);
    loop.stop();
}

TEST_CASE("what fell due during a stall ends once") {
    virtual_clock::set(1000s);
    admit::engine engine{with_timeouts, virtual_clock::source()};
    asio::io_context io;
    expiring loop{io, engine, 1ms};
    auto held = admit_strangers(engine, 10);
    for (int i = 0; i < 50; ++i) virtual_clock::advance(10s);
    io.run_one();
    CHECK(engine.active_count() == 0);
    CHECK(engine.stats().ended.total() == 10);
    io.run_one();
    CHECK(engine.stats().ended.total() == 10);
    loop.stop();
}

TEST_CASE("the loop ends as shutting_down when the engine has gone") {
    asio::io_context io;
    auto engine = std::make_unique<admit::engine>(with_timeouts);
    expiring loop{io, *engine, 1ms};
    io.run_one();
    engine.reset();
    const admit::engine next{with_timeouts};  // in the same memory
    io.run();
    CHECK(loop.ended_as == errc::shutting_down);
}

TEST_CASE("a tick of the loop during which the engine goes leaves the next engine alone") {
    asio::io_context io;
    succession engines;
    expiring loop{io, *engines.first, 1ms};
    engines.armed = true;
    io.run();
    CHECK(loop.ended_as == errc::shutting_down);
    CHECK(engines.of_second.touch());
    CHECK(engines.second->stats().ended.total() == 0);
}

TEST_CASE("an interval of 0 or less is refused by name") {
    admit::engine engine{with_timeouts};
    for (const admit::duration interval : {0ns, -1ns, admit::duration::min()}) {
        CAPTURE(interval);
        std::string complaint;
        try {
            admit::async_expire(engine, interval, asio::detached);
        } catch (const std::invalid_argument& refused) {
            complaint = refused.what();
        }
        CHECK(complaint.find("interval") != std::string::npos);
        CHECK(complaint.find(std::to_string(interval.count())) != std::string::npos);
    }
}

TEST_CASE("an interval beyond the end of time never comes round") {
    admit::engine engine{with_timeouts};
    for (const admit::duration interval : {admit::never, admit::never - 1ns, admit::never / 2}) {
        asio::io_context io;
        expiring loop{io, engine, interval};
        CHECK(io.poll() == 0);
        CHECK_FALSE(io.stopped());
        loop.stop();
    }
}

TEST_CASE("the loop goes on when nothing can be ended yet, and after the engine was closed") {
    virtual_clock::set(1000s);
    admit::engine engine{with_timeouts, virtual_clock::source()};
    asio::io_context io;
    expiring loop{io, engine, 1ms};
    const permit held = engine.try_admit("alice").value();
    engine.close();
    virtual_clock::advance(10s);
    while (engine.active_count() != 0) io.run_one();
    CHECK(engine.stats().ended.idle == 1);
    loop.stop();
}

// --- async_drain ------------------------------------------------------------------------------

TEST_CASE("a drain of an idle engine completes at once") {
    for (const admit::duration deadline :
         {admit::duration{0}, admit::duration{1h}, admit::forever}) {
        admit::engine engine{counts(5, 5)};
        asio::io_context io;
        drained drain{io, engine, {.deadline = deadline}};
        CHECK(drain.times == 0);
        CHECK(rejection(engine, "alice") == errc::shutting_down);
        io.poll();
        CHECK(drain.times == 1);
        CHECK_FALSE(drain.error);
        CHECK(drain.report.completed == 0);
        CHECK(drain.report.cut.empty());
        CHECK(drain.report.overstayed == 0);
    }
}

TEST_CASE("a drain launched after its engine has gone leaves the next engine alone") {
    for (const admit::duration deadline : {admit::duration{0}, admit::duration{1h}}) {
        asio::io_context io;
        auto engine = std::make_unique<admit::engine>(counts(5, 5));
        auto drain = admit::async_drain(*engine, {.deadline = deadline}, asio::deferred);
        engine.reset();
        admit::engine next{counts(5, 5)};  // in the same memory
        const auto permit = next.try_admit("alice");
        int times = 0;
        std::move(drain)(asio::bind_executor(
            io, [&](boost::system::error_code error, const admit::drain_report& report) {
                ++times;
                CHECK_FALSE(error);
                CHECK(report.completed == 0);
                CHECK(report.cut.empty());
            }));
        CHECK(times == 0);
        io.run();
        CHECK(times == 1);
        CHECK_FALSE(rejection(next, "bob"));
        CHECK(next.active_count() == 1);
    }
}

TEST_CASE("a cut during which the engine goes leaves the next engine alone, and completes") {
    asio::io_context io;
    succession engines;
    drained drain{io, *engines.first, {.deadline = 0s}};
    engines.armed = true;
    io.run();
    CHECK(drain.times == 1);
    CHECK_FALSE(drain.error);
    CHECK(drain.report.cut.empty());
    CHECK(engines.of_second.touch());
    CHECK(engines.second->stats().ended.total() == 0);
}

TEST_CASE("a drain completes when the last conversation has ended") {
    admit::engine engine{counts(5, 5)};
    asio::io_context io;
    auto held = admit_strangers(engine, 5);
    drained drain{io, engine, {.deadline = 1h}};
    while (!held.empty()) {
        io.restart();
        io.poll();
        CHECK(drain.times == 0);
        held.pop_back();
    }
    CHECK(drain.times == 0);  // not inside `end`
    io.restart();
    io.poll();
    CHECK(drain.times == 1);
    CHECK_FALSE(drain.error);
    CHECK(drain.report.completed == 5);
    CHECK(drain.report.cut.empty());
    CHECK(engine.stats().ended.completed == 5);
}

TEST_CASE("a drain cuts off and lists what has not ended by the deadline") {
    admit::engine engine{counts(5, 5)};
    asio::io_context io;
    auto held = admit_strangers(engine, 5);
    const auto begun = steady_clock::now();
    drained drain{io, engine, {.deadline = 5ms}};
    held[1].end();
    held[3].end();
    io.run();
    CHECK(steady_clock::now() - begun >= 5ms);
    CHECK(drain.times == 1);
    CHECK_FALSE(drain.error);
    CHECK(drain.report.completed == 2);
    REQUIRE(drain.report.cut.size() == 3);
    std::vector<std::string> users;
    for (const auto& line : drain.report.cut) users.push_back(line.user);
    std::sort(users.begin(), users.end());
    CHECK(users == std::vector<std::string>{"user0", "user2", "user4"});
    for (const auto& line : drain.report.cut)
        CHECK(std::any_of(held.begin(), held.end(),
                          [&](const permit& each) { return each.id() == line.id; }));
    CHECK(engine.stats().ended.drained == 3);
    CHECK(engine.active_count() == 0);
    for (permit& each : held) CHECK_FALSE(each.touch());
}

TEST_CASE(
    "a drain without a deadline to speak of cuts off everybody at once, but not inside the call") {
    for (const admit::duration deadline : {0ns, -1ns, admit::duration::min()}) {
        admit::engine engine{counts(5, 5)};
        asio::io_context io;
        auto held = admit_strangers(engine, 5);
        drained drain{io, engine, {.deadline = deadline}};
        CHECK(engine.active_count() == 5);
        io.poll();
        CHECK(drain.times == 1);
        CHECK(drain.report.completed == 0);
        CHECK(drain.report.cut.size() == 5);
        CHECK(engine.active_count() == 0);
    }
}

TEST_CASE("a drain rejects all waiters and later requests") {
    admit::engine engine{counts(1, 1)};
    asio::io_context io;
    permit held = engine.try_admit("alice").value();
    waiter bob{io.get_executor(), engine, "bob"};
    waiter alice{io.get_executor(), engine, "alice", 1h};
    drained drain{io, engine, {.deadline = 1h}};
    waiter late{io.get_executor(), engine, "carol"};
    io.poll();
    for (waiter* const each : {&bob, &alice, &late})
        CHECK(each->got.refused_as(errc::shutting_down));
    CHECK(drain.times == 0);
    held.end();
    io.restart();
    io.run();
    CHECK(drain.times == 1);
    CHECK(drain.report.completed == 1);
}

TEST_CASE("a drain cancels the bodies that are left, and waits for them") {
    admit::engine engine{counts(5, 5)};
    asio::io_context io;
    std::optional<status> why;
    std::optional<admit::outcome> result;
    auto body = [&](permit& permit) -> asio::awaitable<void> {
        bool asked = false;
        try {
            co_await pause(1h);
        } catch (const boost::system::system_error&) {
            asked = true;
        }
        why = permit.ending();
        co_await asio::this_coro::reset_cancellation_state();
        if (asked) co_await pause(1ms);  // cleans up
    };
    auto quick = [](permit&) -> asio::awaitable<void> { co_await pause(1ns); };
    auto handler =
        asio::bind_executor(io, [&](std::exception_ptr, admit::outcome out) { result = out; });
    admit::async_with_permit(engine, "alice", {}, body, handler);
    admit::async_with_permit(engine, "bob", {}, quick, asio::bind_executor(io, asio::detached));
    while (engine.active_count() != 1) io.run_one();
    drained drain{io, engine, {.deadline = 5ms}};
    io.run();
    CHECK(why == status::drained);
    REQUIRE(result);
    CHECK(result->ended == status::drained);
    CHECK_FALSE(result->overstayed);
    CHECK(drain.times == 1);
    CHECK_FALSE(drain.error);
    REQUIRE(drain.report.cut.size() == 1);
    CHECK(drain.report.cut[0].user == "alice");
    CHECK(drain.report.overstayed == 0);
    CHECK(engine.stats().ended.drained == 1);
}

TEST_CASE("a drain takes the slots of bodies that overstay their grace, and says how many") {
    admit::engine engine{counts(5, 5)};
    asio::io_context io;
    bool let_go = false;
    std::vector<admit::outcome> outcomes;
    auto stubborn = [&](permit&) -> asio::awaitable<void> {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        while (!let_go) co_await pause(1ms);
    };
    for (const char* const user : {"alice", "bob"})
        admit::async_with_permit(
            engine, user, {.grace = 10ms}, stubborn,
            asio::bind_executor(io, [&](std::exception_ptr, admit::outcome result) {
                outcomes.push_back(result);
            }));
    io.poll();
    drained drain{io, engine, {.deadline = 1ms}};
    const auto begun = steady_clock::now();
    while (drain.times == 0) io.run_one();
    CHECK(steady_clock::now() - begun >= 10ms);
    CHECK(drain.report.cut.size() == 2);
    CHECK(drain.report.overstayed == 2);
    CHECK(engine.active_count() == 0);
    CHECK(outcomes.empty());
    let_go = true;
    io.run();
    REQUIRE(outcomes.size() == 2);
    for (const auto& each : outcomes) {
        CHECK(each.overstayed);
        CHECK(each.ended == status::drained);
    }
}

TEST_CASE("two drains of one engine both complete") {
    admit::engine engine{counts(5, 5)};
    asio::io_context io;
    permit held = engine.try_admit("alice").value();
    drained first{io, engine, {.deadline = 1h}};
    drained second{io, engine, {.deadline = admit::forever}};
    io.poll();
    held.end();
    io.restart();
    io.run();
    CHECK(first.times == 1);
    CHECK(second.times == 1);
    CHECK(first.report.completed == 1);
    drained third{io, engine};
    io.restart();
    io.run();
    CHECK(third.times == 1);
}

TEST_CASE("a drain of a large engine finds the last conversation wherever it is") {
    admit::engine engine{counts(2000, 1)};
    asio::io_context io;
    auto held = admit_strangers(engine, 2000);
    drained drain{io, engine, {.deadline = 1h}};
    for (std::size_t i = 0; i < held.size(); ++i) {
        held[i * 1009 % held.size()].end();
        io.restart();
        io.poll();
        CHECK(drain.times == (i + 1 == held.size() ? 1 : 0));
    }
    CHECK(drain.report.completed == 2000);
}

TEST_CASE("SIGTERM drains a working process, which says how it went") {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        // As the documentation shows it. The child process reports by its exit code alone.
        asio::io_context io;
        admit::engine engine{counts(5, 5)};
        asio::signal_set signals{io, SIGTERM};
        int ended = 0;
        admit::drain_report report;
        auto conversation = [](permit&) -> asio::awaitable<void> { co_await pause(1h); };
        auto short_one = [](permit&) -> asio::awaitable<void> { co_await pause(20ms); };
        auto count = asio::bind_executor(io, [&](std::exception_ptr, admit::outcome result) {
            if (result) ++ended;
        });
        for (int i = 0; i < 3; ++i)
            admit::async_with_permit(engine, "alice", {}, conversation, count);
        admit::async_with_permit(engine, "bob", {}, short_one, count);
        auto shut_down = [&]() -> asio::awaitable<void> {
            co_await signals.async_wait(asio::use_awaitable);
            auto draining = admit::async_drain(engine, {.deadline = 60ms}, asio::use_awaitable);
            report = co_await std::move(draining);
        };
        asio::co_spawn(io, shut_down, asio::detached);
        asio::post(io, [&] { static_cast<void>(!::write(ready[1], "x", 1)); });
        io.run();
        // The short conversation is cut off, too, if this process was halted for long.
        const bool right = ended == 4 && report.completed + report.cut.size() == 4 &&
                           report.cut.size() >= 3 && engine.active_count() == 0;
        ::_exit(right ? 0 : 1);
    }
    char x = 0;
    REQUIRE(::read(ready[0], &x, 1) == 1);
    ::kill(child, SIGTERM);
    CHECK(exit_code_of(child) == 0);
    ::close(ready[0]);
    ::close(ready[1]);
}
