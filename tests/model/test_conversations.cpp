// SPDX-License-Identifier: BSL-1.0
// Whole conversations by the rules of src/lifecycle, on an engine of one to three slots. Whatever
// happens: never above a limit, every admission ends exactly once, and at rest all is accounted
// for.
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "checker/model_test.hpp"
#include "engine/inspection.hpp"
#include "lifecycle/ending.hpp"
#include "lifecycle/expiry.hpp"
#include "lifecycle/starting.hpp"
#include "lifecycle/touching.hpp"
#include "state/engine_registry.hpp"

namespace model = admit::model;
using admit::errc;
using admit::status;
using admit::core::nanos;
using admit::core::thread_state;
using admit::core::timings;
using admit::core::user_ref;
using admit::core::verdict;

namespace {

constexpr nanos idle_timeout = 100'000'000;
constexpr nanos max_duration = 1'000'000'000;

/// The time of the engine's clock; only what a test sets.
nanos present = 0;

admit::time_point read_present() noexcept { return admit::time_point{admit::duration{present}}; }

struct small_engine {
    std::unique_ptr<admit::core::engine_core> core = std::make_unique<admit::core::engine_core>();
    unsigned limit;
    unsigned per_user;
    unsigned active = 0;  // admitted, and the ending has not begun
    unsigned of_user[3] = {};
    unsigned admitted = 0;
    unsigned ended = 0;

    small_engine(unsigned concurrent, unsigned of_one, bool timed = false)
        : limit{concurrent}, per_user{of_one} {
        present = 1'000'000'000;
        test_thread().home = 0;  // each execution begins alike
        core->lifetime.try_reuse();
        core->number.store(1);
        core->clock.store(&read_present);
        if (timed) admit::core::attachment::require<timings>(core->lengths);
        core->pool.reset(timed);
        core->users.prepare(concurrent);
        core->pool.prepare(concurrent, 1, core.get());
        core->settings.replace_timeouts(idle_timeout, max_duration);
        core->pool.set_limits({.total = concurrent, .per_user = of_one});
    }

    /// For others to come in before what follows. A thread runs up to its first operation when it
    /// starts, so that ordinary variables read or written there would be seen as they were then.
    void moment() { static_cast<void>(instant_.load(std::memory_order_relaxed)); }

    static thread_state& test_thread() {
        static thread_state state{.stripe = admit::core::counter_stripes};
        return state;
    }

    /// `try_admit` of user 1 or 2.
    verdict admit(unsigned user) {
        const verdict result = admit::core::try_start(*core, test_thread(), [user] {
            return user_ref{"u", user};
        });
        if (result) {
            ++admitted;
            model::check(++active <= limit, "never above the limit");
            model::check(++of_user[user] <= per_user, "never above the user's limit");
        }
        return result;
    }

    bool end(const verdict& a, unsigned user, status how = status::completed) {
        moment();
        --active, --of_user[user];
        const bool first = admit::core::end(a.slot, a.generation, how, test_thread());
        if (first)
            ++ended;
        else
            ++active, ++of_user[user];  // another thread has, or will
        return first;
    }

    bool touch(const verdict& a) {
        const nanos now = core->now();
        return admit::core::touch(a.slot, a.generation, now, test_thread());
    }

    std::size_t expire(nanos now) { return admit::core::expire(*core, now, test_thread()).total(); }

    void check_idle(unsigned left) {
        model::check(admit::core::active_count(*core) == left, "active is what is left");
        model::check(admitted == ended + left, "admitted = ended + active");
        const auto stats = admit::core::read_stats(*core);
        model::check(stats.admitted == admitted && stats.active == left, "the totals say so too");
        model::check(stats.ended.total() == ended, "every admission ended exactly once");
        model::check((stats.users == 0) == (left == 0), "users are counted while they are active");
    }

private:
    model::atomic<int> instant_{0};
};

}  // namespace

TEST_CASE("a conversation ended by two threads is ended once") {
    model::explore("end against end", {.preemptions = 4, .reduce = false}, [] {
        small_engine e{1, 1};
        const verdict a = e.admit(1);
        int winners = 0;
        const auto ender = [&] { winners += e.end(a, 1) ? 1 : 0; };
        model::run({ender, ender});
        model::check(winners == 1, "one winner");
        e.active = 0;
        e.check_idle(0);
    });
}

