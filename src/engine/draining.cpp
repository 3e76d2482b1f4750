#include "engine/draining.hpp"

#include <algorithm>
#include <limits>

#include "engine/inspection.hpp"

namespace admit::core {

namespace {

/// Before another look at somebody who could not be told.
constexpr nanos a_moment = 10'000'000;

/// Ends what is active as `drained`, and tells the supervisors.
void end_all(engine_core& core, thread_state& me) noexcept {
    core.pool.for_each_taken([&](slot_ref slot) {
        const auto seen = slot.record().conversation.read();
        if (seen.active()) end_and_tell(slot, seen.generation, status::drained, core.now(), me);
    });
}

}  // namespace

nanos cut_off(engine_core& core, nanos now, std::vector<conversation>& cut, thread_state& me) {
    nanos again = std::numeric_limits<nanos>::max();
    std::vector<conversation> active = list(core, std::nullopt);
    cut.reserve(cut.size() + active.size());  // what throws comes before what cannot be undone
    for (conversation& line : active) {
        const slot_ref slot{&core.pool.group(line.id.slot / slots_per_group),
                            line.id.slot % slots_per_group};
        const notice sent = notify(slot, line.id.generation, status::drained, now);
        switch (sent.what) {
            case notice::nobody:
                if (end_and_tell(slot, line.id.generation, status::drained, now, me))
                    cut.push_back(std::move(line));
                break;
            case notice::told_now:
                cut.push_back(std::move(line));
                again = std::min(again, sent.due);
                break;
            case notice::told_before:
                if (sent.due <= now)
                    reclaim(slot, line.id.generation, sent.how, me);
                else
                    again = std::min(again, sent.due);
                break;
            case notice::look_again: again = std::min(again, after(now, a_moment)); break;
        }
    }
    return again;
}

bool wind_up(engine_core& core, thread_state& me) noexcept {
    end_all(core, me);
    // Permits that were being ended meanwhile hold their slots until they let go.
    return core.keepers.engine_goes(core.pool.orphan());
}

bool destroy(engine_core& core, thread_state& me) noexcept {
    core.pool.gate().close();
    // relaxed: edge orphan -> settle for who joins.
    core.number.store(0, memory_order_relaxed);
    // First of all those who wait, so that nothing that ends now is handed to them. Who serves them
    // winds up, since it may be just beginning a conversation.
    if (!say_farewell(core, me)) return wind_up(core, me);
    // That may be another thread, and it may be suspended.
    end_all(core, me);
    return core.keepers.leave();
}

}  // namespace admit::core
