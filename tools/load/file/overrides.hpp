// SPDX-License-Identifier: BSL-1.0
// The options of the command line, put over a scenario that is shipped.
#pragma once

#include "load/file/scenario_file.hpp"
#include "load/settings.hpp"

namespace admit::load {

/// The users that `--users` counts: all kinds together; in a script that fills all slots those of
/// the kind that fills them.
std::size_t counted_users(const scenario_file&) noexcept;

/// The file with other limits, users, length and waits. Throws `tools::usage_error` with the
/// option, its value and the allowed range if the scenario cannot run with them.
scenario_file with_settings(scenario_file, const settings&);

/// Every start waits, this long at most. Throws `tools::usage_error` if more users may wait at once
/// than an engine has places for.
void set_wait(scenario_file&, admit::duration wait);

}  // namespace admit::load
