// SPDX-License-Identifier: BSL-1.0
#include "engine/draining.hpp"

#include <algorithm>

#include "engine/inspection.hpp"

namespace admit::core {

namespace {

/// How long a drain waits before it looks again at a supervisor that could not be notified.
constexpr nanos retry_delay = 10'000'000;

}  // namespace

nanos cut_off(engine_core& core, nanos now, std::vector<conversation>& cut, thread_state& thread) {
    nanos again = end_of_time;
    std::vector<conversation> active = list(core, std::nullopt);
    cut.reserve(cut.size() + active.size());  // throws before anything has changed
    for (conversation& each : active) {
        const slot_ref slot = core.pool.groups().slot(each.id.slot);
        const notify_result sent = notify(slot, each.id.generation, status::drained, now);
        switch (sent.kind) {
            case notify_result::no_supervisor:
                if (end_and_notify(slot, each.id.generation, status::drained, now, thread))
                    cut.push_back(std::move(each));
                break;
            case notify_result::requested_now:
                cut.push_back(std::move(each));
                again = std::min(again, sent.due);
                break;
            case notify_result::requested_before:
                if (sent.due <= now)
                    reclaim(slot, each.id.generation, sent.how, thread);
                else
                    again = std::min(again, sent.due);
                break;
            case notify_result::retry: again = std::min(again, after(now, retry_delay)); break;
        }
    }
    return again;
}

}  // namespace admit::core
