// SPDX-License-Identifier: BSL-1.0
// The waiters of one engine: requests for a slot, and drains that wait until every slot is idle.
// The operations of src/async begin and withdraw them; the functions of serving.hpp serve them.
// Counts are decided by the calling threads, outside the combiner: pass.hpp keeps the order alone,
// and settles verdicts. A thread posts what its passes have settled when it has left the combiner,
// and leaves it to every thread before a further pass. docs/design.md#waiting has the whole.
#pragma once

#include <admit/error.hpp>
#include <admit/stats.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "base/step.hpp"
#include "waiting/combiner.hpp"
#include "waiting/serving.hpp"
#include "waiting/waiter_cell.hpp"

namespace admit::core {

class waiting_room final : public attachment {
public:
    /// Ends what is left of an engine that was destroyed; called outside the combiner.
    using shutdown_function = void (*)(engine_core&, thread_state&) noexcept;

    /// The waiting room of an engine, made if there is none, with room for the counts of as many
    /// users as may wait. Throws `std::bad_alloc`.
    static waiting_room& require(engine_core& core);
    /// The waiting room of an engine; null if there is none.
    static waiting_room* find(const engine_core& core) noexcept {
        return attachment::find<waiting_room>(core.waiting);
    }

    /// Begins a wait: from now on the waiter counts, and can be withdrawn by `handle`. Otherwise
    /// returns the reason of the rejection: `shutting_down`, `queue_full`, `user_queue_full`. The
    /// waiter goes away with `context`. The caller serves also after a rejection. Throws
    /// `std::bad_alloc`.
    errc begin(engine_core& core, waiter_base& waiter, const wait_terms& terms, const void* context,
               cell_handle& handle);

    /// Hands a waiter that has begun to the passes. It may have been posted, and be gone, when this
    /// returns. The caller serves afterwards.
    void enqueue(const cell_handle& handle) noexcept;

    /// Takes a waiter back, before or after `enqueue`: it will not be posted. Null if its verdict
    /// is settled. Of a request that does not wait any more nothing counts when this returns. The
    /// caller serves afterwards.
    waiter_base* withdraw(engine_core& core, const cell_handle& handle) noexcept;

    /// Takes a waiter with a settled verdict that could not be posted yet. Null if there is none.
    waiter_base* take(const cell_handle& handle) noexcept {
        waiter_cell& cell = cells_[handle.cell];
        // Read before it is taken: the next poster may give the cell away at once.
        waiter_base* const waiter = cell.occupant();
        step("waiting.taking");
        return cell.word.take(handle.generation) ? waiter : nullptr;
    }

    /// Ends the waits with a deadline that has come by `now` as `wait_timeout`, and posts to their
    /// waiters, which must not fail. Returns how many.
    std::size_t time_out(engine_core& core, nanos now, thread_state& thread) noexcept;

    /// Withdraws and abandons all waiters of an execution context that is being destroyed. Returns
    /// when no thread posts to the context any more.
    void abandon_context(engine_core& core, const void* context, thread_state& thread) noexcept;

    /// The requests that wait, of all users or of one, in the order of service if no other call
    /// comes. Throws `std::bad_alloc`.
    std::vector<waiter> list(std::optional<std::string_view> user) const;

    /// When the request that has waited longest began to wait; the end of time if none waits.
    nanos first_since() const noexcept;

    /// The number of requests that wait.
    std::uint32_t waiting() const noexcept {
        return waiting_.load(memory_order_relaxed);  // relaxed: a number
    }

private:
    friend void serve(engine_core&, thread_state&) noexcept;
    friend void refresh_all(engine_core&) noexcept;
    friend bool begin_shutdown(engine_core&, shutdown_function, thread_state&) noexcept;

    using cancelled_links = waiter_pool::links<&waiter_cell::next_cancelled>;

    struct settled_list;
    class granting;
    class pass;

    /// Counts a request of a user that waits from now on. Returns why it may not.
    errc count(engine_core& core, waiter_cell& cell, const wait_terms& terms) noexcept;
    /// Counts a request no more that was withdrawn or claimed.
    void discount(const waiter_cell& cell) noexcept;

    /// Posts waiters with a verdict that were linked together, the first one first.
    void post(std::uint32_t first) noexcept;
    /// Lets every thread post the waiters that this thread has settled so far.
    void leave_to_others(settled_list& settled) noexcept;

    waiter_pool cells_;
    user_counts counts_;  ///< the exact number of each user's waiting requests
    atomic<std::uint32_t> waiting_{0};
    std::atomic<std::uint64_t> last_stamp_{0};  ///< of arrivals, for listings; not modelled
    index_stack arrivals_;
    index_stack cancellations_;
    index_stack unposted_;             ///< waiters with a verdict that any thread may post
    atomic<bool> refresh_all_{false};  ///< blocked waiters may have room
    atomic<bool> shutdown_{false};     ///< the engine is being destroyed
    plain<shutdown_function> finish_shutdown_;
    combiner combiner_;

    // Only a pass reads and writes what follows.
    plain<bool> pass_runs_;
    fair_queue queue_;
    std::uint32_t lent_ = 0;    ///< cells that have lent their queues
    waiter_list idle_waiters_;  ///< drains that wait until every slot is idle
    unsigned idle_groups_ = 0;  ///< groups of slots that were found idle
};

/// The engine is being destroyed: all waiters are rejected, and `finish` is called, by this thread
/// or by the thread that serves. The caller pins the engine meanwhile. False: the engine never had
/// a waiter, and the caller calls `finish`.
bool begin_shutdown(engine_core& core, waiting_room::shutdown_function finish,
                    thread_state& thread) noexcept;

}  // namespace admit::core
