// SPDX-License-Identifier: BSL-1.0
// The slots of an engine and the gate over them, with two slots a group and two children a node.
// No slot is lost, no slot is held twice, and no thread finds "full" while a slot was free all the
// time.
#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <vector>

#include "checker/model_test.hpp"
#include "slots/slot_pool.hpp"

namespace model = admit::model;
using admit::core::slot_pool;
using admit::core::slot_ref;
using admit::core::slot_word;

namespace {

/// A pool, and what an observer outside of it knows. Threads of the model run one at a time, so
/// that ordinary variables tell what has really happened before what.
struct observed_pool {
    slot_pool pool;
    unsigned limit = 0;
    unsigned held = 0;  // handed out, and the giving back has not begun

    explicit observed_pool(unsigned slots) : limit{slots} {
        pool.prepare(slots, 1, nullptr);
        set_limits(slots);
    }

    void set_limits(unsigned slots) { pool.set_limits({.total = slots, .per_user = slots}); }

    /// For others to come in before what follows. A thread runs up to its first operation when it
    /// starts, so that ordinary variables read or written there would be seen as they were then.
    void moment() { static_cast<void>(instant_.load(std::memory_order_relaxed)); }

    /// Looks at the gate first, as every admission does.
    slot_ref take(unsigned home = 0) {
        const admit::core::gate::snapshot seen = pool.gate().read();
        bool waiters = false;  // there are none
        if (seen.full() || !pool.shrink(home, waiters)) return {};
        const slot_ref slot = pool.take(home);
        if (slot) model::check(++held <= limit, "never more slots are held than the limit");
        return slot;
    }

    void give(slot_ref slot) {
        moment();
        --held;
        pool.give(slot);
    }

    /// At rest: exactly so many slots can be had as the limit allows.
    void check_rest() {
        std::vector<slot_ref> rest;
        const unsigned free = limit - held;
        for (unsigned i = 0; i < free; ++i) {
            rest.push_back(take());
            model::check(static_cast<bool>(rest.back()), "no slot is lost");
        }
        unsigned home = 0;
        model::check(!pool.take(home), "no slot appeared from nowhere");
        for (const slot_ref slot : rest) give(slot);
        if (free > 0) model::check(pool.any_free(0), "and what is given back can be had again");
    }

private:
    model::atomic<int> instant_{0};
};

/// Takes all that the pool has.
std::vector<slot_ref> take_all(observed_pool& p) {
    std::vector<slot_ref> all;
    while (all.size() < p.limit) all.push_back(p.take());
    return all;
}

/// Gives back one slot of a full pool while others try to take one.
void release_against_takers(unsigned slots, unsigned takers) {
    observed_pool p{slots};
    const std::vector<slot_ref> all = take_all(p);
    bool given = false;
    unsigned taken = 0;
    const auto giver = [&] {
        p.give(all.back());
        given = true;
    };
    const auto taker = [&] {
        p.moment();
        const bool free_at_first = given && taken == 0;
        if (p.take())
            ++taken;
        else
            model::check(!free_at_first || taken > 0,
                         "no thread finds \"full\" while a slot was free all the time");
    };
    if (takers == 1)
        model::run({giver, taker});
    else
        model::run({giver, taker, taker});
    model::check(taken <= 1, "one slot is handed out once");
    p.check_rest();
}

}  // namespace

TEST_CASE("a slot given back while another thread finds the engine full is found or announced") {
    model::explore("give against full, one group", {.preemptions = 4, .reduce = false},
                   [] { release_against_takers(1, 1); });
}

TEST_CASE("the same with a summary between the slots and the gate") {
    model::explore("give against full, one level", {.preemptions = 3, .reduce = false},
                   [] { release_against_takers(3, 1); });
}

TEST_CASE("the same with two levels of summary") {
    model::explore("give against full, two levels",
                   {.preemptions = 2, .stale_reads = 1, .reduce = false},
                   [] { release_against_takers(5, 1); });
}

// Where three threads meet, or limits, a wider bound takes more executions than the usual limit.
// docs/reliability.md has what they came to, and how to run them again.

TEST_CASE("two threads that find the engine full do not undo each other's second look") {
    model::explore("give against two that find it full",
                   {.preemptions = 3, .stale_reads = 1, .spurious_failures = 0, .reduce = false},
                   [] { release_against_takers(1, 2); });
    model::explore("give against two that find a group empty",
                   {.preemptions = 3, .stale_reads = 0, .spurious_failures = 0, .reduce = false},
                   [] { release_against_takers(3, 2); });
}

