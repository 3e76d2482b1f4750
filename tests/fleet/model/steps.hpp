// SPDX-License-Identifier: BSL-1.0
// All that can happen next in a state of the model.
#pragma once

#include <functional>

#include "state.hpp"

namespace fleet_model {

enum class event : small {
    tick,
    pause,
    wake,
    crash,
    ask,
    leave,
    begin_start,
    finish_start,
    execute,
    execute_at_old,
    answer,
    lose,
    restart,
    replicate,
    failover,
    failback,
    demote,
    clock_steps,
    set_limit
};

/// What happened, for the story.
struct step {
    event what;
    small process = 0;  // or the record
    message about{};    // the message that was sent, executed or received
    small kept = 0;     // a duplicate of the message stays in flight
    message result{};   // what the script answered
};

/// Calls `found` with each step and the state after it, which is not canonical.
void for_each_step(const state& s, const configuration& c,
                   const std::function<void(const step&, const state&)>& found);

/// Null, or the name of the invariant that does not hold.
const char* violated(const state& s, const configuration& c);

}  // namespace fleet_model