TEST_CASE("a timed conversation ended by two threads is recorded once") {
    model::explore("timed end against end", {.preemptions = 2}, [] {
        small_engine e{1, 1, true};
        const verdict a = e.admit(1);
        present += 5'000'000;
        int winners = 0;
        model::run({[&] { winners += e.end(a, 1) ? 1 : 0; },
                    [&] { winners += e.end(a, 1) ? 1 : 0; }, [&] { e.touch(a); }});
        model::check(winners == 1, "one winner");
        e.active = 0;
        e.check_idle(0);
        const auto recorded = [&] { return e.core->recorded_lengths()->read(timings::kind::hold); };
        model::check(recorded().count() == 1 && recorded().counts[5] == 1, "once, as it was");
        e.end(e.admit(1), 1);
        model::check(recorded().count() == 2, "the next conversation in the slot is timed, too");
    });
}

TEST_CASE("a thread that knows only a conversation's id ends it for its own user") {
    model::explore("end by id", {.preemptions = 3, .stale_reads = 3, .reduce = false}, [] {
        small_engine e{1, 1};
        e.end(e.admit(1), 1);  // the slot's record still speaks of user 1
        verdict handed_over;   // by an ordinary variable: synchronises nothing
        model::run({[&] { handed_over = e.admit(2); },
                    [&] {
                        e.moment();
                        if (handed_over) e.end(handed_over, 2);
                    }});
        model::check(e.core->users.state_of(1).count() == 0,
                     "user 1 was not counted down once more");
        model::check(e.core->users.state_of(2).count() == e.active, "user 2 was");
        e.check_idle(e.active);
    });
}

TEST_CASE("a listing beside the reuse of a slot shows nothing that does not belong together") {
    model::explore(
        "listing against reuse", {.preemptions = 2, .stale_reads = 3, .reduce = false}, [] {
            small_engine e{1, 1};
            const nanos first = present;
            const verdict a = e.admit(1);
            model::run({[&] {
                            e.end(a, 1);
                            present += 10;
                            e.admit(2);
                        },
                        [&] {
                            for (const admit::conversation& line :
                                 admit::core::list(*e.core, std::nullopt)) {
                                const nanos started = line.started.time_since_epoch().count();
                                const nanos active = line.last_activity.time_since_epoch().count();
                                const nanos expected =
                                    line.id.generation == a.generation ? first : first + 10;
                                model::check(started == expected && active == expected,
                                             "the times are those of the conversation named");
                            }
                        }});
        });
}

TEST_CASE("a conversation ended while it expires is ended once") {
    model::explore("end against expiry", {.preemptions = 3, .stale_reads = 2, .reduce = false}, [] {
        small_engine e{1, 1};
        const verdict a = e.admit(1);
        bool by_end = false;
        std::size_t by_expiry = 0;
        model::run({[&] { by_end = e.end(a, 1); }, [&] { by_expiry = e.expire(present * 2); }});
        e.ended += static_cast<unsigned>(by_expiry);
        model::check((by_end ? 1 : 0) + by_expiry == 1, "one winner");
        e.check_idle(0);
    });
}

TEST_CASE("a touch that succeeded is never overlooked by the expiry") {
    model::explore(
        "touch against expiry", {.preemptions = 3, .stale_reads = 2, .reduce = false}, [] {
            small_engine e{1, 1};
            const verdict a = e.admit(1);
            present += idle_timeout;  // due unless it is touched
            bool touched = false;
            std::size_t expired = 0;
            model::run({[&] {
                            touched = e.touch(a);
                            model::check(touched || !a.slot.record().conversation.read().active_as(
                                                        a.generation),
                                         "false is true at once");
                        },
                        [&] { expired = e.expire(present); }});
            e.ended = touched ? 0 : 1;
            model::check(touched != (expired == 1) || !touched,
                         "either alive with the touch, or ended");
            e.check_idle(touched ? 1 : 0);
            if (touched) {
                model::check(e.expire(present + idle_timeout - 1) == 0,
                             "not idle before then + timeout");
                model::check(e.expire(present + idle_timeout) == 1, "and at that time it is");
            }
        });
}

