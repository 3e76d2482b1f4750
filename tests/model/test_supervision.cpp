// SPDX-License-Identifier: BSL-1.0
// Supervised conversations, and the end of a drain. Whatever happens: a supervisor is notified
// once, a conversation ends once, and a waiter for the last end is woken.
#include <doctest/doctest.h>

#include <optional>
#include <vector>

#include "engine/draining.hpp"
#include "model/supervisor.hpp"

namespace model = admit::model;
using admit::status;
using admit::core::verdict;
using admit::core::wait_kind;
using model::due;
using model::expire;
using model::forget;
using model::grace;
using model::overstayed;
using model::supervisor;
using model::test_waiter;
using model::waiting_engine;

TEST_CASE(
    "a supervisor that comes while its conversation is ended is told, or sees that it came late") {
    model::explore(
        "naming against the end", {.preemptions = 3, .stale_reads = 3, .reduce = false}, [] {
            waiting_engine e{1, 1};
            const verdict a = e.admit(1);
            supervisor s{e, a, 1};
            bool late = false;
            model::run({[&] {
                            s.begin();
                            late = !a.slot.record().conversation.still(a.generation);
                        },
                        [&] {
                            e.moment();
                            model::check(
                                admit::core::end_and_notify(a.slot, a.generation, status::error,
                                                            e.core->now(), e.test_thread())
                                    .ended,
                                "it was active");
                        }});
            model::check(late || s.woken == 1, "no supervisor works on in an ended conversation");
            s.leave();
        });
}

TEST_CASE("a conversation that its supervisor ends while its time is up ends once") {
    model::explore("supervised end against expiry", {.preemptions = 3, .stale_reads = 2}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        std::size_t expired = 0;
        model::run({[&] { s.leave_and_end(); }, [&] { expired = expire(e, due()); }});
        model::check(s.woken <= 1 && s.abandoned, "told once at most, and it has left");
        model::check(s.woken <= expired, "and counted when it was told");
        if (!s.by_itself) {
            model::check(expired == 1 && s.woken == 0,
                         "it had departed, so the conversation had no supervisor");
            forget(e, 1);
        }
        e.check_idle();
    });
}

TEST_CASE("a supervisor is told once, by whichever expiring loop") {
    model::explore("expiry against expiry, supervised", {.preemptions = 3, .stale_reads = 2}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        const auto expiring = [&] { expire(e, due()); };
        model::run({expiring, expiring});
        model::check(s.woken == 1, "once");
        s.leave_and_end();
        model::check(s.by_itself && s.abandoned, "and its conversation is its own to end");
        model::check(s.heard && s.heard->how == status::idle && !s.heard->reclaimed, "it knows");
        e.check_idle();
    });
}

TEST_CASE("an expiry at the end of time leaves a conversation its grace") {
    model::explore("expiry at the end of time", {}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        const auto end_all = [&] {
            return admit::core::expire(*e.core, admit::never.count(), e.test_thread()).total();
        };
        model::check(end_all() == 1 && s.woken == 1, "all are due then");
        model::check(end_all() == 0 && e.core->users.state_of(1).count() == 1, "it has its grace");
        waiting_engine::present += grace;
        end_all();
        model::check(overstayed(e) == 1 && e.core->users.state_of(1).count() == 0, "and no more");
        forget(e, 1);
        s.leave();
        e.check_idle();
    });
}

TEST_CASE("a supervisor that goes with its context is not told afterwards, and perishes once") {
    const auto search = [](const char* name, bool leaves) {
        model::explore(name, {.preemptions = 3, .stale_reads = 2}, [=] {
            waiting_engine e{1, 1};
            const int context = 0;
            supervisor s{e, e.admit(1), 1};
            s.context = &context;
            s.begin();
            model::run({[&] { expire(e, due()); },
                        [&] {
                            if (leaves) s.leave_and_end();
                            admit::core::supervisor_cells::abandon_context(*e.core, &context);
                            model::check(s.abandoned, "no thread posts to the context any more");
                            s.gone = true;
                        }});
            expire(e, due() + grace);
            if (!s.by_itself && !e.end(s.conversation, 1)) forget(e, 1);
            e.check_idle();
            supervisor next{e, e.admit(1), 1};
            next.begin();
            model::check(next.place.cell == s.place.cell, "its cell is free again");
            expire(e, due() + grace + waiting_engine::idle_timeout);
            model::check(next.woken == 1, "and serves the next one");
            next.leave_and_end();
            e.check_idle();
        });
    };
    search("the context's end against expiry", false);
    search("the context's end after a body's, against expiry", true);
}

