// SPDX-License-Identifier: BSL-1.0
// A configuration of the model: sizes, times, faults, and the rules of the protocol. Each rule can
// be left out; planted_faults.cpp asserts that the search then finds a violation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "fleet/lease.hpp"

namespace fleet_model {

inline constexpr std::size_t max_processes = 3;
inline constexpr std::size_t max_messages = 4;

/// The rules of docs/fleet-protocol.md. True: as the page says.
struct rules {
    // The member.
    bool lowers_before_it_reports = true;
    bool lease_from_sending = true;
    bool margin = true;
    bool only_latest_answer = true;
    bool looks_again_after_start = true;
    bool clock_runs_in_suspension = true;
    bool leaves_when_idle = true;
    bool safe_capacity_set_aside = true;
    // Evidence.
    bool observed_from_receipt = true;
    bool removal_compares = true;
    bool evidence_of_one_term = true;
    bool redis_clock_unused = true;
    bool gone_counts_longest = true;
    bool whole_block_until_gone = true;
    // The script.
    bool request_numbers = true;
    bool number_must_grow = true;
    bool gone_is_removed = true;
    bool room_is_checked = true;
    bool record_keeps_what_is_held = true;
    bool claim_is_bounded = true;
    bool fence = true;
    bool successor_waits = true;
    bool join_starts_with_nothing = true;
    // Data lost.
    bool learning = true;
    bool learning_counts_longest = true;
    bool learning_grants_nothing = true;
    bool confirmed_raises_nothing = true;
    bool waits_for_replicas = true;
    bool term_is_of_each_promotion = true;
};

/// What may go wrong, and how often where it is not "at any time".
struct faults {
    bool crash = true;
    bool pause = true;
    bool loss = true;            // of any message
    bool duplicates = true;      // any message is delivered again
    bool redis_clock = true;     // Redis's clock steps, to anywhere
    std::uint8_t restarts = 0;   // of Redis, empty
    std::uint8_t failovers = 0;  // to a copy that lacks a suffix
    bool split = false;          // the old primary goes on answering until it is demoted
    std::uint8_t lowerings = 0;  // set_limit to `lowered`, and back at any time
    bool leaves = true;          // and joins again
};

struct configuration {
    std::string name;
    std::uint8_t processes = 2;
    std::array<std::uint8_t, max_processes> names{0, 1, 2};  // equal: one name
    std::uint8_t limit = 2;
    std::uint8_t lowered = 1;
    std::uint8_t messages = 2;  // in flight at one time
    std::uint8_t safe = 0;      // safe_capacity of each process
    std::int64_t lease = 2;
    std::int64_t longest = 0;      // 0: end_at_lease
    std::int64_t clock_error = 1;  // what two clocks may differ by, at most
    bool two_looks = false;        // starts take two steps, and a pause may come between
    bool wants_vary = true;        // a request asks for nothing or for all
    bool any_share = false;        // the script grants any number that there is room for
    bool recovery = false;         // also see that no capacity is lost for ever
    fleet_model::faults faults{};
    fleet_model::rules rules{};
};

/// The times as they truly pass on the slowest clock: the error eats the margin.
constexpr admit::fleet::lease_terms true_terms(const configuration& c) {
    return {.lease = c.lease,
            .margin = (c.rules.margin ? c.clock_error : 0) - c.clock_error,
            .longest = c.longest};
}

}  // namespace fleet_model
