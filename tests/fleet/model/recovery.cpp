// SPDX-License-Identifier: BSL-1.0
#include "recovery.hpp"

#include "changes.hpp"

namespace fleet_model {
namespace {

bool lives(const process& p) { return p.phase != phase::crashed && p.phase != phase::fenced; }

void stop_faults(state& s) {
    s.messages = {};
    for (process& p : s.processes) p.paused = p.starting = 0;
    if (s.copy == copy::none) return;
    s.copy = copy::replica;
    replicate(s);
}

/// One renewal, which nothing delays.
void renew(state& s, small i, small wants, const configuration& c) {
    process& p = s.processes[i];
    const message sent = ask(s, i, p.target, wants, c);
    s.messages = {};
    message answer = execute(s, sent, share_first, false, c);
    s.messages = {};
    settle(s, c);
    if (is_answer(answer)) {
        // The answer as it was put in flight names what was seen; here that is the present.
        answer.term = 1;
        for (small j = 0; j < c.processes; ++j)
            if (j != i && s.redis.records[j].exists)
                answer.fresh = static_cast<small>(answer.fresh | 1u << j);
        receive(s, answer, c);
    }
    settle(s, c);
}

}  // namespace

bool recovers(const state& start, const configuration& c) {
    state s = start;
    stop_faults(s);
    small heir = 0;
    while (heir < c.processes && !lives(s.processes[heir])) ++heir;
    if (heir == c.processes) return true;
    const auto rounds = 2 * true_terms(c).gone_after() + 3;
    for (std::int64_t round = 0; round < rounds; ++round) {
        for (small i = 0; i < c.processes; ++i)
            if (lives(s.processes[i])) renew(s, i, i == heir ? c.limit : small{0}, c);
        if (!lives(s.processes[heir])) return true;  // another process has the name
        if (s.processes[heir].target == s.redis.limit) return true;
        s = canonical_numbers(s, c);
        tick(s, c);
        settle(s, c);
    }
    return false;
}

}  // namespace fleet_model
