// SPDX-License-Identifier: BSL-1.0
#include <admit/detail/engine_figures.hpp>
#include <algorithm>

#include "engine/engine_pin.hpp"
#include "engine/inspection.hpp"
#include "waiting/waiting_room.hpp"

namespace admit {

namespace {

/// How long an instant has passed; 0 if it is still to come.
duration since(core::nanos instant, core::nanos now) noexcept {
    return duration{std::max<core::nanos>(now - std::min(instant, now), 0)};
}

}  // namespace

std::optional<detail::engine_figures> detail::read_figures(const engine_ref& engine) noexcept {
    const engine_pin pin{engine};
    if (!pin) return std::nullopt;
    const core::engine_core& core = engine.core();
    const core::nanos now = core.now();
    engine_figures result{.stats = core::read_stats(core)};
    const core::nanos due = core::first_due(core);
    const core::waiting_room* const room = core::waiting_room::find(core);
    const core::nanos waits = room == nullptr ? core::end_of_time : room->first_since();
    result.oldest_wait = since(waits, now);
    result.overdue = since(due, now);
    // What was read while the engine was being destroyed is of no engine that a user knows.
    if (!engine.alive()) return std::nullopt;
    return result;
}

}  // namespace admit