TEST_CASE("a touch for an ended conversation does not touch the next one in its slot") {
    model::explore(
        "stale touch against reuse", {.preemptions = 3, .stale_reads = 3, .reduce = false}, [] {
            small_engine e{1, 1};
            const verdict a = e.admit(1);
            const auto check_own = [](const verdict& b) {
                model::check(b.slot.last_activity().read().last() == b.slot.started().load(),
                             "the activity is its own");
            };
            model::run({[&] {
                            e.moment();
                            present += 10;
                            e.touch(a);
                        },
                        [&] {
                            e.end(a, 1);
                            present += 5;
                            const verdict b = e.admit(2);
                            if (b) check_own(b);
                        }});
            e.check_idle(e.active);
            present += 10;
            model::check(!e.touch(a), "what has ended is not touched");
            if (e.active == 1) check_own(a);  // by now the other one's
            model::check(e.expire(present + idle_timeout) == e.active,
                         "due when its own time is up");
        });
}

TEST_CASE("of two touches the later one counts") {
    model::explore(
        "touch against touch", {.preemptions = 3, .stale_reads = 2, .reduce = false}, [] {
            small_engine e{1, 1};
            const verdict a = e.admit(1);
            const auto touching = [&] {
                e.moment();
                present += 10;
                model::check(e.touch(a), "it is active");
            };
            model::run({touching, touching});
            model::check(a.slot.last_activity().read().last() == present, "the later one");
        });
}

TEST_CASE("two expiring loops and an admission into the slot that they free") {
    model::explore(
        "expiry against expiry against admission",
        {.preemptions = 2, .stale_reads = 1, .reduce = false}, [] {
            small_engine e{1, 1};
            e.admit(1);
            present += idle_timeout;
            std::size_t expired = 0;
            bool again = false;
            const auto expiring = [&] { expired += e.expire(present); };
            e.active = e.of_user[1] = 0;
            model::run({expiring, expiring, [&] { again = static_cast<bool>(e.admit(2)); }});
            model::check(expired == 1, "what is due expires exactly once");
            e.ended = 1;
            e.check_idle(again ? 1 : 0);
            model::check(e.expire(present + idle_timeout) == (again ? 1U : 0U),
                         "and what came later when it is due");
        });
}

TEST_CASE("an attempt that fails leaves nothing behind, and holds no room of others") {
    model::explore(
        "attempts at the last slot", {.preemptions = 2, .stale_reads = 1, .reduce = false}, [] {
            small_engine e{1, 1};
            verdict first;
            verdict second;
            model::run({[&] { first = e.admit(1); }, [&] { second = e.admit(2); }});
            model::check(static_cast<bool>(first) != static_cast<bool>(second), "one has the slot");
            e.check_idle(1);
            if (first) e.end(first, 1);
            if (second) e.end(second, 2);
            e.check_idle(0);
            model::check(static_cast<bool>(e.admit(1)), "and the user may come again");
        });
}

TEST_CASE("a thread that finds the slot of an ended conversation free finds its count lowered") {
    model::explore("end against the same user",
                   {.preemptions = 3, .stale_reads = 2, .reduce = false}, [] {
                       small_engine e{1, 1};
                       const verdict a = e.admit(1);
                       model::run({[&] { e.end(a, 1); },
                                   [&] {
                                       if (e.core->pool.any_free(0))
                                           model::check(static_cast<bool>(e.admit(1)), "room");
                                   }});
                   });
}

TEST_CASE("a user at its own limit in a full engine is rejected because of the engine") {
    model::explore("two reasons", {.preemptions = 2, .stale_reads = 1, .reduce = false}, [] {
        small_engine e{1, 1};
        e.admit(1);
        const auto again = [&] {
            model::check(e.admit(1).reason == errc::global_limit, "full for every user");
        };
        model::run({again, again});
    });
}

TEST_CASE("a conversation that one expiring loop has doomed is ended by another") {
    model::explore(
        "expiry against expiry",
        {.preemptions = 3, .stale_reads = 0, .spurious_failures = 0, .reduce = false}, [] {
            small_engine e{1, 1};
            const verdict a = e.admit(1);
            present += idle_timeout;
            const auto expiring = [&] {
                e.expire(present);  // another loop may doom it before this one does, and stop
                e.expire(present);
                model::check(!a.slot.record().conversation.read().active_as(a.generation),
                             "no sweep waits for the other");
            };
            model::run({expiring, expiring});
        });
}

