// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "checker/explorer.hpp"
#include "checker/options.hpp"
#include "support/text.hpp"

// For the tests of the checker, which judge the result of a search.

namespace admit::model {

inline constexpr auto relaxed = std::memory_order_relaxed;
inline constexpr auto acquire = std::memory_order_acquire;
inline constexpr auto release = std::memory_order_release;
inline constexpr auto acq_rel = std::memory_order_acq_rel;
inline constexpr auto seq_cst = std::memory_order_seq_cst;

using body = std::function<void()>;

/// Bounds that no test of the checker reaches.
inline options exhaustive() {
    return {.preemptions = unlimited, .stale_reads = 10, .spurious_failures = 2};
}

/// Whether a search finds a violation. The search has to be complete if it finds none.
inline bool finds(const body& test, const options& config = exhaustive()) {
    const exploration result = search("test", config, test);
    INFO(result.summary());
    if (result.failed()) {
        // The seed of a failure replays it.
        const exploration again = replay("test", result.seed, config, test);
        CHECK(again.failure == result.failure);
        CHECK(again.interleaving == result.interleaving);
    } else {
        CHECK(result.complete);
    }
    return result.failed();
}

inline std::string failure_of(const body& test, const options& config = exhaustive()) {
    return search("test", config, test).failure;
}

using support::contains;

/// All outcomes of a test, which returns the outcome of one execution.
inline std::set<std::vector<int>> outcomes(const std::function<std::vector<int>()>& test,
                                           const options& config = exhaustive()) {
    std::set<std::vector<int>> seen;
    const exploration result = search("outcomes", config, [&] { seen.insert(test()); });
    CHECK_MESSAGE(!result.failed(), result.report());
    CHECK(result.complete);
    return seen;
}

}  // namespace admit::model
