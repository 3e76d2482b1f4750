// SPDX-License-Identifier: BSL-1.0
// Supervised conversations: `async_with_permit` supervises. When the time of such a conversation is
// up, its supervisor is requested to end it, and the conversation keeps its slot until the
// supervisor ends it or the grace has passed. A slot names its supervisor's cell, and the cell
// names the slot and generation. An outdated name finds a cell that names another conversation, and
// has no effect. docs/design.md#supervision has the whole.
#pragma once

#include <admit/detail/waiter_base.hpp>
#include <cstdint>
#include <optional>

#include "lifecycle/ending.hpp"
#include "waiting/cell_pool.hpp"

namespace admit::core {

/// Atomic, because a thread also reads it before it knows which supervisor is in the cell.
struct supervisor_cell : cell {
    atomic<std::uint64_t> conversation{0};  ///< the supervised conversation's generation
    atomic<std::uint32_t> slot{0};          ///< its slot
    plain<bool> requested;                  ///< the claimer's: the end was requested
    atomic<nanos> grace{0};                 ///< how long it may go on after the request
    atomic<nanos> requested_at{0};
    atomic<std::uint64_t> request{0};  ///< see `as_word` in supervision.cpp
};

using supervisor_pool = cell_pool<supervisor_cell>;

/// The cells of all supervisors of an engine.
class supervisor_cells final : public attachment {
public:
    /// The cells of an engine, made if there are none. Throws `std::bad_alloc`.
    static supervisor_pool& require(engine_core& core) {
        return attachment::require<supervisor_cells>(core.supervisors).cells_;
    }
    /// The cells of an engine that has had a supervisor.
    static supervisor_pool& of(const engine_core& core) noexcept {
        return attachment::find<supervisor_cells>(core.supervisors)->cells_;
    }
    /// Withdraws and abandons all supervisors of an execution context that is being destroyed.
    /// Returns when no thread posts to the context any more.
    static void abandon_context(const engine_core& core, const void* context) noexcept;

private:
    supervisor_pool cells_;
};

/// Has `supervisor`, which goes away with `context`, notified when the conversation's time is up.
/// An empty handle if there are too many cells. Throws `std::bad_alloc`. The caller then checks
/// that the conversation is still active: a thread that ended it before may have found no
/// supervisor.
cell_handle supervise(engine_core& core, slot_ref slot, std::uint64_t generation,
                      waiter_base& supervisor, nanos grace, const void* context);

/// The supervisor departs. False: it is being notified, and the notifier abandons it.
bool unsupervise(engine_core& core, const cell_handle& handle) noexcept;

/// What a supervisor was requested to do.
struct end_request {
    status how;      ///< the status with which to end the conversation
    bool reclaimed;  ///< the grace has passed: the engine ends the conversation
};

/// The request to the conversation's supervisor, if there was one.
std::optional<end_request> end_requested(slot_ref slot, std::uint64_t generation) noexcept;

/// The request to a supervisor that has not departed. A supervisor that fails to end its
/// conversation asks again: a thread that reclaims notes it before it ends the conversation.
std::optional<end_request> end_requested(slot_ref slot, const cell_handle& handle) noexcept;

/// What came of the end of a conversation's time.
struct notify_result {
    enum {
        no_supervisor,
        requested_now,     ///< this call requested the end
        requested_before,  ///< an earlier call did
        retry,             ///< the supervisor could not be woken, or another thread is waking it
    } kind;
    nanos due = 0;  ///< when the conversation is reclaimed
    status how{};   ///< and with which status
};

/// Requests that a conversation's supervisor, if there is one, ends it as `how`. Lock-free; posts
/// to the supervisor's executor.
notify_result notify(slot_ref slot, std::uint64_t generation, status how, nanos now) noexcept;

/// Ends a conversation that has no supervisor as far as the caller knows. A supervisor that has
/// come meanwhile is notified.
bool end_and_notify(slot_ref slot, std::uint64_t generation, status how, nanos now,
                    thread_state& thread) noexcept;

/// Ends an idle conversation unless it has a supervisor, from which expiry requests it.
void end_if_unsupervised(slot_ref slot, std::uint64_t generation, nanos now,
                         thread_state& thread) noexcept;

/// Ends a conversation that has exceeded its grace.
bool reclaim(slot_ref slot, std::uint64_t generation, status how, thread_state& thread) noexcept;

}  // namespace admit::core
