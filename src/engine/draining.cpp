// SPDX-License-Identifier: BSL-1.0
#include "engine/draining.hpp"

#include <algorithm>

#include "engine/inspection.hpp"

namespace admit::core {

namespace {

/// How long a drain waits before it looks again at a supervisor that could not be woken.
constexpr nanos retry_delay = 10'000'000;

class cutting {
public:
    cutting(engine_core& core, nanos now, std::vector<conversation>& cut,
            thread_state& thread) noexcept
        : core_{core}, now_{now}, cut_{cut}, thread_{thread} {}

    nanos run() {
        supervisor_cells::retry(core_);
        core_.pool.for_each_taken([this](slot_ref slot) { visit(slot); });
        return again_;
    }

private:
    void visit(slot_ref slot) {
        const auto seen = slot.record().conversation.read();
        if (!seen.active()) return;                  // the caller looks again
        if (told_to_end(seen) == status::drained) {  // in the list of the drain that told it
            end_or_tell(slot, seen.generation());
            return;
        }
        // Described before it has ended; where that throws, nothing has changed.
        cut_.emplace_back();
        if (!describe(core_, slot, cut_.back()) || !end_or_tell(slot, cut_.back().id.generation))
            cut_.pop_back();
    }

    /// True: it is this drain that cuts the conversation off.
    bool end_or_tell(slot_ref slot, std::uint64_t generation) noexcept {
        const notify_result sent = notify(slot, generation, status::drained, now_);
        end_result ended;
        switch (sent.kind) {
            case notify_result::no_supervisor:
                ended =
                    end_and_notify(slot, generation, status::drained, now_, thread_, {.cut = true});
                break;
            case notify_result::woken:
                if (sent.told || sent.due > now_)
                    again_ = std::min(again_, sent.due);
                else
                    ended = reclaim(slot, generation, true, thread_);
                break;
            case notify_result::over: break;
            case notify_result::retry: again_ = std::min(again_, after(now_, retry_delay)); break;
        }
        return sent.told || (ended && ended.told != status::drained);
    }

    engine_core& core_;
    const nanos now_;
    std::vector<conversation>& cut_;
    thread_state& thread_;
    nanos again_ = end_of_time;
};

}  // namespace

nanos cut_off(engine_core& core, nanos now, std::vector<conversation>& cut, thread_state& thread) {
    return cutting{core, now, cut, thread}.run();
}

std::size_t overstayed_of(const engine_core& core, const std::vector<conversation>& cut) noexcept {
    return static_cast<std::size_t>(
        std::count_if(cut.begin(), cut.end(), [&](const conversation& each) {
            const conversation_word::snapshot then{each.id.generation};
            const auto now = core.pool.groups().slot(each.id.slot).record().conversation.read();
            return now.overstayed() != then.overstayed();
        }));
}

}  // namespace admit::core
