// SPDX-License-Identifier: BSL-1.0
// How activity is recorded: `permit::touch` and `engine::touch` call `touch`. See
// conversation/activity.hpp for the word that it writes.
#pragma once

#include <cstdint>

#include "base/step.hpp"
#include "lifecycle/supervision.hpp"

namespace admit::core {

/// Records activity at `now`, a reading of the clock from before this call. False if the
/// conversation of that generation has ended. Lock-free.
inline bool touch(slot_ref slot, std::uint64_t generation, nanos now,
                  thread_state& thread) noexcept {
    for (;;) {
        const activity::snapshot seen = slot.last_activity().read();
        step("touch.read");
        // Read after the activity, which can then not be a later conversation's.
        if (!slot.record().conversation.read().active_as(generation)) return false;
        if (seen.sealed()) break;
        if (seen.last() >= now || slot.last_activity().advance(seen, now)) return true;
    }
    // An expiry has decided that the conversation is idle. The conversation ends now, so that the
    // answer "false" is true. If it has a supervisor, the expiry asks the supervisor to end it.
    end_if_unsupervised(slot, generation, now, thread);
    return false;
}

}  // namespace admit::core
