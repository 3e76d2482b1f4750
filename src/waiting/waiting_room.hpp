// Those who wait, and how they are served.
//
// Nobody waits for the one who serves: whoever comes, goes or frees something puts that down (a
// cell on a stack, a slot aside, a bit of `rung`) and asks for a pass; the baton sees to it that
// one thread makes it. Behind the baton is sequential code.
//
// A waiter is *ready* when only a slot is missing: its user has been charged, and a slot is in
// demand for it. So nobody can take its room, of either kind, and a waiter that is kept out by its
// own user's limit holds nothing up and nothing back. The conservation behind it, when nobody is
// serving:
//
//     ready waiters = demand,  and if there is any, no slot is free
//
// While a thread that serves is suspended, waiters wait for it, and what is set aside for one that
// has gone meanwhile counts as taken. Admissions and endings go on.
#pragma once

#include <array>
#include <cstdint>

#include "lifecycle/conversations.hpp"
#include "lifecycle/supervisor_cell.hpp"
#include "waiting/combiner.hpp"
#include "waiting/fair_queue.hpp"
#include "waiting/waiter_cell.hpp"

namespace admit::core {

class waiting_room final : public attachment {
public:
    /// The room of an engine, made if there is none. Throws `std::bad_alloc`.
    static waiting_room& of(engine_core& core);
    /// The room of an engine, if there is one.
    static waiting_room* find(const engine_core& core) noexcept;

    /// Takes a cell for `who`, of a user unless it waits for rest, and arms it: it can be withdrawn
    /// from now on. No ticket if there are too many. Throws `std::bad_alloc`.
    cell_handle arm(waiter_base& who, user_tag user, wait_kind kind, const void* context);

    /// Who reserved comes in. It may have been woken, and be gone, when this returns. The caller
    /// serves.
    void enqueue(const cell_handle& mine) noexcept;

    /// Takes a waiter back, be it in or not: it will not be woken. Null if it is woken by now, or
    /// was. The caller serves.
    waiter_base* withdraw(const cell_handle& whose) noexcept;

    /// Withdraws all waiters and supervisors that go away with `context`, and lets them perish.
    /// Comes back when nobody posts to the context any more: that thread is waited for.
    void abandon_context(engine_core& core, const void* context, thread_state& thread) noexcept;

    std::size_t waiting() const noexcept {
        return waiting_.load(memory_order_relaxed);  // relaxed: a number
    }

    supervisor_pool& supervisors() noexcept { return supervisors_; }

private:
    friend void serve(engine_core&, thread_state&) noexcept;
    friend void serve_with(engine_core&, slot_ref, thread_state&) noexcept;
    friend void signal(engine_core&, lane&) noexcept;
    friend void signal_all(engine_core&) noexcept;
    friend bool begin_shutdown(engine_core&, thread_state&) noexcept;

    static constexpr unsigned signal_bits = 64;
    using blocked_list =
        intrusive::list<user_queue,
                        intrusive::member_hook<user_queue, intrusive::list_member_hook<>,
                                               &user_queue::blocked_hook>>;

    using cancelled_links = waiter_pool::links<&waiter_cell::next_cancelled>;

    class pass;

    static unsigned signal_bit_of(const lane* user) noexcept;

    waiter_pool cells_;
    supervisor_pool supervisors_;
    index_stack arrivals_;
    index_stack cancellations_;
    atomic<std::uint64_t> signals_{0};  ///< bells of lanes whose count went down
    atomic<bool> shutdown_{false};      ///< the engine goes away
    atomic<std::size_t> waiting_{0};
    combiner combiner_;

    // Of who has the baton.
    plain<unsigned> passes_;  ///< lets the model checker see that there is only one
    fair_queue queue_;
    std::uint32_t lent_ = 0;  ///< cells whose lines the turns have
    std::array<blocked_list, signal_bits> blocked_;
    user_queue::waiter_list
        unposted_;  ///< what they wait for has come, but they could not be woken
    user_queue::waiter_list idle_waiters_;  ///< wait for the last conversation to end
    unsigned idle_groups_ = 0;              ///< groups of slots that were found at rest
};

/// All limits may have changed: whoever was kept out by one is looked at again. The caller serves.
void signal_all(engine_core& core) noexcept;

/// The engine goes away: whoever waits is told, and then it is wound up, by this thread or by the
/// one that serves. The caller keeps the memory meanwhile, and leaves. False: nobody has ever
/// waited.
bool begin_shutdown(engine_core& core, thread_state& thread) noexcept;

}  // namespace admit::core
