// SPDX-License-Identifier: BSL-1.0
#include "state.hpp"

#include <algorithm>
#include <bit>

namespace fleet_model {
namespace {

/// Calls `f` with each number of a request of process `i`.
template <class F>
void for_each_number(state& s, std::size_t i, F f) {
    f(s.processes[i].number);
    if (s.redis.records[i].exists) f(s.redis.records[i].last);
    if (s.other.records[i].exists) f(s.other.records[i].last);
    for (message& m : s.messages)
        if (m.kind != kind::none && m.from == i) f(m.number);
}

template <class F>
void for_each_fence(state& s, F f) {
    for (ledger* l : {&s.redis, &s.other}) {
        f(l->fence);
        for (record& r : l->records)
            if (r.exists) f(r.fence);
    }
    for (process& p : s.processes) f(p.fence);
    for (message& m : s.messages)
        if (m.kind != kind::none) f(m.fence);
}

/// Numbers are only compared, so their order is all that counts.
template <class ForEach>
void rank(ForEach for_each) {
    unsigned used = 0;
    for_each([&](small& n) { used |= 1u << n; });
    for_each([&](small& n) { n = static_cast<small>(std::popcount(used & ((1u << n) - 1))); });
}

small permuted(small bits, const std::array<small, 3>& to) {
    small out = 0;
    for (std::size_t j = 0; j < max_processes; ++j)
        if (bits >> j & 1) out = static_cast<small>(out | 1u << to[j]);
    return out;
}

state permuted(const state& s, const std::array<small, 3>& to) {
    state out = s;
    for (std::size_t i = 0; i < max_processes; ++i) {
        process& p = out.processes[to[i]];
        p = s.processes[i];
        for (std::size_t j = 0; j < max_processes; ++j) p.age[to[j]] = s.processes[i].age[j];
        out.redis.records[to[i]] = s.redis.records[i];
        out.other.records[to[i]] = s.other.records[i];
    }
    for (message& m : out.messages) {
        if (m.kind == kind::none) continue;
        m.from = to[m.from];
        m.quiet = permuted(m.quiet, to);
        m.gone = permuted(m.gone, to);
        m.fresh = permuted(m.fresh, to);
    }
    return out;
}

int compared(const auto& a, const auto& b) { return std::memcmp(&a, &b, sizeof a); }

void sort_messages(state& s) {
    // Few, and nearly sorted.
    for (std::size_t i = 1; i < s.messages.size(); ++i)
        for (std::size_t k = i; k > 0 && compared(s.messages[k], s.messages[k - 1]) < 0; --k)
            std::swap(s.messages[k], s.messages[k - 1]);
}

using places = std::array<small, max_processes>;

bool keeps_names(const places& to, const configuration& c) {
    for (std::size_t i = 0; i < max_processes; ++i) {
        if ((i < c.processes) != (to[i] < c.processes)) return false;
        for (std::size_t j = 0; j < c.processes; ++j)
            if (i < c.processes && (c.names[i] == c.names[j]) != (c.names[to[i]] == c.names[to[j]]))
                return false;
    }
    return true;
}

constexpr std::array<places, 5> exchanges{places{0, 2, 1}, places{1, 0, 2}, places{1, 2, 0},
                                          places{2, 0, 1}, places{2, 1, 0}};

bool has_namesakes(const configuration& c) {
    for (std::size_t i = 1; i < c.processes; ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (c.names[i] == c.names[j]) return true;
    return false;
}

}  // namespace

state first_state(const configuration& c) {
    state s{};
    const int aside = c.rules.safe_capacity_set_aside ? c.safe * c.processes : 0;
    s.redis.limit = static_cast<small>(c.limit - aside);
    s.ceiling = s.redis.limit;
    if (c.faults.failovers > 0) {
        s.copy = copy::replica;
        s.other = s.redis;
    }
    for (process& p : s.processes) {
        p.term_age = unseen;
        p.age.fill(unseen);
    }
    return s;
}

state canonical_numbers(state s, const configuration& c) {
    for (std::size_t i = 0; i < c.processes; ++i) rank([&](auto f) { for_each_number(s, i, f); });
    if (has_namesakes(c)) rank([&](auto f) { for_each_fence(s, f); });
    return s;
}

state canonical(const state& s, const configuration& c) {
    state base = canonical_numbers(s, c);
    sort_messages(base);
    state best = base;
    for (const places& to : exchanges) {
        if (!keeps_names(to, c)) continue;
        state other = permuted(base, to);
        sort_messages(other);
        if (compared(other, best) < 0) best = other;
    }
    return best;
}

}  // namespace fleet_model
