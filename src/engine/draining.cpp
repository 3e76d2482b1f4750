#include "engine/draining.hpp"

#include <algorithm>

#include "engine/inspection.hpp"

namespace admit::core {

namespace {

/// Before another look at somebody who could not be told.
constexpr nanos retry_delay = 10'000'000;

}  // namespace

nanos cut_off(engine_core& core, nanos now, std::vector<conversation>& cut, thread_state& thread) {
    nanos again = end_of_time;
    std::vector<conversation> active = list(core, std::nullopt);
    cut.reserve(cut.size() + active.size());  // what throws comes before what cannot be undone
    for (conversation& line : active) {
        const slot_ref slot = core.pool.groups().slot(line.id.slot);
        const notify_result sent = notify(slot, line.id.generation, status::drained, now);
        switch (sent.kind) {
            case notify_result::no_supervisor:
                if (end_and_notify(slot, line.id.generation, status::drained, now, thread))
                    cut.push_back(std::move(line));
                break;
            case notify_result::requested_now:
                cut.push_back(std::move(line));
                again = std::min(again, sent.due);
                break;
            case notify_result::requested_before:
                if (sent.due <= now)
                    reclaim(slot, line.id.generation, sent.how, thread);
                else
                    again = std::min(again, sent.due);
                break;
            case notify_result::retry: again = std::min(again, after(now, retry_delay)); break;
        }
    }
    return again;
}

}  // namespace admit::core
