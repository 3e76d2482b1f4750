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

void wait_by(waiting_engine& e, test_waiter& waiter, admit::core::wait_terms terms) {
    terms.engine = e.number;
    terms.user = {"u", waiter.of_user};
    model::check(e.room().begin(*e.core, waiter, terms, nullptr, waiter.place) == errc{},
                 "there is room in the queue");
    e.enter(waiter);
}

/// A wait with a limit of its own.
void wait_within(waiting_engine& e, test_waiter& waiter, std::uint32_t own_limit) {
    admit::core::wait_terms terms;
    terms.own_limit = own_limit;
    wait_by(e, waiter, terms);
}

/// A wait that `time_out` ends from that instant on.
void wait_until(waiting_engine& e, test_waiter& waiter, admit::core::nanos deadline) {
    admit::core::wait_terms terms;
    terms.deadline = deadline;
    wait_by(e, waiter, terms);
}

std::size_t time_out(waiting_engine& e, admit::core::nanos now) {
    return e.room().time_out(*e.core, now, e.test_thread());
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

TEST_CASE("a wait with a deadline is granted its slot or timed out, and the slot goes on") {
    model::explore("time out against grant", {.preemptions = 3, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        const auto a = e.admit(1);
        test_waiter c{e, 2};
        test_waiter d{e, 1};
        wait_until(e, c, 10);
        wait_until(e, d, 11);
        std::size_t ended = 0;
        model::run({[&] { e.end(a, 1); }, [&] { ended = time_out(e, 10); }});
        model::check(c.woken == 1 && c.granted() == (ended == 0), "exactly one");
        model::check(c.granted() || c.verdict.reason == errc::wait_timeout, "and it is told which");
        model::check(d.granted() == (ended == 1), "the slot is the next one's");
        e.check_idle();
        model::check(time_out(e, 10) == 0, "no wait is timed out twice, nor before its deadline");
    });
}

TEST_CASE("a wait is not timed out by the deadline of the one that had its cell before") {
    model::explore("time out late against the next stay", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        const auto a = e.admit(1);
        test_waiter c{e, 2};
        test_waiter d{e, 2};
        test_waiter endless{e, 1};
        wait_until(e, c, 10);
        model::run({[&] {
                        e.cancel(c);
                        wait_until(e, d, 20);
                    },
                    [&] { time_out(e, 10); }});
        model::check(c.over() && !d.over(), "the first one is over, the next one waits");
        e.wait(endless);
        model::check(time_out(e, admit::core::end_of_time) == 1, "the end of time never comes");
        model::check(!endless.over() && d.verdict.reason == errc::wait_timeout, "nor to this one");
        test_waiter next{e, 2};
        e.wait(next);
        model::check(next.place.cell == d.place.cell, "a timed out wait leaves its cell");
        e.cancel(next);
        e.end(a, 1);
        e.check_idle();
    });
}

TEST_CASE("a waiter is judged and granted by its own limit") {
    model::explore("one after another, a limit above that of all", three_threads, [] {
        waiting_engine e{2, 1};
        e.admit(1);
        const auto b = e.admit(2);
        test_waiter d{e, 1};
        wait_within(e, d, 2);
        e.per_user = 2;  // what this one may have
        e.end(b, 2);
        model::check(d.granted(), "its limit has room");
    });
}

TEST_CASE("a request that the full queue of its user rejects keeps no slot from others") {
    model::explore("one after another, the queue full", three_threads, [] {
        waiting_engine e{1, 1};
        e.core->settings.replace_waiting({.total = 4, .per_user = 1});
        const auto a = e.admit(1);
        test_waiter blocked{e, 1};
        test_waiter rejected{e, 1};
        wait_within(e, blocked, 0);
        e.wait(rejected);
        model::check(rejected.verdict.reason == errc::user_queue_full, "it does not wait");
        e.end(a, 1);  // the slot is handed over to the requests of its user
        model::check(bool{e.admit(2)}, "the slot is free");
    });
}

TEST_CASE("a user that was served has its next turn behind the other") {
    model::explore("one after another, two of one user", three_threads, [] {
        waiting_engine e{1, 2};
        const auto a = e.admit(1);
        test_waiter first{e, 2};
        test_waiter second{e, 2};
        test_waiter other{e, 1};
        for (test_waiter* each : {&first, &second, &other}) e.wait(*each);
        e.end(a, 1);
        e.end(first.verdict, 2);
        model::check(other.granted() && !second.granted(), "users take turns");
        e.end(other.verdict, 1);
        model::check(second.granted(), "and then the second");
        e.check_idle();
    });
}

TEST_CASE("a waiter that has room since its predecessor was granted is owed a slot") {
    model::explore(
        "a user's limit raised against a grant", {.preemptions = 2, .stale_reads = 0}, [] {
            waiting_engine e{2, 1};
            const auto a = e.admit(2);
            [[maybe_unused]] const auto held =
                e.core->pool.take(waiting_engine::test_thread().home);
            test_waiter first{e, 1};
            test_waiter second{e, 1};
            e.wait(first);
            e.wait(second);
            e.per_user = 2;
            model::run({[&] { e.end(a, 2); }, [&] { e.set_limits(2, 2); }});
            model::check(first.granted() && !second.granted(), "there is one slot");
            model::check(e.core->pool.owed().any(), "the next slot is owed to the second");
        });
}
