// SPDX-License-Identifier: BSL-1.0
// The waiters of one engine: requests for a slot, and drains that wait until every slot is idle.
// The operations of src/async enqueue and withdraw them; the functions of serving.hpp serve them.
// Arrivals, cancellations, earmarked slots and signals are left without a lock, and then a pass is
// asked for: pass.hpp is the sequential code that handles them, one pass at a time.
// docs/design.md#waiting has the whole.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "waiting/cell_pool.hpp"
#include "waiting/combiner.hpp"
#include "waiting/fair_queue.hpp"
#include "waiting/serving.hpp"

namespace admit::core {

struct waiter_cell : cell, queued_waiter {
    plain<wait_kind> kind;  ///< written while idle
    plain<user_tag> user;   ///< written while idle; the waiter may be gone when a pass reads it

    // Only passes use these.
    bool arrived = false;    ///< a pass has seen the arrival
    bool cancelled = false;  ///< a pass has seen the cancellation

    index_stack::link next_cancelled{index_stack::none};  ///< among the cancellations

    user_queue lent_queue;  ///< lent to the fair queue for good
};

/// Cells, and as many buckets to find their user queues by.
struct waiter_block {
    explicit waiter_block(std::size_t count) : cells(count), buckets(count) {}
    waiter_cell& operator[](std::size_t place) noexcept { return cells[place]; }

    std::vector<waiter_cell> cells;
    std::vector<fair_queue::bucket> buckets;
};

using waiter_pool = cell_pool<waiter_cell, waiter_block>;

class waiting_room final : public attachment {
public:
    /// Ends what is left of an engine that was destroyed; called behind the combiner.
    using shutdown_function = void (*)(engine_core&, thread_state&) noexcept;

    /// The waiting room of an engine, made if there is none. Throws `std::bad_alloc`.
    static waiting_room& require(engine_core& core) {
        return attachment::require<waiting_room>(core.waiting);
    }
    /// The waiting room of an engine; null if there is none.
    static waiting_room* find(const engine_core& core) noexcept {
        return attachment::find<waiting_room>(core.waiting);
    }

    /// Takes a cell for the waiter, which can be withdrawn from now on. `user` is ignored for a
    /// waiter for idleness. An empty handle if there are too many cells. Throws `std::bad_alloc`.
    cell_handle arm(waiter_base& waiter, user_tag user, wait_kind kind, const void* context);

    /// Hands an armed waiter to the passes. It may have been woken, and be gone, when this returns.
    /// The caller serves afterwards.
    void enqueue(const cell_handle& handle) noexcept;

    /// Takes a waiter back, before or after `enqueue`: it will not be woken. Null if it is woken by
    /// now, or was. The caller serves afterwards.
    waiter_base* withdraw(const cell_handle& handle) noexcept;

    /// Withdraws and abandons all waiters of an execution context that is being destroyed. Returns
    /// when no thread posts to the context any more.
    void abandon_context(engine_core& core, const void* context, thread_state& thread) noexcept;

    std::size_t waiting() const noexcept {
        return waiting_.load(memory_order_relaxed);  // relaxed: a number
    }

private:
    friend void serve(engine_core&, thread_state&) noexcept;
    friend void serve_with(engine_core&, slot_ref, thread_state&) noexcept;
    friend void signal(engine_core&, lane&) noexcept;
    friend void signal_all(engine_core&) noexcept;
    friend bool begin_shutdown(engine_core&, shutdown_function, thread_state&) noexcept;

    static constexpr unsigned signal_bits = 64;
    using blocked_list = hooked_list<user_queue, &user_queue::blocked_hook>;
    using cancelled_links = waiter_pool::links<&waiter_cell::next_cancelled>;

    class granting;
    class pass;

    static unsigned signal_bit_of(const lane* user) noexcept;

    waiter_pool cells_;
    index_stack arrivals_;
    index_stack cancellations_;
    atomic<std::uint64_t> signals_{0};  ///< bit n: a watched lane with this signal bit went down
    atomic<bool> shutdown_{false};      ///< the engine is being destroyed
    plain<shutdown_function> finish_shutdown_;
    atomic<std::size_t> waiting_{0};
    combiner combiner_;

    // Only a pass reads and writes what follows.
    plain<bool> pass_runs_;
    fair_queue queue_;
    std::uint32_t lent_ = 0;  ///< cells that have lent their queues
    std::array<blocked_list, signal_bits> blocked_;
    user_queue::waiter_list unposted_;      ///< waiters that could not be woken
    user_queue::waiter_list idle_waiters_;  ///< drains that wait until every slot is idle
    unsigned idle_groups_ = 0;              ///< groups of slots that were found idle
};

/// The engine is being destroyed: all waiters are woken, and `finish` is called, by this thread or
/// by the thread that serves. The caller pins the engine meanwhile. False: the engine never had a
/// waiter, and the caller calls `finish`.
bool begin_shutdown(engine_core& core, waiting_room::shutdown_function finish,
                    thread_state& thread) noexcept;

}  // namespace admit::core
