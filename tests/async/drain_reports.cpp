// SPDX-License-Identifier: BSL-1.0
// What `async_drain` reports: every conversation that was active when it began has completed, was
// cut off by one drain, or is still active.
#include <sys/resource.h>

#include <atomic>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "support/async.hpp"
#include "support/printing.hpp"
#include "support/sanitizers.hpp"

namespace asio = boost::asio;
using admit::permit;
using admit::status;
using support::admit_strangers;
using support::counts;
using support::pause;
using namespace std::chrono_literals;

namespace {

/// An `async_drain` on a context, and what its handler was called with.
struct drained {
    drained(asio::io_context& io, admit::engine& engine, admit::duration deadline) {
        admit::async_drain(
            engine, {.deadline = deadline},
            asio::bind_cancellation_slot(
                signal.slot(), asio::bind_executor(io, [this](boost::system::error_code why,
                                                              admit::drain_report result) {
                    ++times;
                    error = why;
                    report = std::move(result);
                })));
    }

    int times = 0;
    boost::system::error_code error;
    admit::drain_report report;
    asio::cancellation_signal signal;
};

/// A body that goes on after it was cancelled.
asio::awaitable<void> stubborn(permit&) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await pause(40ms);
}

/// Runs a stubborn body with that grace, and stores its outcome.
void work_stubbornly(asio::io_context& io, admit::engine& engine, admit::duration grace,
                     std::optional<admit::outcome>& result) {
    admit::async_with_permit(
        engine, "alice", {.grace = grace}, &stubborn,
        asio::bind_executor(io, [&](std::exception_ptr, admit::outcome out) { result = out; }));
    io.poll();
}

const auto without_descriptors = doctest::skip(!support::lives_without_descriptors);

/// Leaves the process no further file descriptor during its lifetime.
class no_descriptors {
public:
    no_descriptors() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        rlimit none = before_;
        none.rlim_cur = 3;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    }
    no_descriptors(const no_descriptors&) = delete;
    no_descriptors& operator=(const no_descriptors&) = delete;
    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("a drain that is cancelled reports no active conversation as completed") {
    admit::engine engine{counts(5, 5)};
    asio::io_context io;
    auto held = admit_strangers(engine, 3);
    drained drain{io, engine, 1h};
    held.pop_back();
    drain.signal.emit(asio::cancellation_type::terminal);
    io.run();
    CHECK(drain.times == 1);
    CHECK(drain.error == asio::error::operation_aborted);
    CHECK(drain.report.completed == 1);
    CHECK(drain.report.cut.empty());
    CHECK(engine.active_count() == 2);
}

TEST_CASE("a drain of an engine that goes reports what had completed by then") {
    for (const bool reported_later : {false, true}) {
        asio::io_context io;
        auto engine = std::make_unique<admit::engine>(counts(5, 5));
        auto held = admit_strangers(*engine, 3);
        drained drain{io, *engine, 1h};
        held.pop_back();
        engine.reset();
        std::optional<admit::engine> next;
        std::vector<permit> of_next;
        if (reported_later) {
            next.emplace(counts(5, 5));
            of_next = admit_strangers(*next, 5);
            of_next.clear();
        }
        io.run();
        CHECK(drain.times == 1);
        CHECK_FALSE(drain.error);
        CHECK(drain.report.completed == 1);
        CHECK(drain.report.cut.empty());
    }
}

TEST_CASE("a deadline of a drain is no rejection by time-out") {
    admit::engine engine{counts(5, 5)};
    asio::io_context io;
    auto held = admit_strangers(engine, 3);
    drained drain{io, engine, 1ms};
    io.run();
    CHECK(drain.report.cut.size() == 3);
    CHECK(engine.stats().rejected.wait_timeout == 0);
    CHECK(engine.stats().rejected.total() == 0);
}

TEST_CASE("what was told to end before the drain, and overstays, is cut off by the drain") {
    admit::engine engine{admit::limits{.idle_timeout = 1ms}};
    asio::io_context io;
    std::optional<admit::outcome> result;
    work_stubbornly(io, engine, 5ms, result);
    CHECK(engine.expire(std::chrono::steady_clock::now() + 1h) == 1);
    drained drain{io, engine, 0s};
    io.run();
    CHECK(drain.report.completed == 0);
    CHECK(drain.report.cut.size() == 1);
    CHECK(drain.report.overstayed == 1);
    REQUIRE(result);
    CHECK(result->ended == status::idle);
    CHECK(result->overstayed);
    CHECK(engine.stats().ended.idle == 1);
}

