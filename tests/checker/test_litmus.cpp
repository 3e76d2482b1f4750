// The checker is checked on litmus tests, whose behaviours under C++20 are known.

#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <set>
#include <vector>

#include "checker/atomic.hpp"
#include "checker/plain.hpp"
#include "checker/search_helpers.hpp"
#include "checker/thread.hpp"

namespace model = admit::model;
using namespace admit::model;

// --- Store buffering ----------------------------------------------------------------------------

namespace {

body store_buffering(std::memory_order store, std::memory_order load) {
    return [=] {
        model::atomic<int> x{0};
        model::atomic<int> y{0};
        int saw_x = 1;
        int saw_y = 1;
        run({[&] {
                 x.store(1, store);
                 saw_y = y.load(load);
             },
             [&] {
                 y.store(1, store);
                 saw_x = x.load(load);
             }});
        check(saw_x == 1 || saw_y == 1, "one of the threads sees the other's store");
    };
}

/// The same with read-modify-writes in place of the stores.
body modify_buffering(std::memory_order first, std::memory_order second, std::memory_order load) {
    return [=] {
        model::atomic<int> x{0};
        model::atomic<int> y{0};
        int saw_x = 1;
        int saw_y = 1;
        run({[&] {
                 x.fetch_add(1, first);
                 saw_y = y.load(load);
             },
             [&] {
                 y.fetch_add(1, second);
                 saw_x = x.load(load);
             }});
        check(saw_x == 1 || saw_y == 1, "one of the threads sees the other's increment");
    };
}

}  // namespace

TEST_CASE("store buffering is found unless all four operations are seq_cst") {
    CHECK(finds(store_buffering(relaxed, relaxed)));
    CHECK(finds(store_buffering(release, acquire)));
    CHECK(finds(store_buffering(seq_cst, acquire)));
    CHECK(finds(store_buffering(release, seq_cst)));
    CHECK_FALSE(finds(store_buffering(seq_cst, seq_cst)));
}

TEST_CASE("an acq_rel read-modify-write before a seq_cst load does not prevent store buffering") {
    CHECK(finds(modify_buffering(acq_rel, acq_rel, seq_cst)));
    CHECK(finds(modify_buffering(acq_rel, acq_rel, acquire)));
    CHECK(finds(modify_buffering(seq_cst, acq_rel, seq_cst)));
    CHECK(finds(modify_buffering(seq_cst, seq_cst, acquire)));
    CHECK_FALSE(finds(modify_buffering(seq_cst, seq_cst, seq_cst)));
}

TEST_CASE("reading by an acq_rel increment by zero prevents store buffering of increments") {
    // Both read-modify-writes of one location are in its modification order, and the later one
    // acquires what the earlier one released.
    CHECK_FALSE(finds([] {
        model::atomic<int> x{0};
        model::atomic<int> y{0};
        int saw_x = 1;
        int saw_y = 1;
        run({[&] {
                 x.fetch_add(1, acq_rel);
                 saw_y = y.fetch_add(0, acq_rel);
             },
             [&] {
                 y.fetch_add(1, acq_rel);
                 saw_x = x.fetch_add(0, acq_rel);
             }});
        check(saw_x == 1 || saw_y == 1, "one of the threads sees the other's increment");
    }));
}

// --- Message passing ----------------------------------------------------------------------------

namespace {

body message_passing(std::memory_order store, std::memory_order load) {
    return [=] {
        model::atomic<int> data{0};
        model::atomic<bool> ready{false};
        run({[&] {
                 data.store(1, relaxed);
                 ready.store(true, store);
             },
             [&] {
                 if (ready.load(load)) {
                     check(data.load(relaxed) == 1, "the message is there");
                 }
             }});
    };
}

body plain_message_passing(std::memory_order store, std::memory_order load) {
    return [=] {
        model::plain<int> data{0};
        model::atomic<bool> ready{false};
        run({[&] {
                 data.set(1);
                 ready.store(true, store);
             },
             [&] {
                 if (ready.load(load)) {
                     check(data.get() == 1, "the message is there");
                 }
             }});
    };
}

}  // namespace

TEST_CASE("message passing needs a releasing store and an acquiring load") {
    CHECK(finds(message_passing(relaxed, relaxed)));
    CHECK(finds(message_passing(release, relaxed)));
    CHECK(finds(message_passing(relaxed, acquire)));
    CHECK_FALSE(finds(message_passing(release, acquire)));
    CHECK_FALSE(finds(message_passing(seq_cst, seq_cst)));
}

TEST_CASE("a plain message behind a relaxed flag is a data race") {
    CHECK(contains(failure_of(plain_message_passing(relaxed, relaxed)), "data race"));
    CHECK(contains(failure_of(plain_message_passing(release, relaxed)), "data race"));
    CHECK(contains(failure_of(plain_message_passing(relaxed, acquire)), "data race"));
    CHECK_FALSE(finds(plain_message_passing(release, acquire)));
}

TEST_CASE("a read that races with a later write is found whatever the order of the two") {
    CHECK(contains(failure_of([] {
                       model::plain<int> data{0};
                       run({[&] { static_cast<void>(data.get()); }, [&] { data.set(1); }});
                   }),
                   "data race"));
}

// --- Several readers ----------------------------------------------------------------------------

namespace {

body independent_reads(std::memory_order store, std::memory_order load) {
    return [=] {
        model::atomic<int> x{0};
        model::atomic<int> y{0};
        std::array<int, 4> saw{};
        run({[&] { x.store(1, store); }, [&] { y.store(1, store); },
             [&] {
                 saw[0] = x.load(load);
                 saw[1] = y.load(load);
             },
             [&] {
                 saw[2] = y.load(load);
                 saw[3] = x.load(load);
             }});
        check(saw != std::array{1, 0, 1, 0}, "both readers agree on the order of the stores");
    };
}

}  // namespace

TEST_CASE("independent readers disagree on independent writers unless they are seq_cst") {
    CHECK(finds(independent_reads(relaxed, relaxed)));
    CHECK(finds(independent_reads(release, acquire)));
    CHECK(finds(independent_reads(seq_cst, acquire)));
    CHECK_FALSE(finds(independent_reads(seq_cst, seq_cst)));
}

TEST_CASE("seq_cst readers agree even on relaxed writers") {
    // A seq_cst load that reads a store is coherence-ordered before one that reads an older store
    // would be, so the older one cannot come later in S.
    CHECK_FALSE(finds(independent_reads(relaxed, seq_cst)));
}

TEST_CASE("write to read causality holds through a third thread") {
    const auto causality = [](std::memory_order second_store) {
        return [=] {
            model::atomic<int> x{0};
            model::atomic<int> y{0};
            run({[&] { x.store(1, relaxed); },
                 [&] {
                     if (x.load(relaxed) == 1) {
                         y.store(1, second_store);
                     }
                 },
                 [&] {
                     if (y.load(acquire) == 1) {
                         check(x.load(relaxed) == 1, "what the second thread read is not unseen");
                     }
                 }});
        };
    };
    CHECK(finds(causality(relaxed)));
    CHECK_FALSE(finds(causality(release)));
}

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

TEST_CASE("a failed compare_exchange does not read backwards either") {
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

/// A third thread stands between the releasing store and the acquiring load.
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
            flag.fetch_add(1, release);  // heads a sequence of its own besides
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
    // Since C++20; C++11 let it go on.
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
    const auto fails_with = [](std::memory_order failure) {
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
    CHECK(contains(failure_of(fails_with(relaxed)), "data race"));
    CHECK_FALSE(finds(fails_with(acquire)));
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
