// SPDX-License-Identifier: BSL-1.0
// What `admit::metrics` reads of an engine that may be gone. Not for users of the library.
#pragma once

#include <admit/detail/engine_ref.hpp>
#include <admit/stats.hpp>
#include <optional>

namespace admit::detail {

struct engine_figures {
    admit::stats stats;
    duration oldest_wait{};  ///< of the request that has waited longest; 0 if none waits
    duration overdue{};      ///< since when the first conversation has been due; 0 if none is
};

/// The figures of an engine. Nothing if the engine has gone, or goes meanwhile. Lock-free.
/// O(max_concurrent + requests that ever waited at one time).
ADMIT_PUBLIC std::optional<engine_figures> read_figures(const engine_ref& engine) noexcept;

}  // namespace admit::detail
