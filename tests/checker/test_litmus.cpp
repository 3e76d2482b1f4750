// SPDX-License-Identifier: BSL-1.0
// Litmus tests between locations: store buffering, message passing, and several readers.

#include <doctest/doctest.h>

#include <array>

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

/// Store buffering with read-modify-writes in place of the stores.
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
    // Of the two read-modify-writes of a location, the later in its modification order acquires
    // what the earlier released.
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

TEST_CASE("a race of a read and a write is found in either order") {
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
    // A seq_cst load that reads an older store is coherence-ordered before the newer store, so it
    // cannot come later in S than a seq_cst load that reads the newer store.
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
                         check(x.load(relaxed) == 1,
                               "the store that the second thread read is seen");
                     }
                 }});
        };
    };
    CHECK(finds(causality(relaxed)));
    CHECK_FALSE(finds(causality(release)));
}
