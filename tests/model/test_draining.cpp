// SPDX-License-Identifier: BSL-1.0
// Conversations that are told to end, drains that cut off, and supervisors that could not be woken.
// Whatever happens: one drain lists each conversation that it cut, the status is that of the
// statistics, and a supervisor is woken once its executor takes it.
#include <doctest/doctest.h>

#include <vector>

#include "engine/draining.hpp"
#include "model/supervisor.hpp"

namespace model = admit::model;
using admit::status;
using admit::core::end_as;
using admit::core::end_result;
using admit::core::supervisor_cells;
using admit::core::verdict;
using model::due;
using model::expire;
using model::forget;
using model::grace;
using model::overstayed;
using model::supervisor;
using model::waiting_engine;

namespace {

/// One drain of a closed engine, as async_drain is, which looks again for as long as needed.
struct drain {
    explicit drain(waiting_engine& on)
        : engine{on}, before{admit::core::ended_uncut(*engine.core)} {}

    void look() {
        admit::core::cut_off(*engine.core, waiting_engine::present, cut, engine.test_thread());
    }
    std::uint64_t completed() const { return admit::core::ended_uncut(*engine.core) - before; }
    std::size_t overstayed() const { return admit::core::overstayed_of(*engine.core, cut); }

    waiting_engine& engine;
    std::uint64_t before;
    std::vector<admit::conversation> cut;
};

bool is_active(const verdict& of) {
    return of.slot.record().conversation.read().active_as(of.generation);
}

}  // namespace

TEST_CASE("a conversation that two drains and its owner end is in one of their accounts") {
    model::explore("two drains against an end", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        const verdict a = e.admit(1);
        e.close();
        drain first{e};
        drain second{e};
        bool by_owner = false;
        model::run(
            {[&] { first.look(); }, [&] { second.look(); }, [&] { by_owner = e.end(a, 1); }});
        const std::size_t cut = first.cut.size() + second.cut.size();
        model::check(cut + (by_owner ? 1 : 0) == 1, "ended by one of them");
        model::check(first.completed() == (by_owner ? 1 : 0), "completed if by its owner");
        model::check(second.completed() == first.completed(), "as the other drain says");
        model::check(admit::core::read_stats(*e.core).ended.drained == cut, "and the statistics");
        if (!by_owner) forget(e, 1);
        e.check_idle();
    });
}

TEST_CASE("a supervised conversation that two drains tell to end is in the list of one") {
    model::explore("two drains against a supervised end", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        e.close();
        drain first{e};
        drain second{e};
        model::run({[&] { first.look(); }, [&] { second.look(); }, [&] { s.leave_and_end(); }});
        const std::size_t cut = first.cut.size() + second.cut.size();
        model::check(s.woken <= cut && cut <= 1, "told once at most");
        model::check(first.completed() == 1 - cut, "else it has completed");
        model::check(second.completed() == 1 - cut, "as the other drain says");
        model::check(admit::core::read_stats(*e.core).ended.drained == cut,
                     "whichever thread ended it");
        if (!s.by_itself) forget(e, 1);
        e.check_idle();
    });
}

TEST_CASE("a conversation that overstays is counted by the drain that told it to end") {
    model::explore("two drains reclaim", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        e.close();
        drain first{e};
        drain second{e};
        first.look();
        model::check(first.cut.size() == 1 && first.overstayed() == 0, "it has its grace");
        waiting_engine::present += grace;
        model::run({[&] { second.look(); }, [&] { expire(e, due() + grace); },
                    [&] { s.end_and_leave(); }});
        model::check(second.cut.empty() && second.overstayed() == 0, "it is the first drain's");
        model::check(first.overstayed() == overstayed(e), "as the statistics have it");
        model::check(first.overstayed() == (s.by_itself ? 0 : 1), "unless it ended in time");
        model::check(first.completed() == 0 && second.completed() == 0, "it was cut off");
        if (!s.by_itself) forget(e, 1);
        e.check_idle();
    });
}

TEST_CASE("what was told to end by an expiry belongs to the drain that takes its slot") {
    model::explore("drain against drain, told idle", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        expire(e, due());
        e.close();
        drain first{e};
        drain second{e};
        first.look();
        model::check(first.cut.empty(), "it has its grace");
        waiting_engine::present += grace;
        model::run({[&] { first.look(); }, [&] { second.look(); }});
        model::check(first.cut.size() + second.cut.size() == 1, "taken by one of them");
        model::check(first.overstayed() == first.cut.size(), "from a body that overstayed");
        model::check(first.completed() == 0 && second.completed() == 0, "it did not complete");
        model::check(admit::core::read_stats(*e.core).ended.idle == 1, "it ended as it was told");
        forget(e, 1);
        s.leave();
        e.check_idle();
    });
}

