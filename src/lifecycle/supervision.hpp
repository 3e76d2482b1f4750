// Conversations that somebody looks after. When the time of such a conversation is up it is not
// ended at once: its supervisor is told, and the conversation keeps its slot until the supervisor
// ends it, or until its grace has passed.
//
// A slot names the cell of its supervisor, and the cell names the conversation, slot and
// generation. What a slot names may be long out of date; a cell that does not name the same
// conversation is no concern of it. So a slot needs no tidying up when its conversation ends.
#pragma once

#include <admit/detail/waiter_base.hpp>
#include <optional>

#include "lifecycle/ending.hpp"
#include "lifecycle/supervisor_cell.hpp"

namespace admit::core {

/// The cells of all supervisors of an engine.
class supervisor_cells final : public attachment {
public:
    /// Those of an engine, made if there are none. Throws `std::bad_alloc`.
    static supervisor_pool& require(engine_core& core);
    /// Those of an engine of which a conversation has had a supervisor.
    static supervisor_pool& of(const engine_core& core) noexcept;
    /// Withdraws and abandons all supervisors of an execution context that is being destroyed.
    /// Returns when no thread posts to the context any more.
    static void abandon_context(const engine_core& core, const void* context) noexcept;

private:
    supervisor_pool cells_;
};

/// Has `who`, which goes away with `context`, told when the conversation's time is up. No ticket if
/// there are too many cells. Throws `std::bad_alloc`. The caller then looks whether the
/// conversation is still active: who ended it before this may have found nobody to tell.
cell_handle supervise(engine_core& core, slot_ref slot, std::uint64_t generation, waiter_base& who,
                      nanos grace, const void* context);

/// The supervisor leaves. False: it is just being told, and perishes when that is done.
bool unsupervise(engine_core& core, const cell_handle& mine) noexcept;

/// What a supervisor was told.
struct end_request {
    status how;      ///< to end the conversation as
    bool reclaimed;  ///< its grace has passed: unless the supervisor ends it first, it is ended
};

/// What the supervisor of the conversation was told, if anything.
std::optional<end_request> end_requested(slot_ref slot, std::uint64_t generation) noexcept;

/// What a supervisor, who has not left, was told. If it failed to end the conversation afterwards,
/// it asks again: who reclaims says so first.
std::optional<end_request> end_requested(slot_ref slot, const cell_handle& mine) noexcept;

/// What came of the end of a conversation's time.
struct notify_result {
    enum {
        no_supervisor,     ///< looks after it
        requested_now,     ///< its supervisor was told by this call
        requested_before,  ///< or earlier
        retry,             ///< could not be told, or is just being told by another thread
    } what;
    nanos due = 0;  ///< when it is to be ended all the same
    status how{};   ///< and how
};

/// Tells the supervisor of a conversation, if there is one, to end it as `how`. Lock-free; posts to
/// its executor.
notify_result notify(slot_ref slot, std::uint64_t generation, status how, nanos now) noexcept;

/// Ends a conversation that has no supervisor as far as is known, and tells one who has come
/// meanwhile.
bool end_and_notify(slot_ref slot, std::uint64_t generation, status how, nanos now,
                    thread_state& thread) noexcept;

/// Ends a conversation that was idle, unless it has a supervisor, which the expiry asks to end it.
void end_if_unsupervised(slot_ref slot, std::uint64_t generation, nanos now,
                         thread_state& thread) noexcept;

/// Ends a conversation whose supervisor did not in time.
bool reclaim(slot_ref slot, std::uint64_t generation, status how, thread_state& thread) noexcept;

}  // namespace admit::core
