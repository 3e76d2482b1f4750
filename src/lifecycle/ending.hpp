// SPDX-License-Identifier: BSL-1.0
// How a conversation ends, exactly once. Permits, ids, expiry, drains and shutdown all call `end`.
// An ending gives the user's count back first and the slot second. So a thread that finds the slot
// free also finds the user's count lowered. docs/design.md#ending
#pragma once

#include <admit/permit.hpp>
#include <cstdint>
#include <optional>

#include "base/step.hpp"
#include "base/thread_state.hpp"
#include "state/engine_core.hpp"
#include "waiting/serving.hpp"

namespace admit::core {

inline constexpr status last_status = status::cancelled;

/// A status of a caller; a value that is no status counts as an error.
constexpr status valid(status how) noexcept { return how <= last_status ? how : status::error; }

/// The event of an ending. Completed conversations are not counted: they are the remainder of all.
constexpr event ended_as(status how) noexcept {
    return static_cast<event>(static_cast<unsigned>(event::ended_idle) +
                              static_cast<unsigned>(how) - static_cast<unsigned>(status::idle));
}
static_assert(ended_as(status::timed_out) == event::ended_timed_out &&
              ended_as(status::error) == event::ended_error &&
              ended_as(status::drained) == event::ended_drained &&
              ended_as(last_status) == event::ended_cancelled);

/// Gives back what an ended conversation held. Only the thread that ended it may.
inline void return_resources(slot_ref slot, status how, thread_state& thread) noexcept {
    engine_core& core = *slot.group->core;
    if (how != status::completed) core.events.count(ended_as(how), thread.stripe);
    // relaxed: known since the conversation began, or acquired by its ending.
    lane& user = *slot.record().user.load(memory_order_relaxed);
    const bool waiters = user.discharge().waiting() > 0;
    step("end.discharged");
    if (waiters) [[unlikely]]
        return hand_over(slot, thread);
    give_back(slot, thread);
}

/// As what a conversation was told to end, see `notify` in supervision.hpp.
inline std::optional<status> told_to_end(conversation_word::snapshot seen) noexcept {
    if (seen.told() == 0) return std::nullopt;
    return static_cast<status>(seen.told() - 1);
}

/// What came of an attempt to end a conversation.
struct end_result {
    bool ended = false;            ///< by this call
    std::optional<status> told{};  ///< as what it had been told to end
    status how{};                  ///< as what it was counted

    explicit operator bool() const noexcept { return ended; }
};

/// What the conversation's word counts of an end.
struct end_kind {
    bool cut = false;         ///< a drain, or the end of the engine
    bool overstayed = false;  ///< it has exceeded its grace
};

/// Records how long a conversation lasted that the calling thread has just ended.
inline void record_length(slot_ref slot, const thread_state& thread) noexcept {
    engine_core& core = *slot.group->core;
    // relaxed: as in `return_resources`.
    const nanos started = slot.started().load(memory_order_relaxed);
    const nanos now = core.now();
    if (timings* const lengths = core.recorded_lengths())
        lengths->record(timings::kind::hold, now - started, now, thread.stripe);
}

/// Ends a conversation, told to end or not, timed or not. It is counted as what it was told,
/// otherwise as `how`.
[[gnu::noinline]] inline end_result end_told(slot_ref slot, std::uint64_t generation, status how,
                                             thread_state& thread, end_kind kind = {}) noexcept {
    conversation_word& word = slot.record().conversation;
    for (conversation_word::snapshot seen = word.read(); seen.active_as(generation);) {
        const std::optional<status> told = told_to_end(seen);
        // Only drains tell a conversation to end as drained.
        if (!word.end(seen, kind.cut || told == status::drained, kind.overstayed)) continue;
        step("end.won");
        if (kind.overstayed) slot.group->core->events.count(event::overstayed, thread.stripe);
        if (seen.timed()) record_length(slot, thread);
        return_resources(slot, told.value_or(how), thread);
        return {true, told, told.value_or(how)};
    }
    return {};
}

/// Ends the conversation of that generation, for exactly one caller. Lock-free.
[[gnu::always_inline]] inline end_result end_as(slot_ref slot, std::uint64_t generation, status how,
                                                thread_state& thread) noexcept {
    if (!slot.record().conversation.end(generation)) [[unlikely]]
        return end_told(slot, generation, how, thread);
    step("end.won");
    return_resources(slot, how, thread);
    return {true, std::nullopt, how};
}

/// The same: true for exactly one caller.
inline bool end(slot_ref slot, std::uint64_t generation, status how,
                thread_state& thread) noexcept {
    return end_as(slot, generation, how, thread).ended;
}

}  // namespace admit::core