TEST_CASE("a supervisor that could not be told is told by the next pass") {
    model::explore("expiry against expiry, refused once", {.preemptions = 3, .stale_reads = 2}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        s.failed_wakes = 2;  // each attempt wakes twice at most
        model::run({[&] { expire(e, due()); }, [&] { expire(e, due()); }});
        expire(e, due());
        model::check(s.woken == 1, "once");
        model::check(
            s.conversation.slot.record().conversation.read().active_as(s.conversation.generation),
            "and has its grace");
    });
    model::explore("leaving against expiry, refused once", {.preemptions = 3, .stale_reads = 2},
                   [] {
                       waiting_engine e{1, 1};
                       supervisor s{e, e.admit(1), 1};
                       s.begin();
                       s.failed_wakes = 2;
                       model::run({[&] { expire(e, due()); }, [&] { s.leave_and_end(); }});
                       model::check(s.woken == 0 && s.abandoned, "it has left");
                       if (!s.by_itself) forget(e, 1);
                       e.check_idle();
                   });
}

TEST_CASE("a touch that comes too late leaves the end to the supervisor") {
    model::explore("touch against expiry, supervised", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        bool touched = false;
        model::run({[&] {
                        touched = admit::core::touch(s.conversation.slot, s.conversation.generation,
                                                     due(), e.test_thread());
                    },
                    [&] { expire(e, due()); }});
        model::check(touched == (s.woken == 0), "touched, or told that its time is up");
        s.leave_and_end();
        model::check(s.by_itself, "no other thread has ended it");
        e.check_idle();
    });
}

TEST_CASE("a supervisor is not told that another one before it has overstayed") {
    model::explore("reclaim against the next supervisor", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        expire(e, due());
        std::optional<supervisor> next;
        model::run({[&] {
                        admit::core::reclaim(s.conversation.slot, s.conversation.generation, false,
                                             e.test_thread());
                    },
                    [&] {
                        s.leave_and_end();
                        if (!s.by_itself) return;
                        next.emplace(e, e.admit(1), 1);
                        next->begin();
                        model::check(next->place.cell == s.place.cell, "it has the same cell");
                        expire(e, due() + waiting_engine::idle_timeout);
                        next->leave_and_end();
                        model::check(next->heard && !next->heard->reclaimed, "it was in time");
                    }});
        if (!s.by_itself) forget(e, 1);
        e.check_idle();
    });
}

TEST_CASE("a conversation that has exceeded its grace ends once, whichever thread is first") {
    model::explore("reclaim against end", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        expire(e, due());
        const auto expiring = [&] { expire(e, due() + grace); };
        model::run({expiring, [&] { s.leave_and_end(); }});
        model::check(s.woken == 1 && s.abandoned, "told before, and it has left");
        model::check(overstayed(e) + (s.by_itself ? 1 : 0) <= 1, "ended by one of them");
        if (!s.by_itself) forget(e, 1);
        e.check_idle();
    });
    model::explore("reclaim against a supervisor that asks", {.preemptions = 3, .stale_reads = 3},
                   [] {
                       waiting_engine e{1, 1};
                       supervisor s{e, e.admit(1), 1};
                       s.begin();
                       expire(e, due());
                       model::run({[&] { expire(e, due() + grace); }, [&] { s.end_and_leave(); }});
                       model::check(s.heard && s.heard->reclaimed == (overstayed(e) == 1),
                                    "it knows whether it has overstayed");
                       model::check(s.heard->reclaimed != s.by_itself, "ended by one of them");
                   });
    model::explore("reclaim against reclaim", {.preemptions = 3, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        expire(e, due());
        const auto expiring = [&] { expire(e, due() + grace); };
        model::run({expiring, expiring});
        model::check(overstayed(e) == 1, "taken back once");
        forget(e, 1);
        e.check_idle();
        s.leave();
        model::check(s.heard && s.heard->reclaimed, "its supervisor is told so");
    });
}

