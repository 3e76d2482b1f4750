#include "engine/draining.hpp"

#include <algorithm>
#include <limits>

#include "engine/inspection.hpp"

namespace admit::core {

namespace {

/// Before another look at somebody who could not be told.
constexpr nanos retry_delay = 10'000'000;

/// Ends what is active as `drained`, and tells the supervisors.
void end_all(engine_core& core, thread_state& thread) noexcept {
    core.pool.for_each_taken([&](slot_ref slot) {
        const auto seen = slot.record().conversation.read();
        if (seen.active())
            end_and_notify(slot, seen.generation, status::drained, core.now(), thread);
    });
}

}  // namespace

nanos cut_off(engine_core& core, nanos now, std::vector<conversation>& cut, thread_state& thread) {
    nanos again = std::numeric_limits<nanos>::max();
    std::vector<conversation> active = list(core, std::nullopt);
    cut.reserve(cut.size() + active.size());  // what throws comes before what cannot be undone
    for (conversation& line : active) {
        const slot_ref slot{&core.pool.group(line.id.slot / slots_per_group),
                            line.id.slot % slots_per_group};
        const notify_result sent = notify(slot, line.id.generation, status::drained, now);
        switch (sent.what) {
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

bool finish_shutdown(engine_core& core, thread_state& thread) noexcept {
    end_all(core, thread);
    // Permits that were being ended meanwhile hold their slots until they let go.
    return core.lifetime.drop_engine(core.pool.disable_all());
}

bool destroy(engine_core& core, thread_state& thread) noexcept {
    core.pool.gate().close();
    // relaxed: edge orphan -> settle for who joins.
    core.number.store(0, memory_order_relaxed);
    // First of all those who wait, so that nothing that ends now is handed to them. Who serves them
    // winds up, since it may be just beginning a conversation.
    if (!begin_shutdown(core, thread)) return finish_shutdown(core, thread);
    // That may be another thread, and it may be suspended.
    end_all(core, thread);
    return core.lifetime.unpin();
}

}  // namespace admit::core
