// SPDX-License-Identifier: BSL-1.0
// The results of admit-load as a page that needs no other file and no network.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "common/origin.hpp"
#include "load/runner.hpp"

namespace admit::load {

/// One HTML document that shows a JSON report of this tool, which it holds.
std::string page_of(const nlohmann::ordered_json&);

/// All runs as one page. Without `show_users` it has no id of a user.
std::string html_report(const std::vector<run_result>&, const tools::origin&, bool show_users);

}  // namespace admit::load