TEST_CASE("no conversation ends before its supervisor is notified, in a reused cell") {
    // The cell of a supervisor that leaves while its conversation is reclaimed serves the next one.
    model::explore("reclaim against the next stay", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{2, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        supervisor next{e, e.admit(2), 2};
        admit::core::touch(next.conversation.slot, next.conversation.generation, due(),
                           e.test_thread());
        expire(e, due());
        waiting_engine::present = due();
        model::run({[&] { expire(e, due() + grace); },
                    [&] {
                        s.leave();
                        next.begin();
                    }});
        model::check(
            !admit::core::end_requested(next.conversation.slot, next.conversation.generation),
            "its time has not come");
        expire(e, due() + waiting_engine::idle_timeout);
        model::check(next.woken == 1, "and then it is told");
        model::check(next.conversation.slot.record().conversation.read().active_as(
                         next.conversation.generation),
                     "and has its grace");
    });
}

TEST_CASE("a supervisor of an ended conversation does not affect the next conversation") {
    model::explore("supervise against reuse of the slot", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        supervisor late{e, e.admit(1), 1};
        std::optional<supervisor> next;
        model::run({[&] { late.begin(); },
                    [&] {
                        e.end(late.conversation, 1);
                        next.emplace(e, e.admit(2), 2);
                        next->begin();
                    }});
        expire(e, due());
        model::check(late.woken == 0, "its conversation was over");
        model::check(next->woken == 1, "the next one's supervisor is told");
        late.leave();
        next->leave_and_end();
        e.check_idle();
    });
}

TEST_CASE("a slot's stale name notifies no supervisor of another conversation") {
    model::explore("stale name against another stay", {.preemptions = 2, .stale_reads = 2}, [] {
        waiting_engine e{2, 1};
        supervisor first{e, e.admit(1), 1};
        supervisor other{e, e.admit(2), 2};
        waiting_engine::present = due();
        admit::core::touch(other.conversation.slot, other.conversation.generation, due(),
                           e.test_thread());
        first.begin();
        model::run({[&] { expire(e, due()); },
                    [&] {
                        first.leave();
                        other.begin();  // in the cell that the other slot still names
                    }});
        model::check(other.woken == 0, "its time has not come");
        e.end(other.conversation, 2);
    });
}

TEST_CASE("the cell of a departed supervisor serves a waiter, which is not notified") {
    model::explore("expiry against a waiter in the cell", {.preemptions = 2, .stale_reads = 2}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        test_waiter d{e, 1};       // kept out by its own user as well
        e.limit = e.per_user = 2;  // what has expired is counted here until it is forgotten
        model::run({[&] { expire(e, due()); },
                    [&] {
                        s.leave();
                        e.wait(d);
                    }});
        const bool expired =
            !s.conversation.slot.record().conversation.read().active_as(s.conversation.generation);
        if (expired) forget(e, 1);
        e.limit = e.per_user = 1;
        model::check(d.woken == 0 || d.granted(), "it hears of nothing but its slot");
        model::check(d.granted() == expired, "which it has when the conversation has ended");
        e.check_idle();
    });
}

// --- The end of a drain ---------------------------------------------------------------------

TEST_CASE("a waiter for the last conversation to end is woken") {
    model::explore("drain against the last end",
                   {.preemptions = 3, .stale_reads = 2, .reduce = false}, [] {
                       waiting_engine e{1, 1};
                       const auto a = e.admit(1);
                       test_waiter rest{e, 0};
                       model::run({[&] { e.end(a, 1); },
                                   [&] {
                                       e.close();
                                       e.wait(rest, wait_kind::for_idle);
                                       model::check(rest.woken == 0 || e.active == 0,
                                                    "not before it has ended");
                                   }});
                       model::check(rest.woken == 1, "no conversation is left");
                       e.check_idle();
                   });
}

