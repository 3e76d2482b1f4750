// The compiled part of every wait: how it begins, and how grant, time-out and cancellation end it.
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

/// An operation is being posted by this thread. When the post throws, what was to own the operation
/// is destroyed within it; then the operation is still the poster's.
constinit thread_local wait_base* being_posted = nullptr;

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

/// The operation, if it is still waiting; then it is the caller's, waits no more, and gives back
/// what it may have been granted.
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
        // Without memory to post, sooner inside the emission than never.
        if (!op->try_to_post()) op->deliver();
    }
};

struct wait_base::timeout_handler {
    engine_ref engine;
    cell_handle handle;
    core::wait_kind what;

    // The error code does not matter: if the wait is over, the ticket is out of date.
    void operator()(const boost::system::error_code&) const {
        // One who could not be told that the engine goes waits on, and does not count for the next.
        const engine_pin there{engine};
        wait_base* const op = take_back(engine.core(), handle);
        if (op == nullptr) return;
        if (what == core::wait_kind::for_slot && there)
            engine.core().events.count(core::event::rejected_wait_timeout,
                                       system::this_thread().stripe);
        op->error_ = errc::wait_timeout;
        op->deliver();
    }
};

void wait_base::start(const request& what, core::wait_kind kind, asio::execution_context& context,
                      asio::cancellation_slot slot) {
    std::unique_ptr<wait_base, void (*)(wait_base*)> owned{this,
                                                           [](wait_base* op) { op->destroy(); }};
    register_shutdown_hook(context);
    const engine_ref engine = what.engine;
    core::engine_core& core = engine.core();
    if (what.wait_at_most < duration::max())
        timer_ = std::make_unique<asio::steady_timer>(timer_executor(), what.wait_at_most);
    waiting_room& room = waiting_room::require(core);
    const cell_handle handle = room.arm(*this, what.user.tag(), kind, &context);
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
    // The operation, and what asked for it, may be over by now: nothing of theirs is touched.
    enqueue();
}

bool wait_base::try_to_post() noexcept {
    wait_base* const outer = std::exchange(being_posted, this);
    bool posted = true;
    try {
        post();
        // Dropped on the way, by an executor that is shut down.
        if (being_posted != this) destroy();
    } catch (...) {
        posted = false;
    }
    being_posted = outer;
    return posted;
}

void wait_base::dropped(wait_base* op) noexcept {
    if (op == being_posted)
        being_posted = nullptr;
    else
        op->destroy();
}

void wait_base::deliver() {
    complete(aborted_ ? asio::error::operation_aborted : code_of(error_), std::move(granted_));
}

}  // namespace admit::detail
