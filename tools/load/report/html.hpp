// SPDX-License-Identifier: BSL-1.0
// The results of admit-load as a page that needs no other file and no network.
#pragma once

#include <string>
#include <vector>

#include "load/runner.hpp"

namespace admit::load {

/// All runs as one HTML document, which holds the JSON report. Without `show_users` it has no id
/// of a user.
std::string html_report(const std::vector<run_result>&, bool show_users);

}  // namespace admit::load
