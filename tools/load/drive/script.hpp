// SPDX-License-Identifier: BSL-1.0
// A scenario that goes step by step, and compares the engine with its script after each. Used by
// file_users.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "load/file/scenario_file.hpp"
#include "load/harness/scenario_run.hpp"

namespace admit::load {

/// Runs the steps of the file, and ends what they have left active.
boost::asio::awaitable<void> run_script(scenario_run&, const scenario_file&);

}  // namespace admit::load
