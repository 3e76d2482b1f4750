// Those who wait, by the rules of src/admission. Whatever happens: nobody is ready beside a free
// slot, nobody is woken twice or not at all, and what was granted to one who has gone goes on.
#include <doctest/doctest.h>

#include <initializer_list>

#include "model/waiting_engine.hpp"

namespace model = admit::model;
using admit::errc;
using model::dreamer;
using model::stay;
using model::waiting_engine;

TEST_CASE("a slot given back while a waiter comes is its own") {
    model::explore("enqueue against release", {.preemptions = 3, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        const auto a = e.admit(1);
        dreamer d{e, 2};
        model::run({[&] { e.wait(d); }, [&] { e.end(a, 1); }});
        model::check(d.granted(), "the slot is free, and so is its user");
        e.check_rest();
    });
}

TEST_CASE("a raised limit lets in who waits") {
    model::explore("raise against enqueue", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 2, 2};
        e.admit(1);
        dreamer d{e, 2};
        e.limit = 2;
        model::run({[&] { e.wait(d); }, [&] { e.set_limits(2, 2); }});
        model::check(d.granted(), "there is room now");
        e.check_rest();
    });
}

TEST_CASE("who pays for a lower limit does not leave its slot beside a waiter") {
    model::explore("pay against hand-over",
                   {.preemptions = 3, .stale_reads = 0, .spurious_failures = 0}, [] {
                       waiting_engine e{2, 2};
                       const auto a = e.admit(1);
                       const auto b = e.admit(1);
                       dreamer d{e, 2};
                       e.end(a, 1);
                       e.core->pool.gate().lower(1);  // as far as a suspended `set_limits` got
                       e.core->limits.replace_waiting({.concurrent = 4, .per_user = 4});
                       model::run({[&] { e.admit(1); },
                                   [&] {
                                       e.end(b, 1);
                                       e.wait(d);
                                   }});
                       e.limit = 1;
                       if (e.active == 0) model::check(d.granted(), "nobody else has the slot");
                       e.check_rest();
                   });
}

namespace {

/// The engine's destructor, as in src/engine.cpp.
void destroy(waiting_engine& e, admit::core::engine_core* core) {
    core->pool.gate().close();
    admit::admission::serve(*core, e.me());
    const bool settles = admit::admission::say_farewell(*core, e.me());
    core->pool.for_each_taken([&](admit::core::slot_ref slot) {
        const auto seen = slot.record().conversation.read();
        if (seen.active())
            admit::admission::end(slot, seen.generation, admit::status::drained, e.me());
    });
    if (core->settle(std::int64_t{core->pool.orphan()} + (settles ? 1 : 0)))
        admit::core::core_store::put(core);
}

/// How often the memory is there for another engine.
unsigned passed_on(const admit::core::engine_core* core) {
    unsigned found = 0;
    for (;;) {
        admit::core::engine_core* const next = admit::core::core_store::take(1);
        if (next != core) {
            delete next;  // there was none, and it is new
            return found;
        }
        ++found;
    }
}

}  // namespace

TEST_CASE("the engine goes while a permit ends: whoever waits is told, and the memory passed on") {
    model::explore(
        "end and wait against the engine's destructor",
        {.preemptions = 2, .stale_reads = 0, .spurious_failures = 0, .reduce = false}, [] {
            waiting_engine e{2, 1};
            const auto a = e.admit(1);
            dreamer d{e, 1};
            e.wait(d);  // for its own user's conversation to end; a slot is free
            admit::core::engine_core* const core = e.core.release();
            e.per_user = 2;
            model::run({[&] {
                            admit::admission::end(a.slot, a.generation, admit::status::completed,
                                                  e.me());
                        },
                        [&] { destroy(e, core); }});
            model::check(d.told == 1, "it is told what has become of it");
            const bool going_on =
                d.verdict &&
                d.verdict.slot.record().conversation.read().active_as(d.verdict.generation);
            if (going_on) {
                model::check(passed_on(core) == 0, "not while it is in use");
                admit::admission::end(d.verdict.slot, d.verdict.generation,
                                      admit::status::completed, e.me());
            }
            model::check(passed_on(core) == 1, "passed on once");
            delete core;
        });
}

TEST_CASE("a cancelled waiter that comes in late is nobody's name any more") {
    model::explore("cancel against enqueue", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        const auto a = e.admit(1);
        dreamer d{e, 2};
        e.reserve(d);
        model::run({[&] { e.enter(d); }, [&] { e.take_back(d); }});
        model::check(d.taken_back == 1 && d.told == 0, "nothing was there to be told");
        e.check_rest();
        e.end(a, 1);
        e.check_rest();
        e.check_discretion();
    });
}
