// SPDX-License-Identifier: BSL-1.0
// The compiled part of every wait (`wait_base`): how a wait begins, and how a grant, the timer or a
// cancellation ends it. admit.cpp, run.cpp and drain.cpp start waits through `wait_op`.
#include <admit/detail/wait_op.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <memory>
#include <new>

#include "async/context_shutdown.hpp"
#include "async/engine_pin.hpp"
#include "engine/access.hpp"
#include "system/this_thread.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::detail {

namespace asio = boost::asio;
using core::cell_handle;
using core::waiting_room;

namespace {

/// The operation that this thread is posting. A post that throws destroys the `delivery` inside the
/// call; the posting thread then still owns the operation.
constinit thread_local wait_base* posted_now = nullptr;

}  // namespace

bool wait_base::wake(const core::verdict& verdict) noexcept {
    if (verdict) {
        // relaxed: the engine has admitted, so its number is known.
        const std::uint64_t engine =
            verdict.slot.group->core->number.load(core::memory_order_relaxed);
        granted_ = access::make_permit(verdict, engine);
    }
    if (verdict.reason != errc{}) error_ = verdict.reason;
    return try_to_post();
}

/// Ends the wait of an operation that still waits, and gives back a grant that could not be posted.
/// The caller then owns the operation. Null if the wait had ended.
wait_base* wait_base::take_back(core::engine_core& core, const cell_handle& handle) noexcept {
    core::waiter_base* const waiter = waiting_room::find(core)->withdraw(handle);
    if (waiter == nullptr) return nullptr;
    wait_base* const op = static_cast<wait_base*>(waiter);
    op->granted_ = {};
    core::serve(core, system::this_thread());
    return op;
}

struct wait_base::canceller {
    core::engine_core* core;
    cell_handle handle;

    void operator()(asio::cancellation_type type) const {
        if (type == asio::cancellation_type::none) return;
        wait_base* const op = take_back(*core, handle);
        if (op == nullptr) return;
        op->aborted_ = true;
        // If posting fails, complete inside the cancellation call.
        if (!op->try_to_post()) op->deliver();
    }
};

struct wait_base::timeout_handler {
    engine_ref engine;
    cell_handle handle;
    core::wait_kind kind;

    // The error code does not matter: after the wait the handle is out of date.
    void operator()(const boost::system::error_code&) const {
        // If the rejection by a shutdown could not be posted, the waiter outlives its engine. It is
        // not counted then, since the memory may be another engine's.
        const engine_pin pin{engine};
        wait_base* const op = take_back(engine.core(), handle);
        if (op == nullptr) return;
        if (kind == core::wait_kind::for_slot && pin)
            engine.core().events.count(core::event::rejected_wait_timeout,
                                       system::this_thread().stripe);
        op->error_ = errc::wait_timeout;
        op->deliver();
    }
};

void wait_base::start(const request& wanted, core::wait_kind kind, asio::execution_context& context,
                      asio::cancellation_slot slot) {
    std::unique_ptr<wait_base, void (*)(wait_base*)> owned{this,
                                                           [](wait_base* op) { op->destroy(); }};
    register_shutdown_hook(context);
    const engine_ref engine = wanted.engine;
    core::engine_core& core = engine.core();
    if (wanted.wait_at_most < never)
        timer_ = std::make_unique<asio::steady_timer>(timer_executor(), wanted.wait_at_most);
    waiting_room& room = waiting_room::require(core);
    const cell_handle handle = room.arm(*this, wanted.user.tag(), kind, &context);
    if (!handle) {
        core.events.count(core::event::rejected_queue_full, system::this_thread().stripe);
        error_ = errc::queue_full;
        if (!try_to_post()) throw std::bad_alloc{};
        static_cast<void>(owned.release());
        return;
    }
    static_cast<void>(owned.release());
    const auto enqueue = [&] {
        room.enqueue(handle);
        core::serve(core, system::this_thread());
    };
    try {
        if (slot.is_connected()) slot.emplace<canceller>(canceller{&core, handle});
        if (timer_) timer_->async_wait(timeout_handler{engine, handle, kind});
    } catch (...) {
        if (wait_base* const op = take_back(core, handle)) op->destroy();
        enqueue();
        throw;
    }
    // The operation, its handler and `wanted` may be gone by now, and are not touched.
    enqueue();
}

bool wait_base::try_to_post() noexcept {
    wait_base* const outer = std::exchange(posted_now, this);
    bool posted = true;
    try {
        post();
        // An executor that was shut down dropped the operation.
        if (posted_now != this) destroy();
    } catch (...) {
        posted = false;
    }
    posted_now = outer;
    return posted;
}

void wait_base::drop::operator()(wait_base* op) const noexcept {
    if (op == posted_now)
        posted_now = nullptr;
    else
        op->destroy();
}

void wait_base::deliver() {
    complete(aborted_ ? asio::error::operation_aborted : code_of(error_), std::move(granted_));
}

}  // namespace admit::detail