TEST_CASE("a spammer at its own limit never makes others see a full engine") {
    model::explore(
        "spammer against others", {.preemptions = 3, .stale_reads = 1, .reduce = false}, [] {
            small_engine e{3, 1};  // never full: the spammer's attempts take no slot
            const verdict held = e.admit(1);
            model::run(
                {[&] { model::check(e.admit(1).reason == errc::user_limit, "its own limit"); },
                 [&] { model::check(static_cast<bool>(e.admit(2)), "room for the other"); }});
            e.end(held, 1);
            e.check_idle(1);
        });
}

TEST_CASE("no admission begun after a lowered limit exceeds it") {
    model::explore("lower against admission", {.preemptions = 2, .stale_reads = 1, .reduce = false},
                   [] {
                       small_engine e{2, 2};
                       const verdict held = e.admit(1);
                       bool lowered = false;
                       model::run({[&] {
                                       e.core->pool.set_limits({.total = 1, .per_user = 2});
                                       lowered = true;
                                   },
                                   [&] {
                                       e.moment();
                                       const bool late = lowered;
                                       const bool in = static_cast<bool>(e.admit(2));
                                       model::check(!in || !late || e.active <= 1,
                                                    "one is active, and one is the limit");
                                   },
                                   [&] { e.end(held, 1); }});
                       e.check_idle(e.active);
                   });
}

TEST_CASE("no admission begun after a lowered limit takes the slot that has to pay") {
    model::explore(
        "lower against end and admission",
        {.preemptions = 2, .stale_reads = 0, .spurious_failures = 0, .reduce = false}, [] {
            small_engine e{2, 2};
            const verdict a = e.admit(1);
            e.admit(1);
            bool lowered = false;
            model::run({[&] {
                            e.core->pool.set_limits({.total = 1, .per_user = 2});
                            lowered = true;
                        },
                        [&] {
                            e.moment();
                            const bool late = lowered;
                            const bool in = static_cast<bool>(e.admit(2));
                            model::check(!in || !late || e.active <= 1, "one is the limit");
                        },
                        [&] { e.end(a, 1); }});
            e.check_idle(e.active);
        });
    // The gate says full, which is enough for the lowering thread; a giver opens it that has not
    // seen the excess.
    model::explore("lower against end, the gate full",
                   {.preemptions = 2, .stale_reads = 3, .reduce = false}, [] {
                       small_engine e{2, 2};
                       const verdict a = e.admit(1);
                       e.admit(1);
                       model::check(!e.admit(2), "full");
                       model::run({[&] { e.core->pool.set_limits({.total = 1, .per_user = 2}); },
                                   [&] { e.end(a, 1); }});
                       model::check(!e.admit(2), "one is active, and one is the limit");
                       e.check_idle(1);
                   });
}

TEST_CASE("all that are active are counted while the limit is lowered") {
    model::explore("lower against counting", {.preemptions = 3, .stale_reads = 3, .reduce = false},
                   [] {
                       small_engine e{2, 2};
                       e.admit(1);
                       e.admit(1);
                       model::run({[&] { e.core->pool.set_limits({.total = 1, .per_user = 2}); },
                                   [&] {
                                       model::check(admit::core::active_count(*e.core) == 2,
                                                    "two are active all the time");
                                   }});
                   });
}

TEST_CASE("no admission begun after the engine was closed succeeds") {
    model::explore("close against admission", {.preemptions = 3, .reduce = false}, [] {
        small_engine e{1, 1};
        bool closed = false;
        model::run({[&] {
                        e.core->pool.gate().close();
                        closed = true;
                    },
                    [&] {
                        e.moment();
                        const bool late = closed;
                        const verdict a = e.admit(1);
                        model::check(!a || !late, "closed is closed");
                        model::check(a || a.reason == errc::shutting_down, "and says so");
                    }});
    });
}

