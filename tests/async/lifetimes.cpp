// SPDX-License-Identifier: BSL-1.0
// Engines, contexts, permits and coroutines end in any order.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/async.hpp"
#include "support/printing.hpp"
#include "support/sanitizers.hpp"

namespace asio = boost::asio;
using admit::errc;
using admit::permit;
using support::admit_strangers;
using support::answer;
using support::check_at_rest;
using support::counts;
using support::into;
using support::waiter;
using namespace std::chrono_literals;

namespace {

/// Counts its objects that are alive.
class counted {
public:
    explicit counted(int& alive) : alive_{&alive} { ++alive; }
    counted(counted&& other) noexcept : alive_{std::exchange(other.alive_, nullptr)} {}
    ~counted() {
        if (alive_ != nullptr) --*alive_;
    }

private:
    int* alive_;
};

/// A handler that must not be called.
auto never_called(int& alive) {
    return [there = counted{alive}](auto&&...) { FAIL("a handler was called"); };
}

/// An executor into which one chosen thread posts slowly, so that other threads can act meanwhile.
struct slow_post {
    static inline thread_local bool chosen = false;
    static inline std::atomic<bool> began = false;
    static inline std::atomic<bool> over = false;

    static void have() {
        if (!chosen) return;
        began = true;
        std::this_thread::sleep_for(100ms);
        over = true;
    }
};
template <class Inner>
struct slow_postly {
    Inner inner;

    template <class Function>
    void execute(Function function) const {
        slow_post::have();
        inner.execute(std::move(function));
    }
    template <class Property>
    auto query(const Property& property) const -> decltype(asio::query(inner, property)) {
        return asio::query(inner, property);
    }
    template <class Property>
    auto require(const Property& property) const
        -> slow_postly<std::decay_t<decltype(asio::require(inner, property))>> {
        return {asio::require(inner, property)};
    }
    template <class Property>
    auto prefer(const Property& property) const
        -> slow_postly<std::decay_t<decltype(asio::prefer(inner, property))>> {
        return {asio::prefer(inner, property)};
    }
    friend bool operator==(const slow_postly& a, const slow_postly& b) noexcept {
        return a.inner == b.inner;
    }
    friend bool operator!=(const slow_postly& a, const slow_postly& b) noexcept {
        return !(a == b);
    }
};

/// Runs one of this program's skipped test cases in a process of its own.
int exit_code_of_case(const std::string& name) {
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string filter = "--test-case=" + name;
        ::execl("/proc/self/exe", "lifetimes", filter.c_str(), "--no-skip", "--minimal",
                static_cast<char*>(nullptr));
        ::_exit(99);
    }
    int state = 0;
    if (::waitpid(child, &state, 0) != child) return -1;
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

}  // namespace

TEST_CASE("a context that goes takes its waiters along without a trace") {
    admit::engine engine{counts(1, 1)};
    permit held = engine.try_admit("alice").value();
    int alive = 0;
    {
        asio::io_context io;
        for (const auto wait : {admit::duration{1h}, admit::forever})
            for (const char* const user : {"alice", "bob", "carol"})
                admit::async_admit(engine, user, {.wait_at_most = wait},
                                   asio::bind_executor(io, never_called(alive)));
        CHECK(alive == 6);
        CHECK(engine.stats().waiting == 6);
    }
    CHECK(alive == 0);
    CHECK(engine.stats().waiting == 0);
    held.end();
    CHECK(engine.stats().admitted == 1);
    check_at_rest(engine);
}

TEST_CASE("a stopped context keeps its waiters until it goes") {
    admit::engine engine{counts(1, 1)};
    permit held = engine.try_admit("alice").value();
    answer got;
    {
        asio::io_context io;
        admit::async_admit(engine, "bob", {.wait_at_most = admit::forever},
                           asio::bind_executor(io, into(got)));
        io.stop();
        CHECK(io.run() == 0);
        CHECK(engine.stats().waiting == 1);
    }
    CHECK(got.times == 0);
    CHECK(engine.stats().waiting == 0);
    held.end();
    check_at_rest(engine);
}

