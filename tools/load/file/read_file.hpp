// SPDX-License-Identifier: BSL-1.0
// Reads scenario files (TOML) and refuses what a run could not honour.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "load/file/scenario_file.hpp"

namespace admit::load {

/// A table of a file that says what changes with an option: [quick], [full], or [waiting].
enum class variant { quick, full, waiting };

/// Reads a file of at most 1 MiB, with the changes of the wanted variants. Throws
/// `tools::usage_error`, which names the file, the line, the key, the value and what is allowed.
scenario_file read_scenario_file(const std::string& path, std::span<const variant> wanted = {});

/// The same for a text. `path` is its name in messages.
scenario_file parse_scenario_file(std::string_view text, const std::string& path,
                                  std::span<const variant> wanted = {});

/// What a run needs of memory, at most, in MiB.
double needed_memory_mib(const scenario_file&);

}  // namespace admit::load
