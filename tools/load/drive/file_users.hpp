// SPDX-License-Identifier: BSL-1.0
// The simulated users of a scenario file, as coroutines.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "load/drive/arrivals.hpp"
#include "load/harness/scenario_run.hpp"

namespace admit::load {

/// The first coroutine of a run: starts the users of the file and waits for them.
boost::asio::awaitable<void> run_users(scenario_run&, const scenario_file&);

}  // namespace admit::load
