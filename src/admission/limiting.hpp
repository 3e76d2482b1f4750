// Moves the limits. Slots in circulation less the debt are never more than the limit in force: a
// lower limit is owed before it is in force, a higher one is in force before slots are put into
// circulation for it. That holds between any number of concurrent calls, too.
#pragma once

#include <cstdint>

#include "core/engine_core.hpp"
#include "core/step.hpp"

namespace admit::admission {

/// Puts new counts into force; room for them was made before. The caller serves the waiters.
/// Lock-free.
inline void change_counts(core::engine_core& core, core::settings::counts next) noexcept {
    core::settings::counts seen = core.limits.read_counts();
    std::uint32_t owed = 0;  // recorded for the way from `seen` down to `next`
    do {
        const std::uint32_t difference =
            seen.concurrent > next.concurrent ? seen.concurrent - next.concurrent : 0;
        if (difference > owed) core.pool.lower(difference - owed);
        if (difference < owed) core.pool.raise(owed - difference);
        owed = difference;
        core::step("limiting.owed");
    } while (!core.limits.replace_counts(seen, next));
    core::step("limiting.replaced");
    if (next.concurrent > seen.concurrent) core.pool.raise(next.concurrent - seen.concurrent);
}

}  // namespace admit::admission