TEST_CASE("permits ended while the engine goes: its memory is passed on once, after the last") {
    model::explore("end against the engine's destructor",
                   {.preemptions = 2, .stale_reads = 1, .reduce = false}, [] {
                       small_engine e{2, 2};
                       const verdict a = e.admit(1);
                       const verdict b = e.admit(1);
                       admit::core::engine_core* const core = e.core.release();
                       int ended = 0;
                       int must_serve = 0;
                       const auto permit = [&](const verdict& handle) {
                           return [&e, &ended, core, handle] {
                               static_cast<void>(core);
                               ended += admit::core::end(handle.slot, handle.generation,
                                                         status::completed, e.test_thread())
                                            ? 1
                                            : 0;
                           };
                       };
                       model::run({permit(a), permit(b), [&] {
                                       core->pool.gate().close();
                                       core->pool.for_each_taken([&](admit::core::slot_ref slot) {
                                           const auto seen = slot.record().conversation.read();
                                           if (seen.active())
                                               ended += admit::core::end(slot, seen.generation(),
                                                                         status::drained,
                                                                         e.test_thread())
                                                            ? 1
                                                            : 0;
                                       });
                                       if (core->lifetime.drop_engine(core->pool.disable_all()))
                                           ++must_serve;
                                   }});
                       model::check(ended == 2, "each is ended once");
                       model::check(core->try_renew(), "the memory is free for the next engine");
                       delete core;
                   });
}

TEST_CASE("limits that two threads move at once never let more in than the larger") {
    model::explore("limits moved twice",
                   {.preemptions = 2, .stale_reads = 0, .spurious_failures = 0, .reduce = false},
                   [] {
                       small_engine e{2, 2};
                       e.core->pool.prepare(4, 1, e.core.get());  // more than a limit may use
                       const auto move_to = [&](std::uint32_t limit) {
                           e.core->pool.set_limits({.total = limit, .per_user = 2});
                       };
                       model::run({[&] { move_to(1); }, [&] { move_to(2); },
                                   [&] { e.admit(1), e.admit(2), e.admit(1); }});
                       const unsigned last = e.core->pool.capacity().read().limit.total;
                       while (e.admit(1) || e.admit(2)) {
                       }
                       model::check(e.active <= 2, "never above both limits");
                       const unsigned excess = e.core->pool.capacity().read().excess();
                       model::check(e.active == last + excess, "the enabled slots are the limit");
                   });
}

TEST_CASE("a conversation begins after the time that the sweep of its slot knew") {
    // Without stale reads: that the sweep sees a slot that was taken before it read the clock is a
    // matter of time, not of order; see the note on `next_due` in docs/memory_model.md.
    model::explore("expiry against admission",
                   {.preemptions = 3, .stale_reads = 0, .spurious_failures = 0, .reduce = false},
                   [] {
                       small_engine e{1, 1};
                       verdict a;
                       model::run({[&] { a = e.admit(1); },
                                   [&] {
                                       e.moment();
                                       present += idle_timeout / 2;
                                       e.expire(present);
                                   }});
                       const nanos started = a.slot.started().load();
                       model::check(e.expire(started + idle_timeout - 1) == 0, "not before time");
                       model::check(e.expire(started + idle_timeout) == 1, "due at its own time");
                   });
}

TEST_CASE("timeouts that change while a sweep uses them leave no bound behind") {
    model::explore(
        "timeouts against expiry", {.preemptions = 3, .stale_reads = 3, .reduce = false}, [] {
            small_engine e{1, 1};
            e.admit(1);
            model::run({[&] { e.core->settings.replace_timeouts(idle_timeout / 2, max_duration); },
                        [&] { e.expire(present); }});
            model::check(e.expire(present + idle_timeout / 2) == 1, "the shorter holds");
        });
}

TEST_CASE("timeouts are read as they were set, or with a version that does not last") {
    model::explore("timeouts against timeouts", {.preemptions = 4, .stale_reads = 6}, [] {
        admit::core::settings limits;
        limits.replace_timeouts(1, 10);
        const std::uint64_t first = limits.read_timeouts().version;
        admit::core::timeouts read;
        model::run(
            {[&] { limits.replace_timeouts(2, 20); }, [&] { read = limits.read_timeouts(); }});
        const std::uint64_t last = limits.read_timeouts().version;
        model::check(read.version != first || (read.idle == 1 && read.max_duration == 10),
                     "the first pair");
        model::check(read.version != last || (read.idle == 2 && read.max_duration == 20),
                     "the second pair");
    });
}

TEST_CASE("no admission begun after a thread has read the lowered limit exceeds it") {
    model::explore("lower against a reader of the limit",
                   {.preemptions = 2, .stale_reads = 2, .reduce = false}, [] {
                       small_engine e{2, 2};
                       e.admit(1);
                       model::run({[&] { e.core->pool.set_limits({.total = 1, .per_user = 2}); },
                                   [&] {
                                       if (e.core->pool.capacity().read().limit.total == 1)
                                           model::check(!e.admit(2), "one is active, one allowed");
                                   }});
                       e.check_idle(e.active);
                   });
}

