// Conversations that somebody looks after, and the end of a drain. Whatever happens: a supervisor
// is told once, a conversation ends once, and whoever waits for the last one to end hears of it.
#include <doctest/doctest.h>

#include <optional>
#include <vector>

#include "admission/draining.hpp"
#include "admission/expiry.hpp"
#include "admission/supervision.hpp"
#include "model/waiting_engine.hpp"

namespace model = admit::model;
using admit::status;
using admit::admission::admission;
using model::dreamer;
using model::stay;
using model::ticket;
using model::waiting_engine;

namespace {

constexpr admit::core::nanos grace = 1'000;

/// Looks after a conversation: leaves, then ends it, as the body of one does that was cancelled.
class supervisor final : public admit::admission::sleeper {
public:
    supervisor(waiting_engine& engine, const admission& of, unsigned who)
        : conversation{of}, of_user{who}, engine_{engine} {}

    bool wake(const admission&) noexcept override {
        if (refusals > 0) return --refusals, false;
        model::check(!perished, "it is still there");
        ++told;
        return true;
    }
    void perish() noexcept override {
        model::check(!perished, "it perishes once");
        perished = true;
    }

    void begin() {
        place = admit::admission::supervise(*engine_.core, conversation.slot,
                                            conversation.generation, *this, grace);
    }
    void leave() {
        heard = admit::admission::told(conversation.slot, conversation.generation);
        if (admit::admission::leave(*engine_.core, place)) perish();
    }
    void leave_and_end() {
        leave();
        by_itself = engine_.end(conversation, of_user);
    }

    const admission conversation;
    const unsigned of_user;
    ticket place;
    unsigned refusals = 0;
    unsigned told = 0;
    bool perished = false;
    bool by_itself = false;
    std::optional<admit::admission::order> heard;

private:
    waiting_engine& engine_;
};

std::size_t expire(waiting_engine& e, admit::core::nanos now) {
    return admit::admission::expire(*e.core, now, e.me()).total();
}

constexpr admit::core::nanos due() { return 1'000'000'000 + waiting_engine::idle_timeout; }

std::uint64_t overstayed(const waiting_engine& e) {
    return admit::admission::take_stats(*e.core).overstayed;
}

/// What has ended otherwise is not active any more.
void forget(waiting_engine& e, unsigned user) { --e.active, --e.of_user[user], ++e.ended; }

}  // namespace

TEST_CASE("a conversation that its supervisor ends while its time is up ends once") {
    model::explore("supervised end against expiry", {.preemptions = 3, .stale_reads = 2}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        std::size_t expired = 0;
        model::run({[&] { s.leave_and_end(); }, [&] { expired = expire(e, due()); }});
        model::check(s.told <= 1 && s.perished, "told once at most, and it has left");
        model::check(s.told <= expired, "and counted when it was told");
        if (!s.by_itself) {
            model::check(expired == 1 && s.told == 0, "it had left, nobody looked after it");
            forget(e, 1);
        }
        e.check_rest();
    });
}

TEST_CASE("a supervisor is told once, by whichever expiring loop") {
    model::explore("expiry against expiry, supervised", {.preemptions = 3, .stale_reads = 2}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        const auto expiring = [&] { expire(e, due()); };
        model::run({expiring, expiring});
        model::check(s.told == 1, "once");
        s.leave_and_end();
        model::check(s.by_itself && s.perished, "and its conversation is its own to end");
        model::check(s.heard && s.heard->how == status::idle && !s.heard->reclaimed, "it knows");
        e.check_rest();
    });
}

TEST_CASE("a supervisor that could not be told is told by the next pass") {
    model::explore("expiry against expiry, refused once", {.preemptions = 3, .stale_reads = 2}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        s.refusals = 1;
        model::run({[&] { expire(e, due()); }, [&] { expire(e, due()); }});
        expire(e, due());
        model::check(s.told == 1, "once");
        model::check(
            s.conversation.slot.record().conversation.read().active_as(s.conversation.generation),
            "and has its grace");
    });
    model::explore("leaving against expiry, refused once", {.preemptions = 3, .stale_reads = 2},
                   [] {
                       waiting_engine e{1, 1};
                       supervisor s{e, e.admit(1), 1};
                       s.begin();
                       s.refusals = 1;
                       model::run({[&] { expire(e, due()); }, [&] { s.leave_and_end(); }});
                       model::check(s.told == 0 && s.perished, "it has left");
                       if (!s.by_itself) forget(e, 1);
                       e.check_rest();
                   });
}

TEST_CASE("a conversation whose grace has passed ends once, whoever comes first") {
    model::explore("reclaim against end", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{1, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        expire(e, due());
        const auto expiring = [&] { expire(e, due() + grace); };
        model::run({expiring, [&] { s.leave_and_end(); }});
        model::check(s.told == 1 && s.perished, "told before, and it has left");
        model::check(overstayed(e) + (s.by_itself ? 1 : 0) <= 1, "ended by one of them");
        if (s.heard && s.heard->reclaimed)
            model::check(!s.by_itself, "what it hears of a reclaiming is true");
        if (!s.by_itself) forget(e, 1);
        e.check_rest();
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
        e.check_rest();
        s.leave();
        model::check(s.heard && s.heard->reclaimed, "its supervisor is told so");
    });
}

TEST_CASE(
    "nobody's conversation ends before its supervisor is told, in a cell that was another's") {
    // The cell of a supervisor that leaves while its conversation is reclaimed serves the next one.
    model::explore("reclaim against the next stay", {.preemptions = 2, .stale_reads = 1}, [] {
        waiting_engine e{2, 1};
        supervisor s{e, e.admit(1), 1};
        s.begin();
        supervisor next{e, e.admit(2), 2};
        admit::admission::touch(next.conversation.slot, next.conversation.generation, due(),
                                e.me());
        expire(e, due());
        waiting_engine::present = due();
        model::run({[&] { expire(e, due() + grace); },
                    [&] {
                        s.leave();
                        next.begin();
                    }});
        model::check(!admit::admission::told(next.conversation.slot, next.conversation.generation),
                     "its time has not come");
        expire(e, due() + waiting_engine::idle_timeout);
        model::check(next.told == 1, "and then it is told");
        model::check(next.conversation.slot.record().conversation.read().active_as(
                         next.conversation.generation),
                     "and has its grace");
    });
}

TEST_CASE("who begins to look after a conversation that has ended is in nobody's way") {
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
        model::check(late.told == 0, "its conversation was over");
        model::check(next->told == 1, "the next one's supervisor is told");
        late.leave();
        next->leave_and_end();
        e.check_rest();
    });
}

TEST_CASE("a slot's stale name tells nobody of a conversation that is not its own") {
    model::explore("stale name against another stay", {.preemptions = 2, .stale_reads = 2}, [] {
        waiting_engine e{2, 1};
        supervisor first{e, e.admit(1), 1};
        supervisor other{e, e.admit(2), 2};
        waiting_engine::present = due();
        admit::admission::touch(other.conversation.slot, other.conversation.generation, due(),
                                e.me());
        first.begin();
        model::run({[&] { expire(e, due()); },
                    [&] {
                        first.leave();
                        other.begin();  // in the cell that the other slot still names
                    }});
        model::check(other.told == 0, "its time has not come");
        e.end(other.conversation, 2);
    });
}
