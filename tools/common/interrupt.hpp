// SPDX-License-Identifier: BSL-1.0
// Ctrl-C and SIGTERM as a question that a run can ask. Used by admit-load.
#pragma once

namespace admit::tools {

/// From now on the first SIGINT or SIGTERM is counted. The third ends the process.
void catch_interrupts() noexcept;

/// How often the user has asked to stop. Async-signal-safe, any thread.
int interrupts() noexcept;

}  // namespace admit::tools
