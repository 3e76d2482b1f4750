// SPDX-License-Identifier: BSL-1.0
// Tests of the checker by engines that wait: the correct one is explained, and each planted mistake
// is found.
#include <doctest/doctest.h>

#include <memory>

#include "history/linearizability.hpp"
#include "history/recorder.hpp"
#include "history/sequential_engine.hpp"
#include "support/sanitizers.hpp"

using history::linearizable;
using history::mistake;
using history::recording;

namespace {

constexpr history::plan busy{.threads = 2,
                             .calls = 10,
                             .users = 2,
                             .max_limits = {.concurrent = 2, .per_user = 2},
                             .changes = 5,
                             .waits = 50,
                             .cancels = 15};

/// Requests overlap no call, so that their turns are fixed.
constexpr history::plan one_thread{.threads = 1,
                                   .calls = 60,
                                   .users = 3,
                                   .max_limits = {.concurrent = 2, .per_user = 3},
                                   .waits = 50,
                                   .cancels = 5};

/// The number of histories without an explanation.
template <mistake Planted>
int unexplained(const history::plan& plan = busy) {
    int found = 0;
    // One thread makes the same histories under a sanitizer, and few of them show a mistake.
    const int histories = plan.threads == 1 ? 1000 : support::repetitions(1000, 200);
    history::record(
        plan, histories, 1,
        [](history::limits first, std::size_t kept) {
            return std::make_unique<history::sequential_engine<Planted>>(first, kept);
        },
        [&](const recording& seen) {
            if (linearizable(seen)) return;
            if (++found == 1 && Planted == mistake::none) MESSAGE(to_string(seen));
        });
    return found;
}

}  // namespace

TEST_CASE("an engine that does what the specification says is explained") {
    CHECK(unexplained<mistake::none>() == 0);
    CHECK(unexplained<mistake::none>(
              {.threads = 3, .users = 3, .changes = 10, .closings = 5, .waits = 40}) == 0);
    CHECK(unexplained<mistake::none>(one_thread) == 0);
}

TEST_CASE("an engine with a planted mistake is found") {
    CHECK(unexplained<mistake::attempts_overtake>() > 0);
    CHECK(unexplained<mistake::stale_waits_count>() > 0);
    CHECK(unexplained<mistake::grants_are_lost>() > 0);
    CHECK(unexplained<mistake::grants_are_doubled>() > 0);
    CHECK(unexplained<mistake::turns_are_ignored>(one_thread) > 0);
    CHECK(unexplained<mistake::order_is_reversed>() > 0);
}
