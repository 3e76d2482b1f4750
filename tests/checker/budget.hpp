#pragma once

namespace admit::model {

/// What the choices of one execution have in limited supply: as a limit, or as spent so far.
struct budget {
    unsigned preemptions = 0;
    unsigned stale_reads = 0;
    unsigned spurious_failures = 0;
};

}  // namespace admit::model
