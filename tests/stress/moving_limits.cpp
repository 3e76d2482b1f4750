// SPDX-License-Identifier: BSL-1.0
// Limits move up and down while threads admit and end conversations.
#include <admit/engine.hpp>
#include <atomic>
#include <barrier>
#include <deque>
#include <string>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/stress.hpp"
#include "support/threads.hpp"

using admit::errc;
using admit::permit;
using support::counts;
using support::rng;

namespace {

/// Checks that an idle engine admits exactly as many conversations as its limits allow.
void check_exact(admit::engine& engine) {
    const admit::limits limits = engine.limits();
    CAPTURE(limits);
    CHECK(engine.active_count() == 0);
    CHECK(engine.stats().users == 0);
    {
        const auto permits = support::admit_strangers(engine, limits.max_concurrent + 10);
        CHECK(permits.size() == limits.max_concurrent);
    }
    std::vector<permit> of_alice;
    while (of_alice.size() <= limits.max_per_user) {
        auto admitted = engine.try_admit("alice");
        if (!admitted) break;
        of_alice.push_back(std::move(*admitted));
    }
    CHECK(of_alice.size() == limits.max_per_user);
    of_alice.clear();
    CHECK(engine.active_count() == 0);
}

/// Admits and ends at random, and holds at most `max_held` conversations.
void churn(admit::engine& engine, unsigned thread, int steps, std::size_t max_held) {
    rng random{thread + 1};
    std::deque<permit> held;
    for (int step = 0; step < steps; ++step) {
        if (held.size() < max_held && random.below(2) == 0) {
            auto admitted = engine.try_admit(support::user_number(random.below(max_held * 2)));
            if (admitted) held.push_back(std::move(*admitted));
        } else if (!held.empty()) {
            held.pop_front();
        }
    }
}

}  // namespace

TEST_CASE("after limits have moved under load, exactly the last limits are in force") {
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (const std::size_t largest : {4UL, 60UL, 3000UL})
            for (const unsigned movers : {1U, 2U}) {
                CAPTURE(largest);
                CAPTURE(movers);
                constexpr unsigned workers = 3;
                admit::engine engine{counts(1, 1)};
                std::atomic<unsigned> working{workers};
                support::run_together(workers + movers, [&](unsigned thread) {
                    if (thread < workers) {
                        churn(engine, thread, support::repetitions(100'000, 5'000),
                              1 + largest / workers);
                        --working;
                        return;
                    }
                    rng random{thread + 100};
                    while (working != 0) {
                        const std::size_t all = 1 + random.below(largest);
                        engine.set_limits(counts(all, 1 + random.below(all)));
                    }
                });
                check_exact(engine);
                engine.set_limits(counts(largest, 2));
                check_exact(engine);
                engine.set_limits(counts(1, 1));
                check_exact(engine);
            }
}

TEST_CASE("no admission that begins after set_limits returned exceeds the new limit") {
    constexpr unsigned workers = 3;
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (const std::size_t largest : {6UL, 40UL, 2600UL}) {
            CAPTURE(largest);
            admit::engine engine{counts(largest, largest)};
            std::atomic<std::size_t> limit{largest};
            std::atomic<std::size_t> outside{0};
            std::atomic<std::uint64_t> violations{0};
            std::atomic<std::uint64_t> admissions{0};
            rng limits{7};
            std::barrier next_phase{workers, [&]() noexcept {
                                        limit = 1 + limits.below(largest);
                                        engine.set_limits(counts(limit, limit));
                                    }};
            support::run_together(workers, [&](unsigned thread) {
                rng random{thread + 1};
                const std::string user = support::user_number(thread);
                std::deque<permit> held;
                for (int phase = 0; phase < support::repetitions(300, 30); ++phase) {
                    next_phase.arrive_and_wait();
                    const std::size_t max_held = limit;
                    for (int step = 0; step < support::repetitions(1000, 300); ++step) {
                        if (random.below(5) < 3) {
                            auto admitted = engine.try_admit(user);
                            if (!admitted) continue;
                            if (++outside > max_held) ++violations;
                            ++admissions;
                            held.push_back(std::move(*admitted));
                        } else if (!held.empty()) {
                            --outside;
                            held.pop_front();
                        }
                    }
                }
                while (!held.empty()) {
                    --outside;
                    held.pop_front();
                }
            });
            CHECK(violations == 0);
            CHECK(engine.stats().admitted == admissions);
            check_exact(engine);
        }
}

TEST_CASE("lowered limits admit all users that fit, also after concurrent ends") {
    // The limit goes down to the number of workers. Afterwards no worker is refused.
    constexpr unsigned workers = 3;
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (int i = 0; i < support::repetitions(200, 20); ++i) {
            admit::engine engine{counts(30, 30)};
            std::vector<permit> earlier;
            for (int n = 0; n < 30; ++n) earlier.push_back(engine.try_admit("old").value());
            support::run_together(3, [&](unsigned thread) {
                if (thread == 0) engine.set_limits(counts(workers, 1));
                if (thread == 1)
                    for (std::size_t n = 0; n < 15; ++n) earlier[n].end();
                if (thread == 2)
                    for (std::size_t n = 15; n < 30; ++n) earlier[n].end();
            });
            REQUIRE(engine.active_count() == 0);
            std::atomic<unsigned> refused{0};
            support::run_together(workers, [&](unsigned thread) {
                const std::string user = support::user_number(thread);
                for (int n = 0; n < 100; ++n) refused += engine.try_admit(user) ? 0 : 1;
            });
            REQUIRE(refused == 0);
            check_exact(engine);
        }
}

TEST_CASE("once close has returned no user is admitted") {
    constexpr unsigned workers = 3;
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (int i = 0; i < support::repetitions(200, 20); ++i) {
            admit::engine engine{counts(10, 10)};
            std::atomic<bool> closed{false};
            std::atomic<unsigned> late{0};
            support::run_together(workers + 1, [&](unsigned thread) {
                if (thread == workers) {
                    for (int n = 0; n < 100; ++n)
                        engine.set_limits(counts(1 + static_cast<std::size_t>(n) % 10, 1));
                    engine.close();
                    closed = true;
                    return;
                }
                const std::string user = support::user_number(thread);
                for (bool last = false; !last;) {
                    last = closed;
                    const auto held = engine.try_admit(user);
                    if (last && (held || held.error() != errc::shutting_down)) ++late;
                }
            });
            REQUIRE(late == 0);
            REQUIRE(engine.active_count() == 0);
        }
}
