// SPDX-License-Identifier: BSL-1.0
// A scenario: a name and three functions. scenario.cpp has the table of those that are shipped.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "load/checklist.hpp"
#include "load/metrics.hpp"
#include "load/plan.hpp"
#include "load/settings.hpp"

namespace admit::load {

class scenario_run;

struct scenario {
    std::string name;
    std::string summary;

    /// Computes the numbers of a run. Throws `tools::usage_error` for settings that do not fit.
    std::function<plan(const settings&, std::size_t threads)> prepare;

    /// The first coroutine: spawns the users, waits for them, and makes the checks that need active
    /// users.
    std::function<boost::asio::awaitable<void>(scenario_run&)> execute;

    /// Makes the checks after the run, in addition to `check_common`.
    std::function<void(const plan&, const metrics&, checklist&)> verify;
};

/// In the order of docs/load_testing.md.
std::span<const scenario> all_scenarios();

/// Returns null if no scenario has this name.
const scenario* find_scenario(std::string_view name);

/// Throws `tools::usage_error` with the nearest name for an unknown one.
const scenario& require_scenario(std::string_view name);

}  // namespace admit::load