TEST_CASE("no admission begun after a user's limit was lowered exceeds it") {
    model::explore("lower a user's limit", {.preemptions = 3, .stale_reads = 3, .reduce = false},
                   [] {
                       small_engine e{2, 2};
                       e.admit(1);
                       bool lowered = false;
                       model::run({[&] {
                                       e.core->pool.set_limits({.total = 2, .per_user = 1});
                                       lowered = true;
                                   },
                                   [&] {
                                       e.moment();
                                       const bool late = lowered;
                                       model::check(!e.admit(1) || !late, "one is the limit");
                                   }});
                   });
}

TEST_CASE("an attempt goes by both limits as they were at one instant") {
    model::explore("both limits moved against an attempt",
                   {.preemptions = 3, .stale_reads = 2, .reduce = false}, [] {
                       small_engine e{2, 1};
                       e.admit(1);
                       // Before, the user has what one may have; afterwards, what all may have.
                       model::run({[&] { e.core->pool.set_limits({.total = 1, .per_user = 2}); },
                                   [&] { model::check(!e.admit(1), "no limits have room"); }});
                       e.check_idle(1);
                   });
}

TEST_CASE("a conversation in a slot that paid for a lower limit is not mistaken for the next one") {
    model::explore("pay against raise", {.preemptions = 2, .stale_reads = 3, .reduce = false}, [] {
        small_engine e{2, 2};
        const verdict a = e.admit(1);
        e.admit(1);
        const auto move_to = [&](std::uint32_t limit) {
            e.core->pool.set_limits({.total = limit, .per_user = 2});
        };
        move_to(1);
        model::run({[&] { e.end(a, 1); },  // pays: the slot retires
                    [&] {
                        move_to(2);
                        const verdict next = e.admit(1);
                        model::check(!next || next.generation == a.generation + 2,
                                     "the ending is known, and the number is new");
                    }});
        model::check(!e.touch(a), "what has ended stays ended");
    });
}

TEST_CASE("a listing that finds a slot between two conversations does not show it") {
    model::explore(
        "listing against admission", {.preemptions = 2, .stale_reads = 1, .reduce = false}, [] {
            small_engine e{1, 1};
            const nanos begun = present;
            e.end(e.admit(1), 1);
            model::run({[&] { e.admit(2); },
                        [&] {
                            for (const admit::conversation& line :
                                 admit::core::list(*e.core, std::nullopt))
                                model::check(line.id.generation % 2 == 1 &&
                                                 line.started.time_since_epoch().count() == begun,
                                             "what is shown is a conversation");
                        }});
        });
}

namespace {

using admit::core::engine_core;
using admit::core::engine_registry;

/// Goes on as the next engine if the memory of the one before is free: true if it is. All slots
/// had one conversation, so that the number of the next one is 3.
bool succeed(engine_core* next, unsigned slots) {
    if (!next->try_renew()) return false;
    next->users.prepare(slots);
    next->pool.set_limits({.total = slots, .per_user = slots});
    for (unsigned i = 0; i < slots; ++i) {
        const verdict a = admit::core::try_start(*next, small_engine::test_thread(), [] {
            return user_ref{"u", 1};
        });
        model::check(a && a.generation == 3, "the ending is known, and the number is new");
    }
    return true;
}

}  // namespace

TEST_CASE("the next engine in the memory knows what the last holders did") {
    model::explore("holders against the next engine",
                   {.preemptions = 2, .stale_reads = 2, .spurious_failures = 0, .reduce = false},
                   [] {
                       small_engine e{3, 3};
                       const verdict a = e.admit(1);
                       const verdict b = e.admit(1);
                       const verdict c = e.admit(1);  // in another group than the first
                       e.end(b, 1);
                       engine_core* const core = e.core.release();
                       model::check(!core->lifetime.drop_engine(core->pool.disable_all()),
                                    "there are holders");
                       int successors = 0;
                       const auto ending = [&](const verdict& handle) {
                           return [&e, &successors, core, handle] {
                               admit::core::end(handle.slot, handle.generation, status::completed,
                                                e.test_thread());
                               successors += succeed(core, 3) ? 1 : 0;
                           };
                       };
                       model::run({ending(a), ending(c)});
                       model::check(successors == 1, "passed on once");
                   });
    model::explore("a holder, the end and the next engine",
                   {.preemptions = 3, .stale_reads = 2, .spurious_failures = 0, .reduce = false},
                   [] {
                       small_engine e{1, 1};
                       const verdict a = e.admit(1);
                       engine_core* const core = e.core.release();
                       int successors = 0;
                       model::run({[&] {
                                       admit::core::end(a.slot, a.generation, status::completed,
                                                        e.test_thread());
                                       successors += succeed(core, 1) ? 1 : 0;
                                   },
                                   [&] {
                                       core->lifetime.drop_engine(core->pool.disable_all());
                                       successors += succeed(core, 1) ? 1 : 0;
                                   }});
                       model::check(successors == 1, "passed on once");
                   });
}