TEST_CASE("of two that end last one makes it known, in whichever group of slots") {
    const auto search = [](const char* name, unsigned slots, const model::options& how) {
        model::explore(name, how, [=] {
            waiting_engine e{slots, slots};
            std::vector<verdict> all;
            while (all.size() < slots) all.push_back(e.admit(1));
            for (unsigned i = 1; i + 1 < slots; ++i) e.end(all[i], 1);
            test_waiter rest{e, 0};
            e.close();
            e.wait(rest, wait_kind::for_idle);
            model::check(rest.woken == 0, "two are active");
            model::run({[&] { e.end(all.front(), 1); }, [&] { e.end(all.back(), 1); }});
            model::check(rest.woken == 1, "no conversation is left");
            e.check_idle();
        });
    };
    search("two last ends, one group", 2, {.preemptions = 3, .stale_reads = 2});
    search("two last ends, two groups", 3, {.preemptions = 2, .stale_reads = 1});
}

TEST_CASE("a slot laid aside for a waiter when the engine closes does not hide the end") {
    model::explore("drain against hand-over", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        const auto a = e.admit(1);
        test_waiter d{e, 2};
        e.wait(d);
        test_waiter rest{e, 0};
        model::run({[&] { e.end(a, 1); },
                    [&] {
                        e.close();
                        e.wait(rest, wait_kind::for_idle);
                    }});
        model::check(d.woken == 1, "granted, or turned away");
        if (d.granted()) {
            model::check(rest.woken == 0, "it is active");
            e.end(d.verdict, 2);
        }
        model::check(rest.woken == 1, "no conversation is left");
        e.check_idle();
    });
}

TEST_CASE("a slot that pays for a lower limit while the engine closes does not hide the end") {
    model::explore("drain against payment", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{2, 2};
        const auto a = e.admit(1);
        test_waiter rest{e, 0};
        e.core->pool.capacity().replace(
            {.total = 1, .per_user = 2});  // as far as a suspended `set_limits` got
        model::run({[&] { e.admit(2); },
                    [&] {
                        e.end(a, 1);
                        e.close();
                        e.wait(rest, wait_kind::for_idle);
                    }});
        e.limit = 1;
        model::check(e.active == 1 || rest.woken == 1, "no conversation is left");
    });
}

TEST_CASE(
    "of two that end while a limit is lowered the last makes it known, be it with its payment") {
    model::explore("two last ends, one pays", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{2, 2};
        const auto a = e.admit(1);
        const auto b = e.admit(1);
        e.core->pool.capacity().replace({.total = 1, .per_user = 2});
        test_waiter rest{e, 0};
        e.close();
        e.wait(rest, wait_kind::for_idle);
        model::run({[&] { e.end(a, 1); }, [&] { e.end(b, 1); }});
        model::check(rest.woken == 1, "no conversation is left");
    });
}

TEST_CASE("a conversation that is cut off while it ends is ended once, and its supervisor told") {
    model::explore("cut off against end", {.preemptions = 3, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        test_waiter rest{e, 0};
        std::vector<admit::conversation> cut;
        e.close();
        model::run({[&] { s.leave_and_end(); },
                    [&] {
                        admit::core::cut_off(*e.core, waiting_engine::present, cut,
                                             e.test_thread());
                        e.wait(rest, wait_kind::for_idle);
                    }});
        model::check(s.woken <= 1 && s.woken <= cut.size(), "told once, and listed when it was");
        if (!s.by_itself) {
            model::check(cut.size() == 1 && s.woken == 0,
                         "it had departed, so the conversation had no supervisor");
            forget(e, 1);
        }
        model::check(rest.woken == 1, "no conversation is left");
        e.check_idle();
    });
}
