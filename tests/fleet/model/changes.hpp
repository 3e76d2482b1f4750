// SPDX-License-Identifier: BSL-1.0
// The transitions of the model: what one event does to a state.
#pragma once

#include "script.hpp"
#include "state.hpp"

namespace fleet_model {

bool is_answer(const message& m);
bool has_place(const state& s, const configuration& c);  // for one more message in flight
small active_with_safe(const process& p, const configuration& c);

void tick(state& s, const configuration& c);
void crash(state& s, small i);
void finish_start(process& p, const configuration& c);
message ask(state& s, small i, small active, small wants, const configuration& c);
message leave(state& s, small i, const configuration& c);
void receive(state& s, const message& m, const configuration& c);
message execute(state& s, const message& request, small grant, bool at_old, const configuration& c);
void restart(state& s, const configuration& c);
void replicate(state& s);
void failover(state& s, const configuration& c);

/// The records in `renewed` are no longer what any process saw, nor what requests `in_flight` say.
void forget_observations(state& s, small renewed, bool in_flight = true);

/// What holds after every event: the limit in force, and that useless facts are forgotten.
void settle(state& s, const configuration& c);

}  // namespace fleet_model
