// The rules of a conversation's life: admitted when its user and the engine have room, touched, and
// ended exactly once. Combines the structures of the core; knows no clock and no strings beyond
// bytes.
//
// Order is everything here. Admission charges the user first and takes the slot second, so that
// somebody who fails at a limit of its own never holds a slot that others could have had. Ending
// gives the user's count back first and the slot second, so that who finds the slot free also finds
// the count.
#pragma once

#include <admit/permit.hpp>
#include <cstdint>
#include <string_view>

#include "base/step.hpp"
#include "base/thread_state.hpp"
#include "state/engine_core.hpp"
#include "state/engine_registry.hpp"
#include "waiting/serving.hpp"
#include "waiting/verdict.hpp"

namespace admit::core {

/// Who asks: the bytes of the user id, and its keyed hash.
struct user_ref {
    std::string_view id;
    user_tag tag;
};

inline bool is_user_id(std::string_view id) noexcept {
    return !id.empty() && id.size() <= max_user_id_bytes;
}

/// The tag of a user id in this engine.
inline user_tag tag_of(const engine_core& core, std::string_view id) noexcept {
    const std::uint64_t hash = siphash13::hash(core.key, id);
    return hash != no_user ? hash : 1;
}

/// Counts a rejection.
inline verdict reject(engine_core& core, errc reason, const thread_state& thread) noexcept {
    const auto kind = static_cast<unsigned>(event::rejected_shutting_down) +
                      static_cast<unsigned>(reason) - static_cast<unsigned>(errc::shutting_down);
    core.events.count(static_cast<event>(kind), thread.stripe);
    return {.slot = {}, .reason = reason};
}

/// The applicant's own reason, unless the engine is full as well: that comes first.
inline errc rejection_reason(engine_core& core, errc reason, const thread_state& thread) noexcept {
    return core.pool.any_free(thread.home) ? reason : errc::global_limit;
}

/// The engine's state as far as it concerns everybody: two loads while there is nothing special.
/// Returns how many of one user may be active, by the limits of one instant, at which there was no
/// debt; 0 for who may not enter. While a limit is being lowered this helps to carry that out.
inline std::uint32_t entry_limit(engine_core& core, thread_state& thread, errc& reason) noexcept {
    const gate::snapshot seen = core.pool.gate().read();
    if (seen.open()) [[likely]] {
        const capacity::snapshot in_force = core.pool.capacity().read();
        if (in_force.excess() == 0) [[likely]]
            return in_force.limit.per_user;
    }
    reason = seen.closed() ? errc::shutting_down : errc::global_limit;
    if (seen.closed() || seen.full()) return 0;
    bool must_serve = false;
    const auto paid = core.pool.shrink(thread.home, must_serve);
    if (must_serve) serve(core, thread);
    return paid ? paid->per_user : 0;
}

/// Starts a conversation in a slot that the caller holds.
inline verdict begin(slot_ref slot, lane& user, std::string_view id, nanos now) noexcept {
    slot_record& record = slot.record();
    // release: edge end -> read; a listing that reads these sees that the slot's earlier
    // conversation has ended. What they say is published by `begin`.
    record.user.store(&user, memory_order_release);
    slot.started().store(now, memory_order_release);
    slot.last_activity().start(now);
    record.name.write(id, slot.group->name_tail(slot.index));
    step("admission.filled");
    return {.slot = slot, .generation = record.conversation.begin()};
}

/// Counts one less of a user. True: a waiter of this user may have room now, and the caller sees to
/// it that somebody serves the waiters.
inline bool discharge(engine_core& core, lane& user) noexcept {
    if (!user.discharge()) [[likely]]
        return false;
    signal(core, user);
    return true;
}

/// A slot for a new conversation. What is owed to waiters is laid aside for them first; `passed_on`
/// tells that the caller has to see to it that somebody serves them.
[[gnu::always_inline]] inline slot_ref take_unowed(engine_core& core, thread_state& thread,
                                                   bool& must_serve) noexcept {
    for (;;) {
        const slot_ref slot = core.pool.take(thread.home);
        if (!slot || !core.pool.owed().any()) return slot;
        if (!core.pool.owed().pay()) return slot;
        core.pool.earmark(slot);
        must_serve = true;
    }
}

/// Starts a conversation of who may enter, or says why not. Reads the clock after the slot was
/// taken: expiry relies on that no conversation is older than its slot's taking. Lock-free. Inlined
/// always: called, its result would travel through memory, some forty instructions.
[[gnu::always_inline]] inline verdict admit(engine_core& core, const user_ref& who,
                                            std::uint32_t user_limit,
                                            thread_state& thread) noexcept {
    const auto [charged, lane] = core.users.charge(who.tag, user_limit);
    if (charged == user_counts::charge_status::at_limit)
        return {.slot = {}, .reason = rejection_reason(core, errc::user_limit, thread)};
    if (charged != user_counts::charge_status::charged)
        return {.slot = {}, .reason = errc::global_limit};
    step("admission.charged");
    bool must_serve = false;
    const slot_ref slot = take_unowed(core, thread, must_serve);
    step("admission.taken");
    const verdict result = slot ? begin(slot, *lane, who.id, core.now())
                                : verdict{.slot = {}, .reason = errc::global_limit};
    if (!slot && discharge(core, *lane)) must_serve = true;
    if (must_serve) serve(core, thread);
    return result;
}

/// Sees to what letting go of a slot entails.
[[gnu::noinline]] inline void follow_up(slot_ref slot, slot_pool::given what, bool must_serve,
                                        thread_state& thread) noexcept {
    engine_core& core = *slot.group->core;
    switch (what) {
        case slot_pool::given::done: break;
        case slot_pool::given::earmarked: return serve_with(core, slot, thread);
        case slot_pool::given::closed: must_serve = true; break;
        case slot_pool::given::unpin_engine:
            if (core.lifetime.unpin()) engine_registry::put(&core);
            break;
    }
    // To whichever engine the memory belongs by now: serving for nothing does no harm.
    if (must_serve) serve(core, thread);
}

/// Lets go of a slot, after which the memory may be another engine's. Lock-free, and posts to the
/// executors of waiters that are served.
inline void give_back(slot_ref slot, bool must_serve, thread_state& thread) noexcept {
    const slot_pool::given what = slot.group->core->pool.give(slot);
    if (what != slot_pool::given::done || must_serve) [[unlikely]]
        follow_up(slot, what, must_serve, thread);
}

/// Gives back what an ended conversation held. Only who ended it may.
inline void return_resources(slot_ref slot, status how, thread_state& thread) noexcept {
    engine_core& core = *slot.group->core;
    if (how != status::completed) {  // those are what remains
        const auto kind = static_cast<unsigned>(event::ended_idle) + static_cast<unsigned>(how) -
                          static_cast<unsigned>(status::idle);
        core.events.count(static_cast<event>(kind), thread.stripe);
    }
    // relaxed: this conversation's own, known since its beginning or acquired by its ending.
    const bool must_serve = discharge(core, *slot.record().user.load(memory_order_relaxed));
    step("admission.discharged");
    give_back(slot, must_serve, thread);
}

/// Ends the conversation of that generation: true for exactly one caller. Lock-free.
inline bool end(slot_ref slot, std::uint64_t generation, status how,
                thread_state& thread) noexcept {
    if (!slot.record().conversation.end(generation)) return false;
    step("admission.ended");
    return_resources(slot, how, thread);
    return true;
}

/// Records activity at `now`, a reading of the clock from before this call: false if the
/// conversation of that generation has ended. Lock-free.
inline bool touch(slot_ref slot, std::uint64_t generation, nanos now,
                  thread_state& thread) noexcept {
    for (;;) {
        const activity::snapshot seen = slot.last_activity().read();
        step("admission.touching");
        // After the activity, so that it cannot be a later conversation's; see activity.hpp.
        if (!slot.record().conversation.read().active_as(generation)) return false;
        if (seen.sealed()) break;
        if (seen.last() >= now || slot.last_activity().advance(seen, now)) return true;
    }
    // An expiry has decided that the conversation was idle. So that false is true, it ends now,
    // unless somebody looks after it, who is told.
    end_if_unsupervised(slot, generation, now, thread);
    return false;
}

}  // namespace admit::core