TEST_CASE("what was granted in a context that goes is passed on to the next waiter") {
    admit::engine engine{counts(1, 1)};
    permit held = engine.try_admit("alice").value();
    asio::io_context staying;
    int alive = 0;
    std::optional<waiter> next;
    {
        asio::io_context going;
        admit::async_admit(engine, "bob", {.wait_at_most = admit::forever},
                           asio::bind_executor(going, never_called(alive)));
        next.emplace(staying.get_executor(), engine, "carol");
        held.end();
        CHECK(engine.active_count("bob") == 1);  // granted; the handler has yet to run
        staying.poll();
        CHECK(next->waits());
    }
    CHECK(alive == 0);
    CHECK(engine.active_count("bob") == 0);
    staying.poll();
    CHECK(next->got.has_permit());
    next.reset();
    check_at_rest(engine);
}

TEST_CASE("what was granted at once in a context that goes ends with it") {
    admit::engine engine{counts(1, 1)};
    int alive = 0;
    {
        asio::io_context io;
        admit::async_admit(engine, "alice", {}, asio::bind_executor(io, never_called(alive)));
        CHECK(engine.active_count() == 1);
    }
    CHECK(alive == 0);
    check_at_rest(engine);
}

TEST_CASE("a coroutine is destroyed after each of its steps, and nothing is left") {
    // Waits, works under a permit behind a time-out, and waits once more.
    static auto life = [](admit::engine& engine) -> asio::awaitable<void> {
        auto first = admit::async_admit(engine, "alice", {.wait_at_most = 1h}, asio::use_awaitable);
        permit granted = co_await std::move(first);
        granted = {};
        auto body = [](permit& under) -> asio::awaitable<void> {
            co_await support::pause(1ns);
            under.touch();
        };
        auto work = admit::async_with_permit(engine, "alice", {.wait_at_most = 1h}, body,
                                             asio::use_awaitable);
        auto result = co_await std::move(work);
        CHECK(result.ended == admit::status::completed);
        auto draining = admit::async_drain(engine, {}, asio::use_awaitable);
        co_await std::move(draining);
    };
    int steps = 0;
    for (bool done = false; !done; ++steps) {
        REQUIRE(steps < 100);
        auto engine = std::make_unique<admit::engine>(counts(1, 1));
        permit held = engine->try_admit("bob").value();
        {
            asio::io_context io;
            asio::co_spawn(io, life(*engine), [&](std::exception_ptr) { done = true; });
            for (int i = 0; i < steps; ++i) {
                if (i == 1) held.end();
                io.run_one();
            }
        }
        held.end();
        CHECK(engine->stats().waiting == 0);
        CHECK(engine->stats().users == 0);
        CHECK(engine->active_count() == 0);
    }
    CHECK(steps > 5);
}

TEST_CASE("an engine that goes rejects its waiters, and their context may go before or after") {
    for (const bool run : {true, false}) {
        asio::io_context io;
        auto engine = std::make_unique<admit::engine>(counts(1, 1));
        permit held = engine->try_admit("alice").value();
        waiter bob{io.get_executor(), *engine, "bob"};
        waiter late{io.get_executor(), *engine, "alice", 1h};
        engine.reset();
        CHECK_FALSE(held.end());
        if (!run) continue;
        io.run();
        CHECK(bob.got.refused_as(errc::shutting_down));
        CHECK(late.got.refused_as(errc::shutting_down));
    }
}