TEST_CASE("a thread that pins an engine's memory keeps it until it unpins") {
    const auto search = [](const char* name, unsigned workers) {
        model::explore(name, {.preemptions = 3, .stale_reads = 2, .spurious_failures = 1}, [=] {
            engine_core* const core = new engine_core;
            core->lifetime.try_reuse();
            core->number.store(1, std::memory_order_relaxed);
            model::atomic<int> instant{0};
            unsigned at_work = 0;
            unsigned successors = 0;
            const auto succeed_it = [&] {
                if (!core->try_renew()) return;
                model::check(at_work == 0 && ++successors == 1, "it is passed on once, at rest");
                core->number.store(2, std::memory_order_relaxed);
            };
            const auto work = [&] {
                if (!core->lifetime.try_pin()) return;
                if (core->number.load(std::memory_order_relaxed) == 1) {
                    model::check(successors == 0, "it is its own engine's");
                    ++at_work;
                    static_cast<void>(instant.load(std::memory_order_relaxed));
                    --at_work;
                }
                core->lifetime.unpin();
            };
            const auto go = [&] {
                core->number.store(0, std::memory_order_relaxed);
                core->lifetime.drop_engine(0);
                succeed_it();
            };
            if (workers == 1)
                model::run({go, work});
            else
                model::run({go, work, work});
            if (successors == 0) succeed_it();
            model::check(successors == 1, "and not lost");
            delete core;
        });
    };
    search("join against the end and the next engine", 1);
    search("join, join against the end and the next engine", 2);
}

TEST_CASE("a count beside a limit that moves is not above what is enabled") {
    // The limit moves from a slot in the first group to a slot in the second, so that a sweep can
    // count the conversation that ends and the one that begins.
    model::explore(
        "count against a lowered limit",
        {.preemptions = 2, .stale_reads = 0, .spurious_failures = 0, .reduce = false}, [] {
            small_engine e{1, 2};
            e.core->pool.prepare(4, 1, e.core.get());
            for (const std::uint32_t limit : {0U, 2U})  // a slot of each group
                e.core->pool.set_limits({.total = limit, .per_user = 2});
            const verdict a = e.admit(1);
            model::run({[&] {
                            e.end(a, 1);
                            e.core->pool.set_limits({.total = 1, .per_user = 2});
                            const verdict b = e.admit(2);
                            model::check(b && b.slot.group != a.slot.group, "in the other group");
                        },
                        [&] {
                            model::check(admit::core::active_count(*e.core) <= 1,
                                         "one conversation was active at a time");
                        }});
        });
}

TEST_CASE("the next engine's clock may be behind: a slot that is being filled is visited again") {
    model::explore("a slot with times of another clock", {.preemptions = 0}, [] {
        small_engine e{1, 1};
        present = 10'000'000'000;
        e.end(e.admit(1), 1);
        e.core->lifetime.drop_engine(e.core->pool.disable_all());
        model::check(e.core->try_renew(), "the memory is the next engine's");
        present = max_duration / 2;
        e.core->users.prepare(1);
        e.core->settings.replace_timeouts(idle_timeout, max_duration);
        e.core->pool.set_limits({.total = 1, .per_user = 1});
        const nanos started = present;  // an admission reads the clock, and is then suspended
        const auto [status, lane] = e.core->users.charge(1, 1);
        const auto slot = e.core->pool.take(small_engine::test_thread().home);
        present += idle_timeout / 2;
        model::check(e.expire(present) == 0, "none is active yet");
        slot.begin(*lane, "u", started);
        model::check(e.expire(started + idle_timeout) == 1, "not later than it is due");
    });
}

