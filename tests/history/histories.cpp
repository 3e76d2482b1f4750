// SPDX-License-Identifier: BSL-1.0
// Records thousands of short histories of real threads on the engine. Each has to be linearizable.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "history/linearizability.hpp"
#include "history/recorder.hpp"
#include "support/sanitizers.hpp"
#include "support/stress.hpp"

using history::plan;
using history::recording;

namespace {

std::unique_ptr<history::subject> engine(history::limits first, std::size_t kept) {
    return std::make_unique<history::subject>(first, kept);
}

constexpr int histories_of_each = support::repetitions(2000, 150);

/// The number of calls during which another call was in progress.
int overlapping(const recording& seen) {
    return static_cast<int>(std::count_if(
        seen.operations.begin(), seen.operations.end(), [](const history::operation& each) {
            return each.returned - each.invoked > 1;  // every event has an instant of its own
        }));
}

/// Checks each history, or each user's part of the history.
void check_all(const plan& plan, bool user_by_user = false) {
    for (int round = 0; round < support::stress_rounds(); ++round) {
        int overlaps = 0;
        int unexplained = 0;
        const auto judge = [&](const recording& seen) {
            if (history::linearizable(seen)) return;
            if (++unexplained < 4) MESSAGE(to_string(seen));
        };
        const auto seed = static_cast<std::uint64_t>(round) + 1;
        history::record(plan, histories_of_each, seed, engine, [&](const recording& seen) {
            overlaps += overlapping(seen);
            if (!user_by_user) return judge(seen);
            for (unsigned user = 0; user < plan.users; ++user)
                judge(only_of(seen, static_cast<std::uint8_t>(user)));
        });
        MESSAGE(histories_of_each, " histories of ", plan.threads, " threads, in which ", overlaps,
                " calls overlapped others");
        CHECK(unexplained == 0);
        CHECK(overlaps > 0);
    }
}

}  // namespace

TEST_CASE("histories of admissions and endings are linearizable") {
    check_all({.threads = 2});
    check_all({.threads = 3, .users = 3});
    check_all(
        {.threads = 4, .calls = 6, .users = 2, .max_limits = {.concurrent = 2, .per_user = 1}});
}

TEST_CASE("each user's history is linearizable when only its own limit is in reach") {
    check_all({.threads = 4, .users = 3, .min_concurrent = 64, .max_limits = {.concurrent = 64}},
              true);
    check_all({.threads = 8,
               .calls = 8,
               .users = 3,
               .min_concurrent = 64,
               .max_limits = {.concurrent = 64}},
              true);
}

TEST_CASE("histories of an engine with many slots are linearizable") {
    check_all({.threads = 3, .kept = 250});
    check_all({.threads = 3, .kept = 2500});
}

TEST_CASE("histories in which limits move are linearizable") {
    check_all({.threads = 2, .changes = 10});
    check_all({.threads = 3, .max_limits = {.concurrent = 4, .per_user = 3}, .changes = 20});
    check_all({.threads = 3, .kept = 250, .changes = 20});
}

TEST_CASE("histories in which the engine is closed are linearizable") {
    check_all({.threads = 3, .closings = 5});
    check_all({.threads = 3, .changes = 10, .closings = 5});
}