TEST_CASE("an engine that goes ends what was granted, and the handler gets a permit of nothing") {
    asio::io_context io;
    auto engine = std::make_unique<admit::engine>(counts(1, 1));
    permit held = engine->try_admit("alice").value();
    waiter bob{io.get_executor(), *engine, "bob"};
    held.end();
    engine.reset();
    admit::engine next{counts(1, 1)};  // in the same memory
    permit other = next.try_admit("carol").value();
    io.run();
    CHECK(bob.got.times == 1);
    CHECK_FALSE(bob.got.granted.touch());
    CHECK_FALSE(bob.got.granted.end());
    CHECK(other.end());
}

TEST_CASE("operations of every kind outlive their engine") {
    asio::io_context io;
    auto engine = std::make_unique<admit::engine>(counts(2, 1));
    std::vector<boost::system::error_code> errors;
    const auto note = [&](boost::system::error_code error, auto&&...) { errors.push_back(error); };
    admit::outcome result;
    admit::outcome rejected;
    bool cancelled = false;
    auto body = [&](permit& under) -> asio::awaitable<void> {
        try {
            co_await support::pause(1h);
        } catch (const boost::system::system_error&) {
            cancelled = true;
        }
        CHECK_FALSE(under.touch());
    };
    auto no_body = [](permit&) -> asio::awaitable<void> {
        FAIL("the body of a rejected one ran");
        co_return;
    };
    admit::async_with_permit(
        *engine, "alice", {}, body,
        asio::bind_executor(io, [&](std::exception_ptr, admit::outcome how) { result = how; }));
    admit::async_with_permit(
        *engine, "alice", {.wait_at_most = 1h}, no_body,
        asio::bind_executor(io, [&](std::exception_ptr, admit::outcome how) { rejected = how; }));
    admit::async_expire(*engine, 1ms, asio::bind_executor(io, note));
    io.poll();
    admit::async_drain(*engine, {.deadline = 1h}, asio::bind_executor(io, note));
    CHECK(engine->stats().active == 1);
    engine.reset();
    io.run();
    CHECK(cancelled);
    CHECK(result);
    CHECK(result.ended == admit::status::drained);
    CHECK(rejected.rejected == errc::shutting_down);
    REQUIRE(errors.size() == 2);
    CHECK((errors[0] == errc::shutting_down) != (errors[1] == errc::shutting_down));  // the expiry
    CHECK((!errors[0]) != (!errors[1]));                                              // the drain
}

TEST_CASE("permits come last") {
    permit held;
    {
        asio::io_context io;
        admit::engine engine{counts(1, 1)};
        answer got;
        admit::async_admit(engine, "alice", {}, asio::bind_executor(io, into(got)));
        io.run();
        held = std::move(got.granted);
        CHECK(held);
    }
    CHECK_FALSE(held.touch());
}

TEST_CASE("a body in a context that goes ends with it") {
    admit::engine engine{counts(1, 1)};
    int alive = 0;
    {
        asio::io_context io;
        auto body = [there = std::make_shared<counted>(alive)](permit&) -> asio::awaitable<void> {
            co_await support::pause(1h);
        };
        admit::async_with_permit(engine, "alice", {}, body,
                                 asio::bind_executor(io, never_called(alive)));
        io.poll();
        CHECK(engine.active_count() == 1);
    }
    CHECK(alive == 0);
    check_at_rest(engine);
}

TEST_CASE("a context that goes lets a thread finish that is telling a body to end") {
    for (const bool ended_before : {false, true}) {
        CAPTURE(ended_before);
        slow_post::began = slow_post::over = false;
        admit::engine engine{counts(1, 1)};
        auto io = std::make_unique<asio::io_context>();
        const slow_postly<asio::io_context::executor_type> executor{io->get_executor()};
        bool completed = false;
        auto body = [&](permit&) -> asio::awaitable<void> {
            while (!(ended_before && slow_post::began)) co_await support::pause(1ms);
        };
        admit::async_with_permit(
            engine, "alice", {}, body,
            asio::bind_executor(
                executor, [&](std::exception_ptr, const admit::outcome&) { completed = true; }));
        io->poll();
        std::jthread ender{[&] {
            slow_post::chosen = true;
            engine.end(engine.conversations().at(0).id, admit::status::error);
        }};
        while (!slow_post::began) std::this_thread::yield();
        if (ended_before)
            while (!completed) io->run_one();
        io.reset();
        CHECK(slow_post::over);
        ender.join();
        check_at_rest(engine);
    }
}

