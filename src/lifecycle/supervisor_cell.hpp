// Where the engine keeps one who looks after a conversation; see supervision.hpp.
#pragma once

#include <cstdint>

#include "conversation/activity.hpp"
#include "waiting/cell_pool.hpp"

namespace admit::core {

/// All of it is also read by who does not know yet whether the stay is the one that it looks for.
struct supervisor_cell : cell {
    atomic<std::uint64_t> conversation{0};  ///< the generation of the one that is supervised
    atomic<std::uint32_t> slot{0};          ///< its slot
    atomic<nanos> grace{0};                 ///< how long it may go on once it was told to end
    atomic<nanos> requested_at{0};
    atomic<std::uint64_t> request{0};  ///< in which stay to end, and how; see supervision.cpp
};

using supervisor_pool = cell_pool<supervisor_cell>;

}  // namespace admit::core
