// SPDX-License-Identifier: BSL-1.0
// The script that runs in Redis, as a function over the model's ledger:
// docs/fleet-protocol.md#the-script.
#pragma once

#include "state.hpp"

namespace fleet_model {

// By the shares; what does not divide goes to this member, or to the other ones.
inline constexpr small share_first = 14;
inline constexpr small share_last = 15;

/// What one run of the script did.
struct executed {
    message answer{};      // kind none: the script says nothing that a member heeds
    small renewed = 0;     // bits: records that changed, so observations of them are worthless
    bool learned = false;  // learning ended
};

/// Runs `request`. `grant` is what is granted if there is room for it, or one of those.
executed run_script(ledger& l, const message& request, small grant, const configuration& c);

}  // namespace fleet_model
