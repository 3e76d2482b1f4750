// SPDX-License-Identifier: BSL-1.0
// Engines, permits, threads and processes end in any order.
#include <sys/wait.h>
#include <unistd.h>

#include <admit/engine.hpp>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/sizes.hpp"
#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/sanitizers.hpp"
#include "support/threads.hpp"
#include "system/this_thread.hpp"

using admit::permit;
using support::admit_strangers;
using support::counts;
using support::rejection;

namespace {

/// Waits for the child; returns its exit code, or -1 if a signal ended it.
int exit_code_of(pid_t child) {
    int state = 0;
    if (::waitpid(child, &state, 0) != child) return -1;
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

/// Runs a skipped test case of this program in a separate process.
int exit_code_of_case(const std::string& name) {
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string filter = "--test-case=" + name;
        ::execl("/proc/self/exe", "lifetimes", filter.c_str(), "--no-skip", "--minimal",
                static_cast<char*>(nullptr));
        ::_exit(99);
    }
    return exit_code_of(child);
}

}  // namespace

TEST_CASE("child: engine first, permits later" * doctest::skip()) {
    static admit::engine engine{counts(5, 5)};
    static std::vector<permit> permits = admit_strangers(engine, 5);
    CHECK(permits.size() == 5);
}

TEST_CASE("child: permits first, engine later" * doctest::skip()) {
    static std::vector<permit> permits;
    static admit::engine engine{counts(5, 5)};
    permits = admit_strangers(engine, 5);
    CHECK(permits.size() == 5);
}

TEST_CASE("child: permits of the thread" * doctest::skip()) {
    static admit::engine engine{counts(5, 5)};
    thread_local std::vector<permit> permits;
    permits = admit_strangers(engine, 5);
    CHECK(permits.size() == 5);
}

TEST_CASE("child: permits of a detached thread" * doctest::skip()) {
    static admit::engine engine{counts(5, 5)};
    static std::atomic<bool> permits_held{false};
    std::thread{[] {
        const auto permits = admit_strangers(engine, 5);
        permits_held = true;
        permits_held.notify_all();
        for (;;) std::this_thread::sleep_for(std::chrono::hours{1});
    }}.detach();
    permits_held.wait(false);
    CHECK(engine.active_count() == 5);
}

TEST_CASE("a process with a static engine and live permits exits cleanly") {
    for (const char* const name :
         {"child: engine first, permits later", "child: permits first, engine later",
          "child: permits of the thread"}) {
        CAPTURE(name);
        CHECK(exit_code_of_case(name) == 0);
    }
    // A sanitizer reports a thread that is alive at exit as a leak.
    if (!support::sanitized) CHECK(exit_code_of_case("child: permits of a detached thread") == 0);
}

TEST_CASE("the actions of a forked child stay in the child") {
    admit::engine engine{counts(5, 5)};
    std::vector<permit> permits = admit_strangers(engine, 3);
    const pid_t child = ::fork();
    if (child == 0) {
        // The child reports by its exit code only, without checks of doctest.
        bool right = permits[0].touch() && permits[0].end() && engine.active_count() == 2;
        right = right && engine.end(permits[1].id());
        const auto more = admit_strangers(engine, 10);
        right = right && more.size() == 4;
        engine.set_limits(counts(500, 5));
        right = right && engine.try_admit("child").has_value();
        engine.close();
        permits.clear();
        ::_exit(right ? 0 : 1);
    }
    CHECK(exit_code_of(child) == 0);
    CHECK(engine.active_count() == 3);
    CHECK(engine.limits() == counts(5, 5));
    const permit fourth = engine.try_admit("fourth").value();
    const permit fifth = engine.try_admit("fifth").value();
    CHECK(rejection(engine, "late") == admit::errc::global_limit);
    for (permit& each : permits) CHECK(each.end());
}

TEST_CASE("an engine may be destroyed while other threads end its permits") {
    for (int round = 0; round < support::repetitions(300, 50); ++round) {
        constexpr unsigned threads = 4;
        auto engine = std::make_unique<admit::engine>(counts(40, 40));
        std::vector<std::vector<permit>> held(threads);
        for (auto& of_thread : held)
            for (int i = 0; i < 10; ++i) of_thread.push_back(engine->try_admit("alice").value());
        support::run_together(threads + 1, [&](unsigned i) {
            if (i == threads) return engine.reset();
            for (permit& each : held[i]) {
                each.touch();
                each.end();
            }
            held[i].clear();
        });
        admit::engine next{counts(40, 1)};
        CHECK(admit_strangers(next, 50).size() == 40);
        CHECK(next.stats().admitted == 40);
    }
}

TEST_CASE("permits that outlive several engines end in any order") {
    std::vector<permit> survivors;
    for (int round = 0; round < 20; ++round) {
        admit::engine engine{counts(10, 10)};
        for (int i = 0; i < 10; ++i) survivors.push_back(engine.try_admit("alice").value());
        CHECK(engine.active_count("alice") == 10);
        if (round % 3 == 0) survivors.erase(survivors.begin(), survivors.begin() + 5);
    }
    for (std::size_t i = 0; i < survivors.size(); i += 2) CHECK_FALSE(survivors[i].end());
    for (permit& each : survivors) CHECK_FALSE(each.touch());
}

TEST_CASE("threads that come and go return their stripes of counters") {
    using admit::core::counter_stripes;
    admit::engine engine{counts(1, 1)};
    for (unsigned i = 0; i < 3 * counter_stripes; ++i) {
        unsigned stripe = counter_stripes;
        std::thread{[&] {
            static_cast<void>(engine.try_admit("alice"));
            stripe = admit::system::this_thread().stripe;
        }}.join();
        REQUIRE(stripe < counter_stripes);  // not the one that further threads share
    }
}

TEST_CASE("threads that make and destroy engines do not disturb each other") {
    std::atomic<int> mistakes{0};
    support::run_together(4, [&](unsigned thread) {
        for (int round = 0; round < support::repetitions(200, 30); ++round) {
            const std::size_t size = 1 + (static_cast<std::size_t>(round) * 7 + thread) % 400;
            admit::engine engine{counts(size, 1)};
            const auto permits = admit_strangers(engine, size + 1);
            const auto stats = engine.stats();
            if (permits.size() != size || stats.admitted != size || stats.users != size ||
                stats.rejected.global_limit != 1)
                ++mistakes;
        }
    });
    CHECK(mistakes == 0);
}