TEST_CASE("of two drains one lists a conversation, and counts it when it overstays") {
    admit::engine engine{counts(5, 5)};
    asio::io_context io;
    std::optional<admit::outcome> result;
    work_stubbornly(io, engine, 5ms, result);
    auto held = admit_strangers(engine, 2);
    drained first{io, engine, 0s};
    drained second{io, engine, 1ms};
    held.pop_back();
    io.run();
    CHECK(first.report.cut.size() == 2);
    CHECK(first.report.overstayed == 1);
    CHECK(first.report.completed == 1);
    CHECK(second.report.cut.empty());
    CHECK(second.report.overstayed == 0);
    CHECK(second.report.completed == 1);
    REQUIRE(result);
    CHECK(result->ended == status::drained);
    CHECK(engine.stats().ended.drained == 2);
}

TEST_CASE("the reports of two drains on two threads account for every conversation") {
    for (int round = 0; round < 30; ++round) {
        constexpr std::size_t many = 300;
        admit::engine engine{counts(many, many)};
        auto held = admit_strangers(engine, many);
        std::vector<std::future<admit::drain_report>> reports;
        std::size_t completed = 0;
        {
            std::vector<std::thread> threads;
            std::vector<std::promise<admit::drain_report>> promises(2);
            for (auto& each : promises) reports.push_back(each.get_future());
            // Held until both have begun, so that both reports are about all conversations.
            std::atomic<int> begun{0};
            for (auto& promise : promises)
                threads.emplace_back([&] {
                    asio::io_context io;
                    auto handler = [&](boost::system::error_code, admit::drain_report report) {
                        promise.set_value(std::move(report));
                    };
                    admit::async_drain(engine, {.deadline = 0s}, asio::bind_executor(io, handler));
                    ++begun;
                    while (begun < 2) std::this_thread::yield();
                    io.run();
                });
            while (begun < 2) std::this_thread::yield();
            for (permit& each : held) completed += each.end() ? 1U : 0U;
            for (auto& each : threads) each.join();
        }
        const auto first = reports[0].get();
        const auto second = reports[1].get();
        CHECK(first.completed == completed);
        CHECK(second.completed == completed);
        CHECK(completed + first.cut.size() + second.cut.size() == many);
        CHECK(engine.stats().ended.drained == many - completed);
    }
}

TEST_CASE("a drain that begins while requests are admitted ends, and cuts off what it finds") {
    for (int round = 0; round < 100; ++round) {
        admit::engine engine{counts(2000, 2000)};
        std::atomic<bool> begun{false};
        std::thread thread{[&] {
            while (true) {
                auto admitted = engine.try_admit("bob");
                begun = true;
                if (!admitted && admitted.error() == admit::errc::shutting_down) return;
                if (admitted) static_cast<void>(admitted->detach());
            }
        }};
        while (!begun) std::this_thread::yield();
        auto report = admit::async_drain(engine, {.deadline = 0s}, asio::use_future);
        thread.join();
        REQUIRE(report.wait_for(30s) == std::future_status::ready);
        // What began after the drain had found nothing is still active, and no more.
        CHECK(report.get().completed == 0);
        CHECK(engine.active_count() <= 1);
    }
}

TEST_CASE("without file descriptors a drain fails where it begins, and its engine stays open" *
          without_descriptors) {
    admit::engine engine{counts(5, 5)};
    asio::io_context io;
    const permit held = engine.try_admit("alice").value();
    int handlers = 0;
    auto handler = asio::bind_executor(io, [&](auto, const admit::drain_report&) { ++handlers; });
    {
        const no_descriptors none;
        for (const admit::duration deadline : {0ms, 1ms})
            CHECK_THROWS_AS(admit::async_drain(engine, {.deadline = deadline}, handler),
                            boost::system::system_error);
        CHECK_THROWS_AS(admit::async_expire(engine, 1ms, asio::bind_executor(io, asio::detached)),
                        boost::system::system_error);
        CHECK_NOTHROW(io.run());
    }
    CHECK(handlers == 0);
    CHECK_FALSE(support::rejection(engine, "bob"));
    admit::async_drain(engine, {.deadline = 0s}, handler);
    const no_descriptors none;  // the context has its timers by now
    io.restart();
    CHECK_NOTHROW(io.run());
    CHECK(handlers == 1);
}

TEST_CASE("without file descriptors a supervised body does not begin" * without_descriptors) {
    admit::engine engine{counts(5, 5)};
    asio::io_context io;
    bool began = false;
    auto body = [&](permit&) -> asio::awaitable<void> {
        began = true;
        co_return;
    };
    {
        const no_descriptors none;
        CHECK_THROWS_AS(admit::async_with_permit(engine, "alice", {}, body,
                                                 asio::bind_executor(io, asio::detached)),
                        boost::system::system_error);
        CHECK_NOTHROW(io.run());
    }
    CHECK_FALSE(began);
    support::check_at_rest(engine);
}