TEST_CASE("a proposal of \"full\" is not confirmed by a look from before another proposal") {
    // The third thread only asks whether there is room, and leaves its proposal behind.
    model::explore("give against full and a question",
                   {.preemptions = 3, .stale_reads = 0, .spurious_failures = 0, .reduce = false},
                   [] {
                       observed_pool p{1};
                       const std::vector<slot_ref> all = take_all(p);
                       std::optional<slot_ref> taken;
                       model::run({[&] { p.give(all[0]); },
                                   [&] {
                                       if (const slot_ref slot = p.take()) taken = slot;
                                   },
                                   [&] { p.pool.any_free(0); }});
                       p.check_rest();
                   });
}

TEST_CASE("a thread suspended at any step of setting or clearing full holds up no other thread") {
    model::explore("full is lock-free",
                   {.preemptions = 1, .stale_reads = 1, .lock_freedom = true, .reduce = false},
                   [] { release_against_takers(1, 2); });
    model::explore("full is lock-free with a summary",
                   {.preemptions = 1, .stale_reads = 1, .lock_freedom = true, .reduce = false},
                   [] { release_against_takers(3, 1); });
}

TEST_CASE("two takers and a giver at the last slot never hold it twice") {
    model::explore("take, give, take", {.preemptions = 3, .stale_reads = 1, .reduce = false}, [] {
        observed_pool p{1};
        const auto cycle = [&] {
            if (const slot_ref slot = p.take()) p.give(slot);
        };
        model::run({cycle, cycle});
        p.check_rest();
    });
}

TEST_CASE("a limit lowered while slots are taken and given back leaves no excess") {
    model::explore("lower against give", {.preemptions = 3, .stale_reads = 1, .reduce = false}, [] {
        observed_pool p{2};
        const std::vector<slot_ref> all = take_all(p);
        model::run({[&] { p.give(all[0]); }, [&] { p.set_limits(1); }});
        p.limit = 1;
        model::check(p.pool.capacity().read().excess() == 0, "the slot given back is disabled");
        p.check_rest();
    });
    model::explore("lower against take", {.preemptions = 3, .stale_reads = 1, .reduce = false}, [] {
        observed_pool p{2};
        std::optional<slot_ref> slot;
        model::run({[&] {
                        if (const slot_ref s = p.take()) slot = s;
                    },
                    [&] { p.set_limits(1); }});
        p.limit = 1;
        model::check(p.pool.capacity().read().excess() == 0, "the free slot is disabled");
        if (slot) p.give(*slot);
        p.check_rest();
    });
}

TEST_CASE("a limit lowered by two disables two free slots") {
    model::explore("lower by two against take",
                   {.preemptions = 2, .stale_reads = 0, .spurious_failures = 0, .reduce = false},
                   [] {
                       observed_pool p{3};
                       std::optional<slot_ref> slot;
                       model::run({[&] {
                                       if (const slot_ref s = p.take()) slot = s;
                                   },
                                   [&] { p.set_limits(1); }});
                       p.limit = 1;
                       model::check(p.pool.capacity().read().excess() == 0, "both are disabled");
                       if (slot) p.give(*slot);
                       p.check_rest();
                   });
}

TEST_CASE("a limit lowered and raised again cancels the excess that is left, and no more") {
    // There are two slots: none can be enabled that was not disabled before.
    model::explore(
        "lower and raise against give", {.preemptions = 3, .stale_reads = 1, .reduce = false}, [] {
            observed_pool p{2};
            const std::vector<slot_ref> all = take_all(p);
            model::run({[&] { p.set_limits(1), p.set_limits(2); }, [&] { p.give(all[0]); }});
            model::check(p.pool.capacity().read().excess() == 0, "there is no excess");
            p.check_rest();
        });
    model::explore(
        "lower and raise by more against give",
        {.preemptions = 2, .stale_reads = 1, .reduce = false}, [] {
            observed_pool p{2};
            const std::vector<slot_ref> all = take_all(p);
            p.pool.prepare(3, 1, nullptr);
            model::run({[&] { p.set_limits(1), p.set_limits(3); }, [&] { p.give(all[0]); }});
            p.limit = 3;
            model::check(p.pool.capacity().read().excess() == 0, "there is no excess");
            p.check_rest();
        });
}

TEST_CASE("a raised limit cancels excess without waiting for another thread") {
    model::explore("lower and raise, alone", {}, [] {
        observed_pool p{2};
        const std::vector<slot_ref> all = take_all(p);
        p.set_limits(1), p.set_limits(2);
        model::check(p.pool.capacity().read().excess() == 0, "there is no excess");
        p.give(all[0]);
        p.check_rest();
    });
}

