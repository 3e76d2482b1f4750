// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace admit::model {

/// What one execution may do a limited number of times: as a limit, or as used so far.
struct budget {
    unsigned preemptions = 0;
    unsigned stale_reads = 0;
    unsigned spurious_failures = 0;
};

}  // namespace admit::model
