// SPDX-License-Identifier: BSL-1.0
#include "changes.hpp"

#include <algorithm>

namespace fleet_model {
namespace {

/// The oldest age that matters.
small oldest(const configuration& c) { return static_cast<small>(true_terms(c).gone_after()); }

small oldest_request(const configuration& c) {
    return static_cast<small>(c.rules.observed_from_receipt ? true_terms(c).starts_for()
                                                            : true_terms(c).gone_after());
}

void grow(small& age, small most) {
    if (age < most) ++age;
}

void grow_observation(small& age, small most) {
    if (age != unseen) grow(age, most);
}

void put_message(state& s, const message& m) {
    for (message& place : s.messages)
        if (place.kind == kind::none) {
            place = m;
            return;
        }
}

small bits(const process& p, small i, const configuration& c, std::int64_t age) {
    small out = 0;
    for (small j = 0; j < c.processes; ++j)
        if (j != i && p.age[j] != unseen && p.age[j] >= age)
            out = static_cast<small>(out | 1u << j);
    return out;
}

message new_request(process& p, small i, fleet_model::kind k, const configuration& c) {
    p.number = static_cast<small>(p.number + 1);
    const auto terms = true_terms(c);
    message m{};
    m.kind = k;
    m.from = i;
    m.number = p.number;
    m.fence = p.fence;
    m.quiet = bits(p, i, c, terms.quiet_after());
    m.gone = bits(p, i, c, c.rules.gone_counts_longest ? terms.gone_after() : terms.quiet_after());
    const auto old = c.rules.learning_counts_longest ? terms.gone_after() : terms.quiet_after();
    m.term = p.term_age != unseen && p.term_age >= old;
    return m;
}

/// Redis has another term: what was seen of the earlier one is worth nothing.
void change_term(state& s, const configuration& c) {
    s.redis.learning = c.rules.learning;
    if (!c.rules.evidence_of_one_term) return;
    forget_observations(s, 15);
    for (process& p : s.processes) p.term_age = unseen;
    for (message& m : s.messages) m.term = 0;
}

void observe(process& p, const message& m, const configuration& c) {
    const small now = c.rules.observed_from_receipt ? small{0} : p.since_asked;
    for (small j = 0; j < c.processes; ++j)
        if ((m.fresh >> j & 1) && p.age[j] == unseen) p.age[j] = now;
    if (m.term && p.term_age == unseen) p.term_age = now;
}

void stop(process& p, phase next, const configuration& c) {
    auto h = holding_of(p, c);
    h.stop();
    put(h, p, c);
    p.phase = next;
    p.asking = p.since_asked = 0;
    p.term_age = unseen;
    p.age.fill(unseen);
}

}  // namespace

bool is_answer(const message& m) { return m.kind >= kind::granted; }

bool has_place(const state& s, const configuration& c) {
    std::size_t used = 0;
    for (const message& m : s.messages) used += m.kind != kind::none;
    return used < c.messages;
}

small active_with_safe(const process& p, const configuration& c) {
    const small held = active_at_most(p, c);
    if (p.phase == phase::crashed) return 0;
    if (c.rules.safe_capacity_set_aside) return static_cast<small>(held + c.safe);
    return may_start(p, c) ? held : std::max(held, c.safe);
}

void tick(state& s, const configuration& c) {
    for (process& p : s.processes) {
        if (p.asking) grow(p.since_asked, oldest_request(c));
        grow_observation(p.term_age, oldest(c));
        for (small& age : p.age) grow_observation(age, oldest(c));
        if (p.left > 0 && (!p.paused || c.rules.clock_runs_in_suspension)) --p.left;
        auto h = holding_of(p, c);
        h.look(0, true_terms(c));
        put(h, p, c);
    }
}

void crash(state& s, small i) {
    s.processes[i] = {};
    s.processes[i].phase = phase::crashed;
}

/// The rule: a start that ends after the lease is refused. The variant gives it to its caller.
void finish_start(process& p, const configuration& c) {
    p.starting = 0;
    if (c.rules.looks_again_after_start || may_start(p, c)) return;
    p.held = static_cast<small>(p.held + 1);
    p.left = static_cast<small>(std::max<std::int64_t>({p.left, c.longest, 1}));
}

message ask(state& s, small i, small active, small wants, const configuration& c) {
    process& p = s.processes[i];
    message m = new_request(p, i, p.phase == phase::member ? kind::renew : kind::join, c);
    auto h = holding_of(p, c);
    m.held = static_cast<small>(c.rules.lowers_before_it_reports ? h.report(active) : h.target);
    put(h, p, c);
    m.wants = c.rules.whole_block_until_gone ? wants : active;
    p.asking = 1;
    p.since_asked = 0;
    put_message(s, m);
    return m;
}

message leave(state& s, small i, const configuration& c) {
    process& p = s.processes[i];
    if (c.rules.leaves_when_idle) p.held = p.left = 0;
    const message m = new_request(p, i, kind::leave, c);
    stop(p, phase::outside, c);
    put_message(s, m);
    return m;
}

void receive(state& s, const message& m, const configuration& c) {
    process& p = s.processes[m.from];
    const bool latest = p.asking && m.number == p.number;
    if (!latest && c.rules.only_latest_answer) return;
    if (p.phase == phase::crashed || p.phase == phase::fenced) return;
    if (m.kind == kind::fenced) return stop(p, phase::fenced, c);
    observe(p, m, c);
    p.phase = phase::member;
    p.fence = m.fence;
    auto h = holding_of(p, c);
    const admit::fleet::ticks sent = c.rules.lease_from_sending ? -p.since_asked : 0;
    if (m.kind == kind::confirmed && c.rules.confirmed_raises_nothing)
        h.confirm(m.granted, sent, 0, true_terms(c));
    else
        h.accept(m.granted, sent, 0, true_terms(c));
    put(h, p, c);
    p.asking = p.since_asked = 0;
}

message execute(state& s, const message& request, small grant, bool at_old,
                const configuration& c) {
    ledger& l = at_old ? s.other : s.redis;
    executed done = run_script(l, request, grant, c);
    if (!at_old) forget_observations(s, done.renewed, c.rules.removal_compares);
    message m = done.answer;
    if (m.kind == kind::none || request.kind == kind::leave) return m;
    m.counts = at_old || s.copy == copy::none || !c.rules.waits_for_replicas;
    if (!at_old) {
        m.term = 1;
        for (small j = 0; j < c.processes; ++j)
            if (j != m.from && l.records[j].exists) m.fresh = static_cast<small>(m.fresh | 1u << j);
    }
    put_message(s, m);
    return m;
}

void restart(state& s, const configuration& c) {
    ++s.restarts;
    s.redis.records = {};
    s.redis.fence = 0;
    s.redis.limit = static_cast<small>(first_state(c).redis.limit);
    change_term(s, c);
}

void replicate(state& s) {
    s.other = s.redis;
    for (message& m : s.messages)
        if (is_answer(m)) m.counts = 1;
}

void failover(state& s, const configuration& c) {
    ++s.failovers;
    for (message& m : s.messages)
        if (is_answer(m) && !m.counts) m = {};
    std::swap(s.redis, s.other);
    if (!c.rules.term_is_of_each_promotion) {
        s.other = s.redis;
        return;
    }
    change_term(s, c);
    s.copy = c.faults.split ? copy::old_primary : copy::replica;
    if (!c.faults.split) s.other = s.redis;
}

void forget_observations(state& s, small renewed, bool in_flight) {
    for (process& p : s.processes)
        for (small j = 0; j < max_processes; ++j)
            if (renewed >> j & 1) p.age[j] = unseen;
    for (message& m : s.messages) {
        if (!in_flight && !is_answer(m)) continue;
        m.quiet = static_cast<small>(m.quiet & ~renewed & 15);
        m.gone = static_cast<small>(m.gone & ~renewed & 15);
        m.fresh = static_cast<small>(m.fresh & ~renewed & 15);
    }
}

void settle(state& s, const configuration& c) {
    int blocks = 0;
    for (const record& r : s.redis.records) blocks += r.block;
    s.ceiling = std::max(s.ceiling, s.redis.limit);
    if (!s.redis.learning && blocks <= s.redis.limit && s.copy != copy::old_primary)
        s.ceiling = s.redis.limit;
    for (small i = 0; i < c.processes; ++i) {
        process& p = s.processes[i];
        if (p.phase == phase::crashed) p.age.fill(unseen), p.term_age = unseen;
        if (!s.redis.learning) p.term_age = unseen;
    }
    for (message& m : s.messages) {
        const bool to_dead = is_answer(m) && s.processes[m.from].phase == phase::crashed;
        if (to_dead) m = {};
        if (!s.redis.learning) m.term = 0;
    }
    // What an old primary says never counts, so what it knows is of no account.
    if (s.copy == copy::old_primary && c.rules.waits_for_replicas) s.other = {};
}

}  // namespace fleet_model
