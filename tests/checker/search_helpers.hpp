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

// Shared by the tests of the checker, which look at the result of a search instead of failing.

namespace admit::model {

inline constexpr auto relaxed = std::memory_order_relaxed;
inline constexpr auto acquire = std::memory_order_acquire;
inline constexpr auto release = std::memory_order_release;
inline constexpr auto acq_rel = std::memory_order_acq_rel;
inline constexpr auto seq_cst = std::memory_order_seq_cst;

using body = std::function<void()>;

/// Everything there is: no bound is reached.
inline options exhaustive() {
    return {.preemptions = unlimited, .stale_reads = 10, .spurious_failures = 2};
}

inline bool finds(const body& test, const options& how = exhaustive()) {
    const exploration found = search("test", how, test);
    INFO(found.summary());
    if (found.failed()) {
        // Whatever is found can be shown again.
        const exploration again = replay("test", found.seed, how, test);
        CHECK(again.failure == found.failure);
        CHECK(again.interleaving == found.interleaving);
    } else {
        CHECK(found.complete);
    }
    return found.failed();
}

inline std::string failure_of(const body& test, const options& how = exhaustive()) {
    return search("test", how, test).failure;
}

using support::contains;

/// The outcomes of a test whose body returns one.
inline std::set<std::vector<int>> outcomes(const std::function<std::vector<int>()>& test,
                                           const options& how = exhaustive()) {
    std::set<std::vector<int>> seen;
    const exploration found = search("outcomes", how, [&] { seen.insert(test()); });
    CHECK_MESSAGE(!found.failed(), found.report());
    CHECK(found.complete);
    return seen;
}

}  // namespace admit::model
