// SPDX-License-Identifier: BSL-1.0
// What a run does right now, in one line.
#pragma once

#include <cstddef>
#include <string>

#include "common/progress.hpp"
#include "load/harness/monitor.hpp"

namespace admit::load {

/// As many facts as fit into `width` columns; what matters first.
std::string live_line(const run_progress&, std::size_t width);

/// Shows the run on the bar, which must outlive the listener.
progress_listener live_view(tools::progress_bar&);

}  // namespace admit::load
