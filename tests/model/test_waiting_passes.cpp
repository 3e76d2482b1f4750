// SPDX-License-Identifier: BSL-1.0
// What one pass makes of requests and orders that come while it runs. Each program is as small as
// shows it.
#include <doctest/doctest.h>

#include "model/waiting_engine.hpp"

using admit::core::engine_core;
using admit::core::wait_kind;
using admit::model::test_waiter;
using admit::model::waiting_engine;
namespace model = admit::model;

TEST_CASE("requests that come during one pass are served in the order of their arrival") {
    model::explore("two arrivals against a pass", {.preemptions = 2, .stale_reads = 0}, [] {
        waiting_engine e{1, 2};
        const auto a = e.admit(1);
        test_waiter first{e, 2};
        test_waiter second{e, 1};
        model::run({[&] { e.serve(); },
                    [&] {
                        e.wait(first);
                        e.wait(second);
                    }});
        e.end(a, 1);
        model::check(first.granted() && !second.granted(), "in the order of arrival");
        e.check_idle();
    });
}

TEST_CASE("a cell that was taken back before its arrival is free once") {
    model::explore(
        "cancel against arrival, and two more", {.preemptions = 2, .stale_reads = 1}, [] {
            waiting_engine e{1, 1};
            const auto a = e.admit(1);
            test_waiter d{e, 2};
            e.reserve(d);
            model::run({[&] { e.enter(d); }, [&] { e.cancel(d); }});
            test_waiter next{e, 2};
            test_waiter after{e, 1};
            e.wait(next);
            e.wait(after);
            model::check(next.place.cell != after.place.cell, "each has a cell of its own");
            e.end(a, 1);
            model::check(next.granted() && !after.granted(), "and its turn");
            e.check_idle();
        });
}

TEST_CASE("a wait for idleness that was taken back before its arrival hears of nothing") {
    model::explore(
        "cancel against arrival, for idleness", {.preemptions = 2, .stale_reads = 1}, [] {
            waiting_engine e{1, 1};
            test_waiter r{e, 0};
            e.reserve(r, wait_kind::for_idle);
            model::run({[&] { e.enter(r); }, [&] { e.cancel(r); }});
            model::check(r.withdrawn == 1 && r.woken == 0, "there was nothing to be told");
            test_waiter next{e, 0};
            test_waiter after{e, 0};
            e.wait(next, wait_kind::for_idle);
            e.wait(after, wait_kind::for_idle);
            e.close();
            model::check(next.woken == 1 && after.woken == 1 && r.woken == 0,
                         "the others are told");
        });
}

TEST_CASE("a wait for idleness is told or taken back, once") {
    model::explore("cancel against the close of an idle engine",
                   {.preemptions = 2, .stale_reads = 1}, [] {
                       waiting_engine e{1, 1};
                       test_waiter r{e, 0};
                       e.wait(r, wait_kind::for_idle);
                       model::run({[&] { e.close(); }, [&] { e.cancel(r); }});
                       model::check(r.woken + r.withdrawn == 1, "exactly one");
                   });
}

TEST_CASE("a pass that saw the engine open leaves its shutdown to the next") {
    model::explore("a pass against the destructor", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        test_waiter r{e, 0};
        e.wait(r, wait_kind::for_idle);
        engine_core* const core = e.core.release();
        model::run({[&] { admit::core::serve(*core, e.test_thread()); },
                    [&] { admit::core::shut_down(*core, e.test_thread()); }});
        model::check(r.woken == 1, "it is told");
        delete core;
    });
}

TEST_CASE("a pass that is told to look again sees what was counted before") {
    model::explore("an attempt that fails against a pass", {.preemptions = 2, .stale_reads = 1},
                   [] {
                       waiting_engine e{1, 1};
                       const auto a = e.admit(2);
                       test_waiter d{e, 1};
                       model::run({[&] { e.admit(1); }, [&] { e.wait(d); }});
                       e.end(a, 2);
                       model::check(d.granted(), "its user has room");
                       e.check_idle();
                   });
}

TEST_CASE("the end of a conversation finds the room that the first request of its user has made") {
    model::explore("the first wait against an end", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1, 0, false};
        const auto a = e.admit(1);
        test_waiter d{e, 1};
        model::run({[&] {
                        admit::core::waiting_room::require(*e.core);
                        e.wait(d);
                    },
                    [&] { e.end(a, 1); }});
        model::check(d.granted(), "the slot is the waiter's");
        e.check_idle();
    });
}
