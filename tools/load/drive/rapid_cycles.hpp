// SPDX-License-Identifier: BSL-1.0
// Starts and ends without a pause, at both limits at once. Used by file_users.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "load/harness/scenario_run.hpp"

namespace admit::load {

/// The cycles of the plan, over all of its threads. Half of the starts are of user 0. Each thread
/// tries to hold two conversations more than there are slots, so it reaches both limits all the
/// time.
boost::asio::awaitable<void> run_rapid_cycles(scenario_run&);

}  // namespace admit::load