namespace {

/// A thread makes an engine and destroys it, so many times.
void make_engines(unsigned times) {
    for (; times > 0; --times) {
        engine_core& core = engine_registry::take();
        model::check(core.begun == 0, "no other engine has the core");
        core.begun = 1;
        // The threads change places here, as they do at each atomic access.
        core.number.store(1, std::memory_order_relaxed);
        core.number.store(0, std::memory_order_relaxed);
        core.begun = 0;
        core.lifetime.drop_engine(0);
    }
}

/// Deletes all cores, and returns how many there were.
unsigned delete_cores() {
    std::vector<engine_core*> cores;
    engine_registry::for_each([&](engine_core& core) { cores.push_back(&core); });
    for (engine_core* const core : cores) delete core;
    return static_cast<unsigned>(cores.size());
}

}  // namespace

TEST_CASE("there are as many cores as engines at one time, and each has one engine") {
    const model::options how{.preemptions = 3, .stale_reads = 2, .spurious_failures = 1};
    model::explore("two threads make engines", how, [] {
        const auto make = [] { make_engines(2); };
        model::run({make, make});
        model::check(delete_cores() <= 2, "a core for each thread at most");
    });
    model::explore("three threads make engines", how, [] {
        const auto make = [] { make_engines(1); };
        engine_registry::take().lifetime.drop_engine(0);  // one is unused already
        model::run({make, make, make});
        model::check(delete_cores() <= 3, "a core for each thread at most");
    });
}

TEST_CASE("a core that is being made is found whole or not at all") {
    model::explore("make against a visit", {.preemptions = 2, .stale_reads = 2}, [] {
        model::run({[] { engine_registry::take(); },
                    [] {
                        engine_registry::for_each([](engine_core& core) {
                            model::check(core.number.load(std::memory_order_relaxed) == 0,
                                         "it has no engine yet");
                        });
                    }});
        delete_cores();
    });
}

TEST_CASE("limits that two threads move at once end as one of them said") {
    const auto move = [](std::uint32_t from, std::uint32_t one, std::uint32_t other) {
        small_engine e{from, 4};
        e.core->pool.prepare(4, 1, e.core.get());
        const auto move_to = [&](std::uint32_t limit) {
            e.core->pool.set_limits({.total = limit, .per_user = 4});
        };
        model::run({[&] { move_to(one); }, [&] { move_to(other); }});
        const unsigned last = e.core->pool.capacity().read().limit.total;
        e.limit = 4;
        while (e.admit(1)) {
        }
        model::check(e.active == last, "the enabled slots are the limit");
        model::check(e.core->pool.capacity().read().excess() == 0, "and nothing is owed");
    };
    model::explore("limits raised twice",
                   {.preemptions = 3, .stale_reads = 1, .spurious_failures = 0, .reduce = false},
                   [&] { move(2, 4, 3); });
    model::explore("limits lowered twice",
                   {.preemptions = 2, .stale_reads = 0, .spurious_failures = 0, .reduce = false},
                   [&] { move(4, 1, 2); });
    model::explore("limits lowered and raised",
                   {.preemptions = 3, .stale_reads = 1, .spurious_failures = 0, .reduce = false},
                   [&] { move(3, 1, 4); });
}

TEST_CASE("an estimate beside an admission never looks at a lane of the engine before") {
    model::explore(
        "estimate against admission",
        {.preemptions = 2, .stale_reads = 2, .spurious_failures = 0, .reduce = false}, [] {
            small_engine e{1, 1};
            e.end(e.admit(1), 1);
            e.core->users.clear();  // as when the memory goes to the next engine
            e.core->users.prepare(1);
            model::run({[&] { e.admit(2); },
                        [&] { admit::core::earliest_room(*e.core, 2, e.test_thread()); }});
            e.check_idle(1);
        });
    model::explore(
        "estimate against an admission in a larger table",
        {.preemptions = 2, .stale_reads = 2, .spurious_failures = 0, .reduce = false}, [] {
            small_engine e{1, 1};
            const verdict a = e.admit(1);
            model::run({[&] {
                            e.core->users.prepare(4);
                            e.end(a, 1);
                            e.admit(2);
                        },
                        [&] { admit::core::earliest_room(*e.core, 1, e.test_thread()); }});
            e.check_idle(1);
        });
}
