// SPDX-License-Identifier: BSL-1.0
// Litmus tests of one location: coherence, release sequences, and compare_exchange.

#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <vector>

#include "checker/atomic.hpp"
#include "checker/plain.hpp"
#include "checker/search_helpers.hpp"
#include "checker/thread.hpp"

namespace model = admit::model;
using namespace admit::model;

// --- Coherence ----------------------------------------------------------------------------------

TEST_CASE("a thread never reads backwards in the modification order") {
    CHECK_FALSE(finds([] {
        model::atomic<int> x{0};
        run({[&] {
                 x.store(1, relaxed);
                 x.store(2, relaxed);
                 x.store(3, relaxed);
             },
             [&] {
                 const int first = x.load(relaxed);
                 const int second = x.load(relaxed);
                 check(first <= second, "reads are coherent");
             }});
    }));
}

TEST_CASE("a failed compare_exchange does not read backwards in the modification order") {
    CHECK_FALSE(finds([] {
        model::atomic<int> x{0};
        run({[&] {
                 x.store(1, relaxed);
                 x.store(2, relaxed);
             },
             [&] {
                 const int first = x.load(relaxed);
                 int second = 9;
                 x.compare_exchange_strong(second, 10, relaxed);
                 check(first <= second, "reads are coherent");
             }});
    }));
}

TEST_CASE("a thread reads nothing older than its own store") {
    const auto seen = outcomes([] {
        model::atomic<int> x{0};
        int saw = 0;
        run({[&] { x.store(1, relaxed); },
             [&] {
                 x.store(2, relaxed);
                 saw = x.load(relaxed);
             }});
        return std::vector{saw, x.load(relaxed)};
    });
    CHECK(seen == std::set<std::vector<int>>{{2, 2}, {1, 1}, {2, 1}});
}

TEST_CASE("read-modify-writes lose no update, even relaxed") {
    CHECK_FALSE(finds([] {
        model::atomic<int> x{0};
        const auto increment = [&] { x.fetch_add(1, relaxed); };
        run({increment, increment, increment});
        check(x.load(relaxed) == 3, "three increments");
    }));
    CHECK(finds([] {
        model::atomic<int> x{0};
        const auto increment = [&] { x.store(x.load(seq_cst) + 1, seq_cst); };
        run({increment, increment});
        check(x.load(relaxed) == 2, "two increments");
    }));
}

// --- Release sequences --------------------------------------------------------------------------

namespace {

/// `between` is what a third thread does between the releasing store and the acquiring load.
body through_a_third(const std::function<void(model::atomic<int>&)>& between) {
    return [=] {
        model::plain<int> data{0};
        model::atomic<int> flag{0};
        run({[&] {
                 data.set(1);
                 flag.store(1, release);
             },
             [&] { between(flag); },
             [&] {
                 if (flag.load(acquire) == 2) {
                     check(data.get() == 1, "the message is there");
                 }
             }});
    };
}

}  // namespace

TEST_CASE("a release sequence goes on through a relaxed read-modify-write") {
    CHECK_FALSE(finds(through_a_third([](model::atomic<int>& flag) {
        int one = 1;
        flag.compare_exchange_strong(one, 2, relaxed);
    })));
    CHECK_FALSE(finds(through_a_third([](model::atomic<int>& flag) {
        if (flag.load(relaxed) == 1) {
            flag.fetch_add(1, relaxed);
        }
    })));
    CHECK_FALSE(finds(through_a_third([](model::atomic<int>& flag) {
        if (flag.load(relaxed) == 1) {
            flag.fetch_add(1, release);  // also heads a second release sequence
        }
    })));
}

TEST_CASE("a release sequence ends at a store") {
    CHECK(finds(through_a_third([](model::atomic<int>& flag) {
        if (flag.load(relaxed) == 1) {
            flag.store(2, relaxed);
        }
    })));
}

TEST_CASE("a relaxed store of the releasing thread itself ends the release sequence") {
    // Since C++20. In C++11 the release sequence went on.
    CHECK(contains(failure_of([] {
                       model::plain<int> data{0};
                       model::atomic<int> flag{0};
                       run({[&] {
                                data.set(1);
                                flag.store(1, release);
                                flag.store(2, relaxed);
                            },
                            [&] {
                                if (flag.load(acquire) == 2) {
                                    static_cast<void>(data.get());
                                }
                            }});
                   }),
                   "data race"));
}

// --- compare_exchange ---------------------------------------------------------------------------

TEST_CASE("a weak compare_exchange without a loop fails spuriously, a strong one does not") {
    CHECK(finds([] {
        model::atomic<int> x{0};
        int expected = 0;
        check(x.compare_exchange_weak(expected, 1), "exchanged");
    }));
    CHECK_FALSE(finds([] {
        model::atomic<int> x{0};
        int expected = 0;
        check(x.compare_exchange_strong(expected, 1), "exchanged");
    }));
}

TEST_CASE("a failed compare_exchange acquires only if its failure order says so") {
    const auto failing_with = [](std::memory_order failure) {
        return [=] {
            model::plain<int> data{0};
            model::atomic<int> flag{0};
            run({[&] {
                     data.set(1);
                     flag.store(1, release);
                 },
                 [&] {
                     int expected = 7;
                     flag.compare_exchange_strong(expected, 8, acq_rel, failure);
                     if (expected == 1) {
                         static_cast<void>(data.get());
                     }
                 }});
        };
    };
    CHECK(contains(failure_of(failing_with(relaxed)), "data race"));
    CHECK_FALSE(finds(failing_with(acquire)));
}

TEST_CASE("a failed compare_exchange may report an outdated value") {
    const auto seen = outcomes([] {
        model::atomic<int> x{0};
        model::atomic<int> y{0};
        int expected = 5;
        int saw = 0;
        run({[&] {
                 x.store(1, relaxed);
                 y.store(1, relaxed);
             },
             [&] {
                 saw = y.load(relaxed);
                 x.compare_exchange_strong(expected, 9, relaxed);
             }});
        return std::vector{saw, expected};
    });
    CHECK(seen.contains({1, 0}));
}