TEST_CASE("a raised limit meets excess that it finds with the slots that it enables") {
    model::explore(
        "raise against lower", {.preemptions = 2, .stale_reads = 1, .reduce = false}, [] {
            observed_pool p{2};
            const std::vector<slot_ref> all = take_all(p);
            p.pool.prepare(3, 1, nullptr);
            model::run({[&] { p.set_limits(3); }, [&] { p.set_limits(1); }});
            p.give(all[0]);
            p.limit = p.pool.capacity().read().limit.total;
            model::check(p.pool.capacity().read().excess() == 0, "free slots are disabled");
            p.check_rest();
        });
}

TEST_CASE("a slot enabled while another thread finds the engine full is announced") {
    model::explore("raise against take", {.preemptions = 3, .stale_reads = 2, .reduce = false}, [] {
        observed_pool p{1};  // of two slots
        const std::vector<slot_ref> all = take_all(p);
        bool raised = false;
        p.limit = 2;
        model::run({[&] {
                        p.set_limits(2);
                        raised = true;
                    },
                    [&] {
                        p.moment();
                        const bool free_all_along = raised;
                        model::check(p.take() || !free_all_along, "raised is raised");
                    }});
        p.check_rest();
    });
}

TEST_CASE("of limits lowered and raised at the same time one is the last") {
    model::explore(
        "lower against raise",
        {.preemptions = 2, .stale_reads = 0, .spurious_failures = 0, .reduce = false}, [] {
            observed_pool p{2};
            const std::vector<slot_ref> all = take_all(p);
            p.pool.prepare(3, 1, nullptr);
            model::run(
                {[&] { p.set_limits(1); }, [&] { p.set_limits(3); }, [&] { p.give(all[0]); }});
            p.limit = p.pool.capacity().read().limit.total;
            model::check(p.pool.capacity().read().excess() == 0, "free slots are disabled");
            p.check_rest();
        });
}

TEST_CASE("a summary that grows higher loses no slot that is given back meanwhile") {
    model::explore("grow against give", {.preemptions = 2, .stale_reads = 1, .reduce = false}, [] {
        observed_pool p{2};  // one group, no summary
        const std::vector<slot_ref> all = take_all(p);
        bool given = false;
        model::run({[&] {
                        p.give(all[0]);
                        given = true;
                    },
                    [&] {
                        p.pool.prepare(3, 1, nullptr);  // two groups, one level
                        const bool free_all_along = given;
                        const slot_ref slot = p.take();
                        model::check(slot || !free_all_along, "the new level does not hide it");
                        if (slot) p.give(slot);
                    }});
        p.check_rest();
    });
}

TEST_CASE("a summary that grows to two levels loses no slot that is given back meanwhile") {
    const auto search = [](const char* name, bool reopened, unsigned home) {
        model::explore(name, {.preemptions = 2, .stale_reads = 1, .reduce = false}, [=] {
            observed_pool p{4};  // two groups, one level
            const std::vector<slot_ref> all = take_all(p);
            model::check(!p.take(), "full, and the summary says so");
            if (reopened) {  // the gate and one of the groups
                p.give(all.front());
                model::check(static_cast<bool>(p.take()), "the same slot");
            }
            bool given = false;
            model::run({[&] {
                            p.give(all.back());
                            given = true;
                        },
                        [&] {
                            p.pool.prepare(5, 1, nullptr);  // three groups, two levels
                            const bool free_all_along = given;
                            const slot_ref slot = p.take(home);
                            model::check(slot || !free_all_along, "the new level does not hide it");
                            if (slot) p.give(slot);
                        }});
            p.check_rest();
        });
    };
    search("grow against give, second level", false, 1);
    // Only the summary leads to the slot, and the new level is called empty over it.
    search("grow against give, second level, open gate", true, 0);
}

TEST_CASE("a summary that grows never hides what is free") {
    model::explore("grow against take", {.preemptions = 3, .stale_reads = 1, .reduce = false}, [] {
        observed_pool p{2};  // one group, no summary
        const slot_ref held = p.take();
        model::run(
            {[&] { p.pool.prepare(3, 1, nullptr); },
             [&] { model::check(static_cast<bool>(p.take()), "one is free all the time"); }});
        p.give(held);
        p.check_rest();
    });
    model::explore(
        "grow to two levels against take",
        {.preemptions = 3, .stale_reads = 0, .spurious_failures = 0, .reduce = false}, [] {
            observed_pool p{4};  // two groups, one level
            std::vector<slot_ref> held = take_all(p);
            p.give(held.back());
            held.pop_back();
            model::run(
                {[&] { p.pool.prepare(5, 1, nullptr); },
                 [&] { model::check(static_cast<bool>(p.take()), "one is free all the time"); }});
            p.check_rest();
        });
}

