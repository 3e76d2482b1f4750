// SPDX-License-Identifier: BSL-1.0
// What a search explores and prints, its seeds, and the options of the command line.

#include <doctest/doctest.h>

#include <array>
#include <exception>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "checker/atomic.hpp"
#include "checker/command_line.hpp"
#include "checker/search_helpers.hpp"
#include "checker/seed.hpp"
#include "checker/thread.hpp"

namespace model = admit::model;
using namespace admit::model;

TEST_CASE("each alternative of choose is explored") {
    const auto seen = outcomes([] {
        const auto first = static_cast<int>(choose(3));
        return std::vector{first, first == 1 ? static_cast<int>(choose(2)) : 0};
    });
    CHECK(seen == std::set<std::vector<int>>{{0, 0}, {1, 0}, {1, 1}, {2, 0}});
}

TEST_CASE("an uncaught exception is a failure of the execution") {
    CHECK(contains(failure_of([] { throw std::runtime_error{"the reason"}; }), "the reason"));
}

TEST_CASE("exceptions being handled belong to the thread that handles them") {
    CHECK_FALSE(finds([] {
        model::atomic<int> x{0};
        const auto handle = [&](int thrown) {
            try {
                throw thrown;
            } catch (const int caught) {
                x.fetch_add(1);
                check(std::current_exception() != nullptr, "still handled here");
                x.fetch_add(1);
                try {
                    throw;
                } catch (const int again) {
                    check(again == caught && again == thrown, "the exception of this thread");
                }
            }
        };
        run({[&] { handle(1); }, [&] { handle(2); }});
    }));
}

TEST_CASE("a printed interleaving shows threads, operations, values, stores and steps") {
    const std::string text = search("printed", exhaustive(), [] {
                                 model::atomic<int> x{0};
                                 name(&x, "x");
                                 run({[&] {
                                          step("before the store");
                                          x.store(5, release);
                                      },
                                      [&] { check(x.load(relaxed) == 0, "unchanged"); }});
                             }).report();
    CHECK(contains(text, "check failed: unchanged"));
    CHECK(contains(text, "step \"before the store\""));
    CHECK(contains(text, "T1      x store release 5  (store #1)"));
    CHECK(contains(text, "T2          x load relaxed = 5  (store #1 by T1)"));
}

TEST_CASE("a decoded seed encodes to the same text") {
    seed original;
    original.test = seed::hash("some test");
    original.reduce = true;
    original.limits = {12, unlimited, 40};
    for (const unsigned index : {0U, 0U, 3U, 0U, 0U, 0U, 0U, 0U, 0U, 40U, 0U}) {
        original.choices.record(index, 41);
    }
    const std::string text = original.encode();
    CHECK(text == seed::hash("some test") + "-dc*E-003Z6.E");
    CHECK(seed::decode(text).encode() == text);
    CHECK_THROWS(seed::decode("nonsense"));
    CHECK_THROWS(seed::decode("0000-d111-Z9"));
    CHECK_THROWS(seed::decode("0000-d111-?"));
}

TEST_CASE("a test that is not deterministic is reported") {
    int executions = 0;
    const auto test = [&] {
        model::atomic<int> x{0};
        ++executions;
        const auto increment = [&] { x.fetch_add(1); };
        if (executions % 2 == 0) {
            run({increment});
        } else {
            run({increment, increment, increment});
        }
    };
    CHECK(contains(failure_of(test), "not deterministic"));
}

TEST_CASE("the command line changes the bounds of a test") {
    const std::array arguments{"test", "--bound", "7", "--executions", "11", "--deep"};
    const command_line parsed =
        command_line::parse(static_cast<int>(arguments.size()), arguments.data());
    const options applied = parsed.apply({.preemptions = 2, .stale_reads = 1});
    CHECK(applied.preemptions == 7);
    CHECK(applied.stale_reads == 2);
    CHECK(applied.executions == 11);
    CHECK(applied.random_executions > 0);
    const std::array wrong{"test", "--bound", "x"};
    CHECK_THROWS(command_line::parse(static_cast<int>(wrong.size()), wrong.data()));
}
