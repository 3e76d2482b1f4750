// SPDX-License-Identifier: BSL-1.0
#include "steps.hpp"

#include <algorithm>

#include "changes.hpp"

namespace fleet_model {
namespace {

using found_t = const std::function<void(const step&, const state&)>;

class stepper {
public:
    stepper(const state& s, const configuration& c, found_t& found) : s_{s}, c_{c}, found_{found} {}

    void run() {
        emit({.what = event::tick}, [&](state& n) { tick(n, c_); });
        for (small i = 0; i < c_.processes; ++i) process_steps(i);
        for (std::size_t m = 0; m < max_messages; ++m) message_steps(m);
        redis_steps();
    }

private:
    template <class F>
    void emit(const step& what, F change) {
        state next = s_;
        change(next);
        settle(next, c_);
        found_(what, next);
    }

    void process_steps(small i) {
        const process& p = s_.processes[i];
        if (p.phase == phase::crashed) return;
        if (c_.faults.crash)
            emit({.what = event::crash, .process = i}, [&](state& n) { crash(n, i); });
        if (p.paused) {
            emit({.what = event::wake, .process = i}, [&](state& n) { n.processes[i].paused = 0; });
            return;
        }
        if (c_.faults.pause)
            emit({.what = event::pause, .process = i},
                 [&](state& n) { n.processes[i].paused = 1; });
        if (c_.two_looks) starting_steps(i);
        if (p.phase != phase::fenced && has_place(s_, c_)) asking_steps(i);
    }

    void starting_steps(small i) {
        if (!s_.processes[i].starting) {
            if (may_start(s_.processes[i], c_))
                emit({.what = event::begin_start, .process = i},
                     [&](state& n) { n.processes[i].starting = 1; });
            return;
        }
        emit({.what = event::finish_start, .process = i},
             [&](state& n) { finish_start(n.processes[i], c_); });
    }

    void asking_steps(small i) {
        const process& p = s_.processes[i];
        const small most = std::min(p.held, active_at_most(p, c_));
        for (small active = std::min(p.target, most); active <= most; ++active)
            for (const small wants : {small{0}, c_.limit}) {
                if (!c_.wants_vary && wants == 0) continue;
                state next = s_;
                const message sent = ask(next, i, active, wants, c_);
                settle(next, c_);
                found_({.what = event::ask, .process = i, .about = sent}, next);
            }
        if (p.phase != phase::member || !c_.faults.leaves) return;
        state next = s_;
        const message sent = leave(next, i, c_);
        settle(next, c_);
        found_({.what = event::leave, .process = i, .about = sent}, next);
    }

    void message_steps(std::size_t m) {
        const message& about = s_.messages[m];
        if (about.kind == kind::none) return;
        if (c_.faults.loss)
            emit({.what = event::lose, .about = about}, [&](state& n) { n.messages[m] = {}; });
        for (const small kept : {small{0}, small{1}}) {
            if (kept && (!c_.faults.duplicates || worthless_copy(about))) continue;
            if (is_answer(about))
                answer_steps(m, kept);
            else
                execute_steps(m, kept);
        }
    }

    /// A second copy of an answer changes nothing, if only the latest answer counts, and that once.
    bool worthless_copy(const message& m) const {
        return is_answer(m) && c_.rules.only_latest_answer;
    }

    void answer_steps(std::size_t m, small kept) {
        const message about = s_.messages[m];
        if (!about.counts || s_.processes[about.from].paused) return;
        emit({.what = event::answer, .process = about.from, .about = about, .kept = kept},
             [&](state& n) {
                 if (!kept) n.messages[m] = {};
                 receive(n, about, c_);
             });
    }

    void execute_steps(std::size_t m, small kept) {
        const message about = s_.messages[m];
        if (kept && !has_place(s_, c_)) return;
        const small first = c_.any_share ? small{0} : share_first;
        const small last = c_.any_share ? c_.limit : share_last;
        for (small g = first; g <= last; ++g) {
            execute_one(
                {.what = event::execute, .process = about.from, .about = about, .kept = kept}, m,
                g);
            // The old primary answers, but enough replicas never have what it says.
            if (s_.copy == copy::old_primary && !c_.rules.waits_for_replicas)
                execute_one({.what = event::execute_at_old,
                             .process = about.from,
                             .about = about,
                             .kept = kept},
                            m, g);
        }
    }

    void execute_one(step what, std::size_t m, small grant) {
        state next = s_;
        if (!what.kept) next.messages[m] = {};
        what.result = execute(next, what.about, grant, what.what == event::execute_at_old, c_);
        settle(next, c_);
        found_(what, next);
    }

    void redis_steps() {
        if (s_.restarts < c_.faults.restarts)
            emit({.what = event::restart}, [&](state& n) { restart(n, c_); });
        if (s_.copy == copy::replica) {
            emit({.what = event::replicate}, [&](state& n) { replicate(n); });
            if (s_.failovers < c_.faults.failovers)
                emit({.what =
                          c_.rules.term_is_of_each_promotion ? event::failover : event::failback},
                     [&](state& n) { failover(n, c_); });
        }
        if (s_.copy == copy::old_primary)
            emit({.what = event::demote}, [&](state& n) {
                n.copy = copy::replica;
                n.other = n.redis;
            });
        if (c_.faults.redis_clock && !c_.rules.redis_clock_unused) clock_steps();
        if (c_.faults.lowerings == 0) return;
        const bool low = s_.redis.limit == c_.lowered;
        if (low || s_.lowerings < c_.faults.lowerings)
            emit({.what = event::set_limit, .process = low ? c_.limit : c_.lowered}, [&](state& n) {
                n.redis.limit = low ? c_.limit : c_.lowered;
                n.lowerings = static_cast<small>(n.lowerings + !low);
            });
    }

    /// The variant that believes Redis's clock: after a step any record may look old enough.
    void clock_steps() {
        for (small i = 0; i < c_.processes; ++i)
            if (s_.redis.records[i].exists)
                emit({.what = event::clock_steps, .process = i}, [&](state& n) {
                    n.redis.records[i] = {};
                    forget_observations(n, static_cast<small>(1u << i));
                });
    }

    const state& s_;
    const configuration& c_;
    found_t& found_;
};

}  // namespace

void for_each_step(const state& s, const configuration& c, found_t& found) {
    stepper{s, c, found}.run();
}

const char* violated(const state& s, const configuration& c) {
    int active = 0;
    for (small i = 0; i < c.processes; ++i) active += active_with_safe(s.processes[i], c);
    const int aside = c.rules.safe_capacity_set_aside ? c.safe * c.processes : 0;
    if (active > s.ceiling + aside) return "more may be active than the limit in force";
    for (small i = 0; i < c.processes; ++i)
        for (small j = 0; j < i; ++j)
            if (c.names[i] == c.names[j] && may_start(s.processes[i], c) &&
                may_start(s.processes[j], c))
                return "two processes of one name may start conversations";
    return nullptr;
}

}  // namespace fleet_model
