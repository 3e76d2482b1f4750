// SPDX-License-Identifier: BSL-1.0
// Records many histories of an engine and checks each: for histories.cpp and waiting_histories.cpp.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "history/linearizability.hpp"
#include "history/recorder.hpp"
#include "support/sanitizers.hpp"
#include "support/stress.hpp"

namespace history {

inline std::unique_ptr<subject> engine(limits first, std::size_t kept) {
    return std::make_unique<subject>(first, kept);
}

inline constexpr int histories_of_each = support::repetitions(2000, 150);

/// The number of calls during which another call was in progress.
inline int overlapping(const recording& seen) {
    return static_cast<int>(
        std::count_if(seen.operations.begin(), seen.operations.end(), [](const operation& each) {
            return each.returned - each.invoked > 1;  // every event has an instant of its own
        }));
}

/// Checks each history, or each user's part of the history.
inline void check_all(const plan& plan, bool user_by_user = false) {
    for (int round = 0; round < support::stress_rounds(); ++round) {
        int overlaps = 0;
        int unexplained = 0;
        const auto explain = [&](const recording& seen) {
            const auto when = unexplained_at(seen);
            if (!when) return;
            if (++unexplained < 4) MESSAGE("not explained at ", *when, "\n", to_string(seen));
        };
        const auto seed = static_cast<std::uint64_t>(round) + 1;
        record(plan, histories_of_each, seed, engine, [&](const recording& seen) {
            overlaps += overlapping(seen);
            if (!user_by_user) return explain(seen);
            for (unsigned user = 0; user < plan.users; ++user)
                explain(only_of(seen, static_cast<std::uint8_t>(user)));
        });
        MESSAGE(histories_of_each, " histories of ", plan.threads, " threads, in which ", overlaps,
                " calls overlapped others");
        CHECK(unexplained == 0);
        CHECK(overlaps > 0);
    }
}

}  // namespace history
