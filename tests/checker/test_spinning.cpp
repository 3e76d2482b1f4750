// SPDX-License-Identifier: BSL-1.0
// Threads that spin: fair schedules end, and a livelock is found.

#include <doctest/doctest.h>

#include "checker/atomic.hpp"
#include "checker/plain.hpp"
#include "checker/search_helpers.hpp"
#include "checker/thread.hpp"

namespace model = admit::model;
using namespace admit::model;

TEST_CASE("threads that wait for each other for ever are a livelock") {
    CHECK(contains(failure_of(
                       [] {
                           model::atomic<bool> first{false};
                           model::atomic<bool> second{false};
                           run({[&] {
                                    while (!second.load()) {
                                        yield();
                                    }
                                    first.store(true);
                                },
                                [&] {
                                    while (!first.load()) {
                                        yield();
                                    }
                                    second.store(true);
                                }});
                       },
                       {.preemptions = 0}),
                   "livelock"));
}

TEST_CASE("a thread that spins until another thread stores ends, with and without yield") {
    const auto spin = [](bool yields) {
        return [=] {
            model::plain<int> data{0};
            model::atomic<bool> ready{false};
            run({[&] {
                     while (!ready.load(acquire)) {
                         if (yields) {
                             yield();
                         }
                     }
                     check(data.get() == 1, "the message is there");
                 },
                 [&] {
                     data.set(1);
                     ready.store(true, release);
                 }});
        };
    };
    CHECK_FALSE(finds(spin(true), {.preemptions = 2}));
    CHECK_FALSE(finds(spin(false), {.preemptions = 2}));
}

TEST_CASE("a thread is taken to spin only beyond the limit, and the summary says so") {
    const auto reads = [] {
        model::atomic<int> x{0};
        const auto read_repeatedly = [&] {
            for (int i = 0; i < 10; ++i) {
                static_cast<void>(x.load(relaxed));
            }
        };
        run({read_repeatedly, read_repeatedly});
    };
    const exploration above_limit = search("reads", {.preemptions = 1}, reads);
    CHECK(above_limit.forced_yields == 0);
    const exploration below_limit = search("reads", {.preemptions = 1, .spin_limit = 5}, reads);
    CHECK(below_limit.forced_yields > 0);
    CHECK(contains(below_limit.summary(), "taken to spin"));
}

TEST_CASE("a thread that counts while it spins ends") {
    CHECK_FALSE(finds(
        [] {
            model::atomic<int> turns{0};
            model::atomic<bool> ready{false};
            run({[&] {
                     while (!ready.load(acquire)) {
                         turns.fetch_add(1, relaxed);
                     }
                 },
                 [&] { ready.store(true, release); }});
        },
        {.preemptions = 0, .stale_reads = 0}));
}
