// Conversations that somebody looks after. When the time of such a conversation is up it is not
// ended at once: its supervisor is told, and the conversation keeps its slot until the supervisor
// ends it, or until its grace has passed.
//
// A slot names the cell of its supervisor, and the cell names the conversation, slot and
// generation. What a slot names may be long out of date; a cell that does not name the same
// conversation is no concern of it. So a slot needs no tidying up when its conversation ends.
#pragma once

#include <optional>

#include "waiting/waiting_room.hpp"

namespace admit::core {

/// Has `who`, which goes away with `context`, told when the conversation's time is up. No ticket if
/// there are too many cells. Throws `std::bad_alloc`. The caller then looks whether the
/// conversation is still active: who ended it before this may have found nobody to tell.
ticket supervise(engine_core& core, slot_ref slot, std::uint64_t generation, sleeper& who,
                 nanos grace, const void* context);

/// The supervisor leaves. False: it is just being told, and perishes when that is done.
bool leave(engine_core& core, const ticket& mine) noexcept;

/// What a supervisor was told.
struct order {
    status how;      ///< to end the conversation as
    bool reclaimed;  ///< its grace has passed: unless the supervisor ends it first, it is ended
};

/// What the supervisor of the conversation was told, if anything.
std::optional<order> told(slot_ref slot, std::uint64_t generation) noexcept;

/// What a supervisor, who has not left, was told. If it failed to end the conversation afterwards,
/// it asks again: who reclaims says so first.
std::optional<order> told(slot_ref slot, const ticket& mine) noexcept;

/// What came of the end of a conversation's time.
struct notice {
    enum {
        nobody,       ///< looks after it
        told_now,     ///< its supervisor was told by this call
        told_before,  ///< or earlier
        look_again,   ///< could not be told, or is just being told by another thread
    } what;
    nanos due = 0;  ///< when it is to be ended all the same
    status how{};   ///< and how
};

/// Tells the supervisor of a conversation, if there is one, to end it as `how`. Lock-free; posts to
/// its executor.
notice notify(slot_ref slot, std::uint64_t generation, status how, nanos now) noexcept;

/// Ends a conversation that has no supervisor as far as is known, and tells one who has come
/// meanwhile.
bool end_and_tell(slot_ref slot, std::uint64_t generation, status how, nanos now,
                  thread_state& me) noexcept;

/// Ends a conversation whose supervisor did not in time.
bool reclaim(slot_ref slot, std::uint64_t generation, status how, thread_state& me) noexcept;

}  // namespace admit::core