TEST_CASE("a hundred thousand completions at once need a bounded stack") {
    constexpr std::size_t many = support::repetitions(100'000, 20'000);
    admit::limits limits = counts(1, 1);
    limits.max_waiting = many;
    limits.max_waiting_per_user = many;
    admit::engine engine{limits};
    asio::io_context io;
    std::size_t completed = 0;
    permit held = engine.try_admit("alice").value();

    SUBCASE("each ends, and so wakes the next") {
        for (std::size_t i = 0; i < many; ++i)
            admit::async_admit(
                engine, i % 2 == 0 ? "alice" : "bob", {.wait_at_most = admit::forever},
                asio::bind_executor(io, [&](boost::system::error_code error, permit) {
                    if (!error) ++completed;
                }));
        held.end();
        io.run();
    }
    SUBCASE("all are sent away at once") {
        for (std::size_t i = 0; i < many; ++i)
            admit::async_admit(
                engine, "alice", {.wait_at_most = admit::forever},
                asio::bind_executor(io, [&](boost::system::error_code error, permit) {
                    if (error == errc::shutting_down) ++completed;
                }));
        engine.close();
        io.run();
        held.end();
        CHECK(engine.stats().rejected.shutting_down == many);
    }
    SUBCASE("one coroutine is answered at once each time") {
        held.end();
        auto all = [](admit::engine& from, std::size_t& count) -> asio::awaitable<void> {
            while (count < many) {
                auto admission = admit::async_admit(from, "alice", {}, asio::use_awaitable);
                permit granted = co_await std::move(admission);
                if (granted) ++count;
            }
        };
        asio::co_spawn(io, all(engine, completed), asio::detached);
        io.run();
    }
    CHECK(completed == many);
    CHECK(engine.active_count() == 0);
    CHECK(engine.stats().waiting == 0);
}

TEST_CASE("child: engine first, then the context" * doctest::skip()) {
    static admit::engine engine{counts(1, 1)};
    static asio::io_context io;
    static answer got;
    static permit held = engine.try_admit("alice").value();
    admit::async_admit(engine, "bob", {.wait_at_most = 1h}, asio::bind_executor(io, into(got)));
    io.poll();
    CHECK(engine.stats().waiting == 1);
}

TEST_CASE("child: context first, then the engine" * doctest::skip()) {
    static answer got;
    static asio::io_context io;
    static admit::engine engine{counts(1, 1)};
    static permit held = engine.try_admit("alice").value();
    admit::async_admit(engine, "bob", {.wait_at_most = 1h}, asio::bind_executor(io, into(got)));
    admit::async_expire(engine, 1ms, asio::bind_executor(io, [](boost::system::error_code) {}));
    io.poll();
    CHECK(engine.stats().waiting == 1);
}

TEST_CASE("child: threads of a pool" * doctest::skip()) {
    static admit::engine engine{counts(1, 1)};
    static permit held = engine.try_admit("alice").value();
    static asio::thread_pool pool{2};
    for (int i = 0; i < 10; ++i)
        admit::async_admit(engine, "bob", {.wait_at_most = 1h},
                           asio::bind_executor(pool, [](boost::system::error_code, permit) {}));
    held.end();
}

TEST_CASE("a process with a static engine, contexts and waiters exits cleanly") {
    for (const char* const name :
         {"child: engine first\\, then the context", "child: context first\\, then the engine",
          "child: threads of a pool"}) {
        CAPTURE(name);
        CHECK(exit_code_of_case(name) == 0);
    }
}
