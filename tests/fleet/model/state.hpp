// SPDX-License-Identifier: BSL-1.0
// One state of the model: Redis, its copy, the processes and the messages in flight. All fields are
// numbers below 16; times are what is left or what has passed, so that no state knows the date.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "fleet/holding.hpp"
#include "rules.hpp"

namespace fleet_model {

using small = std::uint8_t;
inline constexpr small unseen = 15;  // an age: this observation is of an older renewal or term

enum class phase : small { outside, member, crashed, fenced };
enum class kind : small { none, join, renew, leave, granted, confirmed, fenced };
enum class copy : small { none, replica, old_primary };

struct process {
    fleet_model::phase phase;
    small paused;
    small starting;  // between the first look and the second
    small asking;    // an answer to the latest request may still come
    small left;      // of the right to start, plus `longest`
    small target, held;
    small number;                          // of the latest request
    small fence;                           // from the join
    small since_asked;                     // the latest request's age; stops at `lease`
    small term_age;                        // since when this process knows the term, by its clock
    std::array<small, max_processes> age;  // the same for each record's latest renewal
};

struct record {
    small exists, is_fenced, is_quiet;
    small block, wants, last;  // last: number of the latest request
    small fence;
};

struct ledger {
    std::array<record, max_processes> records;
    small limit;
    small learning;
    small fence;  // the highest that was given or seen
};

struct message {
    fleet_model::kind kind;
    small from;  // the process that asks, or is answered
    small number, fence;
    small granted, held, wants;  // granted is of an answer, the others of a request
    small quiet, gone;           // bits: evidence about each record
    small fresh;                 // bits of an answer: records that did not change since
    small term;    // of a request: evidence that the term is old; of an answer: it is current
    small counts;  // of an answer: enough replicas have it
};

struct state {
    ledger redis;
    ledger other;  // the replica, the data on disk, or the old primary
    fleet_model::copy copy;
    std::array<process, max_processes> processes;
    std::array<message, max_messages> messages;
    small ceiling;  // the limit that is in force: a lower one is, when the blocks have come below
    small restarts, failovers, lowerings;
};

static_assert(std::has_unique_object_representations_v<state>);

using packed = std::array<std::uint8_t, (sizeof(state) + 1) / 2>;

inline packed pack(const state& s) noexcept {
    std::array<std::uint8_t, sizeof(packed) * 2> bytes{};
    std::memcpy(bytes.data(), &s, sizeof s);
    packed out;
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<std::uint8_t>(bytes[2 * i] | bytes[2 * i + 1] << 4);
    return out;
}

inline state unpack(const packed& p) noexcept {
    std::array<std::uint8_t, sizeof(packed) * 2> bytes;
    for (std::size_t i = 0; i < p.size(); ++i) {
        bytes[2 * i] = p[i] & 15;
        bytes[2 * i + 1] = p[i] >> 4;
    }
    state s;
    std::memcpy(&s, bytes.data(), sizeof s);
    return s;
}

/// The rules of src/fleet over the fields of a process; the date is 0.
inline admit::fleet::holding holding_of(const process& p, const configuration& c) noexcept {
    return {.target = p.target, .held = p.held, .starts_until = p.left - c.longest};
}

inline void put(const admit::fleet::holding& h, process& p, const configuration& c) noexcept {
    p.target = static_cast<small>(h.target);
    p.held = static_cast<small>(h.held);
    const auto left = h.starts_until + c.longest;
    p.left = static_cast<small>(left > 0 ? left : 0);
}

inline bool may_start(const process& p, const configuration& c) noexcept {
    return holding_of(p, c).may_start(0);
}

/// Conversations that may be active in the process.
inline small active_at_most(const process& p, const configuration& c) noexcept {
    return holding_of(p, c).may_run(0, true_terms(c)) ? p.held : 0;
}

state first_state(const configuration& c);

/// The same for all states that differ in request numbers and fences of the same order.
state canonical_numbers(state s, const configuration& c);

/// The same for all states that differ in the names of the processes, in the order of the messages,
/// or in request numbers of the same order.
state canonical(const state& s, const configuration& c);

}  // namespace fleet_model
