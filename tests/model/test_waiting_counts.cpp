// SPDX-License-Identifier: BSL-1.0
// More programs of waiters by the rules of src/waiting, each written for a mutant or a fault that
// test_waiting.cpp does not find.
#include <doctest/doctest.h>

#include "model/waiting_engine.hpp"

namespace model = admit::model;
using model::test_waiter;
using model::waiting_engine;

TEST_CASE("a request that is withdrawn before its arrival leaves its user's others as they were") {
    model::explore("arrive against arrive, and cancel",
                   {.preemptions = 2, .stale_reads = 0, .spurious_failures = 0}, [] {
                       waiting_engine e{1, 1};
                       const auto a = e.admit(2);
                       test_waiter first{e, 1};
                       test_waiter second{e, 1};
                       model::run({[&] { e.wait(first); },
                                   [&] {
                                       e.reserve(second);
                                       if (second.place) e.room().withdraw(*e.core, second.place);
                                       ++second.withdrawn;
                                       second.mark_gone();
                                       e.enter(second);
                                   }});
                       e.check_idle();
                       e.end(a, 2);
                       model::check(first.granted(), "its user has room");
                   });
}

TEST_CASE("a request that the full queue rejects leaves the counts of its user's others exact") {
    model::explore(
        "a rejected arrival against others of its user",
        {.preemptions = 2, .stale_reads = 0, .spurious_failures = 0}, [] {
            waiting_engine e{1, 1};
            e.core->settings.replace_waiting({.total = 3, .per_user = 4});
            const auto a = e.admit(2);
            test_waiter b{e, 1};
            test_waiter c{e, 1};
            test_waiter d{e, 1};
            test_waiter other{e, 2};
            e.wait(b);
            e.wait(c);
            model::run({[&] { e.wait(d); }, [&] { e.wait(other); }, [&] { e.cancel(b); }});
            e.cancel(c);
            e.cancel(d);
            e.cancel(other);
            e.check_idle();
            e.end(a, 2);
            e.check_idle();
        });
}
