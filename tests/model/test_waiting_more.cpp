// SPDX-License-Identifier: BSL-1.0
// More programs of waiters, by the rules of src/waiting: what counts from the return of a wait on,
// while the thread that serves is suspended. docs/design.md#waiting
#include <doctest/doctest.h>

#include "model/waiting_engine.hpp"

namespace model = admit::model;
using admit::errc;
using model::test_waiter;
using model::waiting_engine;

namespace {

constexpr model::options three_threads{.preemptions = 2, .stale_reads = 0, .spurious_failures = 0};

/// A wait of user 1 with a limit of its own.
void wait_within(waiting_engine& e, test_waiter& waiter, std::uint32_t own_limit) {
    admit::core::wait_terms terms;
    terms.engine = e.number;
    terms.user = {"u", waiter.of_user};
    terms.own_limit = own_limit;
    model::check(e.room().begin(*e.core, waiter, terms, nullptr, waiter.place) == errc{},
                 "there is room in the queue");
    e.enter(waiter);
}

}  // namespace

TEST_CASE("from the return of a wait on no attempt overtakes, though the serving thread rests") {
    model::explore("wait and attempt, end, serve", three_threads, [] {
        waiting_engine e{1, 1};
        const auto a = e.admit(1);
        test_waiter d{e, 2};
        model::run({[&] {
                        e.wait(d);
                        model::check(!e.admit(1), "the slot is the waiter's");
                    },
                    [&] { e.end(a, 1); }, [&] { e.serve(); }});
        model::check(d.granted(), "it is served");
        e.check_idle();
    });
}

TEST_CASE("a waiter that its own limit blocks keeps no slot, though the serving thread rests") {
    model::explore("wait and attempt, serve", three_threads, [] {
        waiting_engine e{1, 1};
        test_waiter blocked{e, 1};
        test_waiter behind{e, 1};
        model::run({[&] {
                        wait_within(e, blocked, 0);
                        model::check(bool{e.admit(2)}, "a slot is free");
                    },
                    [&] { e.serve(); }});
        wait_within(e, behind, 1);
        model::check(!blocked.over() && !behind.over(), "both wait");
        e.cancel(blocked);
        e.cancel(behind);
        e.check_idle();
    });
}

TEST_CASE("a waiter behind a blocked one keeps no slot, though the serving thread rests") {
    model::explore("wait behind and attempt, serve", three_threads, [] {
        waiting_engine e{1, 1};
        test_waiter blocked{e, 1};
        test_waiter behind{e, 1};
        wait_within(e, blocked, 0);
        model::run({[&] {
                        wait_within(e, behind, 1);
                        model::check(bool{e.admit(2)}, "a slot is free");
                    },
                    [&] { e.serve(); }});
        e.cancel(blocked);
        e.cancel(behind);
        e.check_idle();
    });
}

TEST_CASE("no more requests of one user wait than may") {
    model::explore("arrival against arrival, of one user", three_threads, [] {
        waiting_engine e{1, 1};
        e.core->settings.replace_waiting({.total = 4, .per_user = 1});
        const auto a = e.admit(2);
        test_waiter c{e, 1};
        test_waiter d{e, 1};
        model::run({[&] { e.wait(c); }, [&] { e.wait(d); }});
        model::check(c.woken + d.woken == 1, "one of them waits");
        model::check((c.woken == 1 ? c : d).verdict.reason == errc::user_queue_full, "the reason");
        e.end(a, 2);
        model::check(c.granted() != d.granted(), "the other has the slot");
        e.check_idle();
    });
}

TEST_CASE("a settled waiter that is taken is the one of the handle, though its cell goes on") {
    model::explore(
        "take against a post and the next wait", {.preemptions = 3, .stale_reads = 1}, [] {
            waiting_engine e{1, 2};
            const auto a = e.admit(1);
            test_waiter c{e, 2};
            test_waiter d{e, 1};
            c.failed_wakes = 1;
            e.wait(c);
            e.end(a, 1);
            admit::core::waiter_base* taken = nullptr;
            model::run({[&] { taken = e.room().take(c.place); },
                        [&] {
                            e.serve();
                            e.wait(d);
                        }});
            model::check(taken == nullptr || taken == &c, "no other waiter is taken");
            model::check(c.woken == (taken == nullptr ? 1 : 0), "either taken or posted");
            if (taken != nullptr) taken->abandon();
        });
}