TEST_CASE("a conversation that is told to end while it ends is counted as its ender learns") {
    model::explore("told against end", {.preemptions = 3, .stale_reads = 2}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        end_result result;
        std::size_t told = 0;
        model::run({[&] { told = expire(e, due()); },
                    [&] {
                        result = end_as(s.conversation.slot, s.conversation.generation,
                                        status::error, e.test_thread());
                    }});
        const auto ended = admit::core::read_stats(*e.core).ended;
        model::check(result.ended, "no other thread ends it");
        model::check(result.how == (told == 1 ? status::idle : status::error), "as it was told");
        model::check(ended.idle == told && ended.error == 1 - told, "and so it is counted");
        s.leave();
        model::check(!s.heard || s.heard->how == result.how, "and so its supervisor is told");
    });
    model::explore("told against end by id", {.preemptions = 3, .stale_reads = 2}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        end_result result;
        model::run({[&] { expire(e, due()); },
                    [&] {
                        result = admit::core::end_and_notify(
                            s.conversation.slot, s.conversation.generation, status::error,
                            e.core->now(), e.test_thread());
                    }});
        model::check(result.ended && s.woken == 1, "ended, and its supervisor is woken once");
        s.leave();
        model::check(s.heard && s.heard->how == result.how, "with the status that was counted");
        model::check(
            admit::core::read_stats(*e.core).ended.error == (result.how == status::error ? 1 : 0),
            "in the statistics");
    });
}

TEST_CASE("a drain that looks again cuts off what was admitted while the engine closed") {
    model::explore("drain against admission", {.preemptions = 3, .stale_reads = 1}, [] {
        waiting_engine e{2, 2};
        const verdict a = e.admit(1);
        verdict late;
        std::vector<admit::conversation> cut;
        std::uint64_t completed = 0;
        model::run({[&] {
                        late = admit::core::try_start(*e.core, e.test_thread(), [] {
                            return admit::core::user_ref{"u", 2};
                        });
                    },
                    [&] {
                        e.close();
                        drain d{e};
                        d.look();
                        cut = d.cut;
                        completed = d.before;
                    }});
        drain again{e};
        again.look();
        model::check(!is_active(a) && (!late || !is_active(late)), "nothing is left");
        model::check(cut.size() + again.cut.size() == (late ? 2U : 1U), "each is cut off once");
        model::check(again.before == completed && again.completed() == 0, "none has completed");
    });
}

// --- Supervisors that could not be woken -----------------------------------------------------

TEST_CASE("a supervisor that could not be woken is woken by a retry, once") {
    const auto search = [](const char* name, unsigned failures) {
        model::explore(name, {.preemptions = 2, .stale_reads = 1}, [=] {
            waiting_engine e{1, 1};
            supervisor s{e, e.admit(1), 1};
            s.begin();
            s.failed_wakes = failures;
            model::run({[&] {
                            admit::core::end_and_notify(s.conversation.slot,
                                                        s.conversation.generation, status::error,
                                                        e.core->now(), e.test_thread());
                        },
                        [&] { supervisor_cells::retry(*e.core); }, [&] { expire(e, due()); }});
            while (s.failed_wakes > 0) supervisor_cells::retry(*e.core);
            model::check(supervisor_cells::retry(*e.core) == 0, "none is left");
            model::check(s.woken == 1, "woken once, though no conversation is left to expire");
            supervisor_cells::retry(*e.core);
            model::check(s.woken == 1, "and not again");
            s.leave();
            forget(e, 1);
            e.check_idle();
        });
    };
    search("retry against an end, refused twice", 2);
    search("retry against an end, refused four times", 4);
}

TEST_CASE("a supervisor that could not cancel its body is woken again") {
    model::explore("woken again against retry", {.preemptions = 3, .stale_reads = 2}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        bool again = false;
        model::run({[&] { expire(e, due()); },
                    [&] {
                        e.moment();
                        if (s.woken == 0) return;
                        again = true;
                        admit::core::wake_again(s.conversation.slot, s.conversation.generation);
                    },
                    [&] { supervisor_cells::retry(*e.core); }});
        model::check(supervisor_cells::retry(*e.core) == 0, "none is left");
        model::check(s.woken == (again ? 2U : 1U), "once more if it asked for that");
        s.leave_and_end();
        e.check_idle();
    });
}

TEST_CASE("a retry leaves a supervisor alone that has departed, and the next in its cell") {
    model::explore("retry against departing", {.preemptions = 3, .stale_reads = 2}, [] {
        waiting_engine e{2, 2};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        supervisor next{e, e.admit(2), 2};
        s.failed_wakes = 2;
        expire(e, due());
        model::check(s.woken == 0, "it could not be woken");
        forget(e, 2);  // had no supervisor
        supervisor other{e, e.admit(2), 2};
        model::run({[&] { supervisor_cells::retry(*e.core); },
                    [&] {
                        s.leave_and_end();
                        other.begin();  // in the same cell
                    }});
        model::check(s.woken <= 1 && s.abandoned, "woken or not, it has left");
        model::check(other.woken == 0, "the time of the other has not come");
        supervisor_cells::retry(*e.core);
        model::check(other.woken == 0, "nor later");
        other.leave_and_end();
        e.check_idle();
    });
}
