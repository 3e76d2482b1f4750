// SPDX-License-Identifier: BSL-1.0
// Supervised conversations: `async_with_permit` supervises. When the time of such a conversation is
// up, it is told to end, its supervisor is woken, and it keeps its slot until the supervisor ends
// it or the grace has passed. A slot names its supervisor's cell, and the cell names the slot and
// generation. An outdated name finds a cell that names another conversation, and has no effect.
// docs/design.md#supervision has the whole.
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
    atomic<nanos> grace{0};                 ///< how long it may go on after it was woken
    atomic<nanos> woken_at{0};              ///< the end of time until then
    atomic<std::uint64_t> request{0};       ///< see `as_word` in supervision.cpp

    // A supervisor that could not be woken, and its place among them.
    atomic<std::uint64_t> unposted{0};  ///< the cell's generation + 1 while it has to be woken
    atomic<bool> listed{false};         ///< the cell is on the stack, or a retry looks at it next
    index_stack::link next_unposted{index_stack::none};
};

using supervisor_pool = cell_pool<supervisor_cell>;

/// The cells of all supervisors of an engine.
class supervisor_cells final : public attachment {
public:
    /// The cells of an engine, made if there are none. Throws `std::bad_alloc`.
    static supervisor_pool& require(engine_core& core) {
        return attachment::require<supervisor_cells>(core.supervisors).cells_;
    }
    /// Those of an engine that has had a supervisor.
    static supervisor_cells& all_of(const engine_core& core) noexcept {
        return *attachment::find<supervisor_cells>(core.supervisors);
    }
    /// Wakes the supervisors that could not be woken before. Returns how many still cannot.
    /// Lock-free; posts to their executors.
    static std::size_t retry(const engine_core& core) noexcept;

    /// Withdraws and abandons all supervisors of an execution context that is being destroyed.
    /// Returns when no thread posts to the context any more.
    static void abandon_context(const engine_core& core, const void* context) noexcept;

    /// The same as `retry` for one cell, which the caller has claimed.
    void wake(supervisor_cell& cell, std::uint64_t generation, nanos now) noexcept;
    /// Ends the caller's claim.
    void unclaim(supervisor_cell& cell) noexcept;
    /// Has the cell looked at by the next `retry`.
    void list(supervisor_cell& cell) noexcept;

    supervisor_pool& cells() noexcept { return cells_; }

private:
    using links = supervisor_pool::links<&supervisor_cell::next_unposted>;

    supervisor_pool cells_;
    index_stack unposted_;
};

/// Has `supervisor`, which goes away with `context`, notified when the conversation's time is up.
/// An empty handle if there are too many cells. Throws `std::bad_alloc`. The caller then checks
/// that the conversation is still active: a thread that ended it before may have found no
/// supervisor.
cell_handle supervise(engine_core& core, slot_ref slot, std::uint64_t generation,
                      waiter_base& supervisor, nanos grace, const void* context);

/// Whether a supervisor looks after that conversation.
bool supervised(slot_ref slot, std::uint64_t generation) noexcept;

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

/// A supervisor that was woken could not cancel its body for want of memory: it is woken again by
/// the next `supervisor_cells::retry`. Any thread may call this, also after the supervisor
/// departed.
void wake_again(slot_ref slot, std::uint64_t generation) noexcept;

/// What came of telling a conversation to end.
struct notify_result {
    enum {
        no_supervisor,  ///< the caller ends the conversation
        over,           ///< it has ended
        woken,          ///< its supervisor has been woken
        retry,          ///< its supervisor could not be woken, or another thread is waking it
    } kind;
    bool told = false;  ///< by this call, and by no other
    nanos due = 0;      ///< when a supervisor that was woken has exceeded its grace
};

/// Tells a supervised conversation to end as `how`, unless it was told before, and wakes its
/// supervisor. A supervisor that cannot be woken now is woken by a later `notify` or `retry`; its
/// grace begins then. Lock-free; posts to the supervisor's executor.
notify_result notify(slot_ref slot, std::uint64_t generation, status how, nanos now) noexcept;

/// Ends a conversation that has no supervisor as far as the caller knows. A supervisor that has
/// come meanwhile is woken.
end_result end_and_notify(slot_ref slot, std::uint64_t generation, status how, nanos now,
                          thread_state& thread, end_kind kind = {}) noexcept;

/// Ends an idle conversation unless it has a supervisor, from which expiry requests it.
void end_if_unsupervised(slot_ref slot, std::uint64_t generation, nanos now,
                         thread_state& thread) noexcept;

/// Ends a conversation that has exceeded its grace; `cut`: for a drain.
end_result reclaim(slot_ref slot, std::uint64_t generation, bool cut,
                   thread_state& thread) noexcept;

}  // namespace admit::core