TEST_CASE("the one free slot is found although it moves from group to group") {
    model::explore(
        "a free slot that moves",
        {.preemptions = 3, .stale_reads = 0, .spurious_failures = 0, .reduce = false}, [] {
            observed_pool p{3};
            const std::vector<slot_ref> all = take_all(p);
            p.give(all[2]);  // in the second group
            const auto ask = [&] { model::check(p.pool.any_free(0), "one is free all the time"); };
            model::run({[&] {
                            p.give(all[0]);  // in the first
                            p.take(1);       // from the second
                        },
                        ask, ask});
            p.check_rest();
        });
}

TEST_CASE("two threads that make room at once leave groups that both can use") {
    model::explore("grow against grow, the same group",
                   {.preemptions = 2, .stale_reads = 2, .reduce = false}, [] {
                       observed_pool p{2};  // one group
                       const auto grow = [&] {
                           p.pool.prepare(6, 1, nullptr);  // three, the last on a second page
                           p.set_limits(4);
                       };
                       model::run({grow, grow});
                       p.limit = 4;
                       p.check_rest();
                   });
}

TEST_CASE("the last holder of a slot against the engine's end: exactly one is the last") {
    model::explore("give against disable_all", {.preemptions = 4, .reduce = false}, [] {
        observed_pool p{2};
        const std::vector<slot_ref> all = take_all(p);
        int unpinned = 0;
        int expected = -1;
        const auto let_go = [&](slot_ref slot) {
            if (p.pool.give(slot) == slot_pool::given::unpin_engine) ++unpinned;
        };
        model::run({[&] { let_go(all[0]); }, [&] { let_go(all[1]); },
                    [&] { expected = static_cast<int>(p.pool.disable_all()); }});
        model::check(unpinned == expected, "as many unpin as the engine counts on");
    });
}

TEST_CASE("a slot given back before the engine's end meets no excess after it") {
    model::explore("give against lower and disable_all",
                   {.preemptions = 3, .stale_reads = 0, .spurious_failures = 0, .reduce = false},
                   [] {
                       observed_pool p{2};
                       const std::vector<slot_ref> all = take_all(p);
                       int unpinned = 0;
                       int expected = -1;
                       const auto let_go = [&](slot_ref slot) {
                           if (p.pool.give(slot) == slot_pool::given::unpin_engine) ++unpinned;
                       };
                       model::run({[&] { let_go(all[0]); },
                                   [&] {
                                       p.set_limits(1);
                                       expected = static_cast<int>(p.pool.disable_all());
                                   }});
                       let_go(all[1]);
                       model::check(unpinned == expected, "a holder that was counted unpins, once");
                   });
}

TEST_CASE("two limits raised at the same time lose no group that only one of them knows") {
    model::explore("grow against grow",
                   {.preemptions = 2, .stale_reads = 0, .spurious_failures = 0, .reduce = false},
                   [] {
                       observed_pool p{2};  // one group, no summary
                       const auto grow = [&](unsigned slots) {
                           p.pool.prepare(slots, 1, nullptr);
                           p.set_limits(slots);
                       };
                       model::run({[&] { grow(6); }, [&] { grow(3); }});
                       p.limit = p.pool.capacity().read().limit.total;
                       p.check_rest();
                   });
}

// --- One word of slots ----------------------------------------------------------------------

TEST_CASE("a slot goes from hand to hand with what was done in it, however it is taken") {
    model::explore("give, take, take", {.preemptions = 3, .stale_reads = 2}, [] {
        slot_word word;
        admit::core::plain<int> uses;
        const auto use = [&] { uses.set(uses.get() + 1); };
        word.enable();
        model::check(word.take(1), "it is free");
        const auto again = [&] {
            if (!word.take(1)) return;
            use();
            word.give(1);
        };
        model::run({[&] {
                        use();
                        word.give(1);
                        again();
                    },
                    again,
                    [&] {
                        bool contended = false;
                        if (word.take_any(contended) == 0) return;
                        use();
                        word.give(1);
                    }});
        model::check(word.free() == 1, "it is free again");
    });
}

TEST_CASE("when a closing thread finds a slot taken, its holder finds the gate closed") {
    const auto search = [](const char* name, bool disables) {
        model::explore(name, {.preemptions = 3, .stale_reads = 2}, [=] {
            slot_word word;
            admit::core::gate gate;
            word.enable();
            word.take(1);
            bool idle = false;
            bool seen_closed = false;
            model::run({[&] {
                            gate.close();
                            idle = word.none_taken();
                        },
                        [&] {
                            if (disables)
                                word.disable(1);
                            else
                                word.give(1);
                            seen_closed = gate.read().closed();
                        }});
            model::check(idle || seen_closed, "one of both sees the other");
        });
    };
    search("close against give", false);
    search("close against disable", true);
}
