// SPDX-License-Identifier: BSL-1.0
// The checks of a scenario file that look at several keys together, and the price of its run.
#pragma once

#include <string>
#include <string_view>

#include "common/option_values.hpp"
#include "load/file/scenario_file.hpp"

namespace admit::load {

/// "FILE:LINE: KEY: VALUE: not allowed; allowed: ...". Line 0 is left out.
class file_error : public tools::usage_error {
public:
    file_error(std::string_view path, std::size_t line, std::string_view key,
               std::string_view given, std::string_view allowed);
};

/// Throws `file_error`. Gives a scenario without a name that of its file.
void check_file(scenario_file&, const std::string& path, bool duration_given);

}  // namespace admit::load
