// SPDX-License-Identifier: BSL-1.0
// The one way in: how a request becomes a conversation, or why not. `engine::try_admit` and the
// operations of src/async call `try_start`. A request charges its user first and takes a slot
// second. So a request that fails at its user's limit never holds a slot that another request could
// have had. docs/design.md#starting explains the order of the steps.
#pragma once

#include <admit/error.hpp>
#include <admit/limits.hpp>
#include <cstdint>
#include <optional>

#include "base/step.hpp"
#include "base/thread_state.hpp"
#include "state/engine_core.hpp"
#include "users/user_ref.hpp"
#include "waiting/serving.hpp"
#include "waiting/verdict.hpp"

namespace admit::core {

/// Counts a rejection, and returns its reason.
inline errc reject(engine_core& core, errc reason, const thread_state& thread) noexcept {
    const auto kind = static_cast<unsigned>(event::rejected_shutting_down) +
                      static_cast<unsigned>(reason) - static_cast<unsigned>(errc::shutting_down);
    core.events.count(static_cast<event>(kind), thread.stripe);
    return reason;
}

/// The reason of a rejection that lies with the user; a full engine is the stronger reason.
inline errc rejection_reason(engine_core& core, errc of_user, const thread_state& thread) noexcept {
    return core.pool.any_free(thread.home) ? of_user : errc::global_limit;
}

/// How many conversations one user may have, by the limits of one instant at which no slot was
/// excess. `reason` tells whether the request may not enter. Two loads in the usual case; while the
/// limit is being lowered, this call helps to shrink to it.
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
    const auto limit = core.pool.shrink(thread.home, must_serve);
    if (must_serve) serve(core, thread);
    if (!limit) return 0;
    reason = {};
    return limit->per_user;
}

/// Takes a slot for a new conversation. Slots that are owed to waiters are earmarked first;
/// `must_serve` tells that the caller serves afterwards.
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

/// Starts a conversation of a user under that limit. The clock is read after the slot was taken:
/// expiry relies on a conversation being no older than the taking of its slot. Lock-free.
/// Always inlined: a call would pass its result through memory, some forty instructions.
[[gnu::always_inline]] inline verdict start(engine_core& core, const user_ref& user,
                                            std::uint32_t user_limit,
                                            thread_state& thread) noexcept {
    const auto [status, lane] = core.users.charge(user.tag, user_limit);
    if (status == user_counts::charge_status::at_limit)
        return {.slot = {}, .reason = rejection_reason(core, errc::user_limit, thread)};
    if (status != user_counts::charge_status::charged)
        return {.slot = {}, .reason = errc::global_limit};
    step("start.charged");
    bool must_serve = false;
    const slot_ref slot = take_unowed(core, thread, must_serve);
    step("start.taken");
    const verdict result =
        slot ? verdict{.slot = slot, .generation = slot.begin(*lane, user.id, core.now())}
             : verdict{.slot = {}, .reason = errc::global_limit};
    if (!slot && lane->discharge().waiting() > 0) {  // blocked meanwhile by this attempt
        refresh_all(core);
        must_serve = true;
    }
    if (must_serve) serve(core, thread);
    return result;
}

/// The limit on a user that a request brings along, if it is given.
inline std::optional<std::uint32_t> own_limit(std::optional<std::size_t> given) noexcept {
    if (!given) return std::nullopt;
    return *given < limits::most_concurrent ? static_cast<std::uint32_t>(*given) : lane::no_limit;
}

/// Starts a conversation now, or says why not; counts no event. `user()` gives the `user_ref`, or
/// none for an invalid id. It is called only if the engine is neither closed nor full, so that a
/// full engine hashes nothing. `own_limit` takes the place of the limit on each user. Lock-free.
template <class User>
[[gnu::always_inline]] inline verdict try_start(
    engine_core& core, thread_state& thread, User user,
    std::optional<std::uint32_t> own_limit = std::nullopt) noexcept {
    errc reason{};
    const std::uint32_t user_limit = entry_limit(core, thread, reason);
    if (reason != errc{}) return {.slot = {}, .reason = reason};
    const user_ref found = user();
    if (!found)
        return {.slot = {}, .reason = rejection_reason(core, errc::invalid_user_id, thread)};
    return start(core, found, own_limit.value_or(user_limit), thread);
}

/// What becomes of a request: a conversation, a rejection, which is counted, or neither: then it
/// may wait. Lock-free.
inline verdict ask(engine_core& core, thread_state& thread, const user_ref& user,
                   std::optional<std::uint32_t> own_limit, bool may_wait) noexcept {
    verdict result = try_start(
        core, thread, [&] { return user; }, own_limit);
    if (result) return result;
    const bool by_limit = result.reason == errc::global_limit || result.reason == errc::user_limit;
    if (by_limit && may_wait && user) {
        if (own_limit != 0) return {};
        result.reason = errc::user_limit;  // waiting would be in vain
    }
    result.reason = reject(core, result.reason, thread);
    return result;
}

}  // namespace admit::core
