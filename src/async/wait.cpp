// SPDX-License-Identifier: BSL-1.0
// The compiled part of every wait (`wait_base`): how a wait begins, and how a grant, the timer or a
// cancellation ends it. admit.cpp, run.cpp and drain.cpp start waits through `wait_op`.
#include <admit/detail/wait_op.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <memory>
#include <new>

#include "async/context_shutdown.hpp"
#include "engine/access.hpp"
#include "engine/engine_pin.hpp"
#include "lifecycle/starting.hpp"
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

void wait_base::accept(const core::verdict& verdict) noexcept {
    if (verdict) granted_ = access::make_permit(verdict, engine_.number());
    error_ = verdict.reason;
}

/// Ends the wait of an operation that still waits, which the caller then owns. Null if the wait had
/// ended.
wait_base* wait_base::take_back(core::engine_core& core, const cell_handle& handle) noexcept {
    core::waiter_base* const waiter = waiting_room::find(core)->withdraw(core, handle);
    if (waiter != nullptr) core::serve(core, system::this_thread());
    return static_cast<wait_base*>(waiter);
}

struct wait_base::canceller {
    core::engine_core* core;
    cell_handle handle;

    void operator()(asio::cancellation_type type) const {
        if (type == asio::cancellation_type::none) return;
        wait_base* op = take_back(*core, handle);
        if (op != nullptr)
            op->aborted_ = true;
        else  // A verdict stands, even if it was not posted so far.
            op = static_cast<wait_base*>(waiting_room::find(*core)->take(handle));
        // If posting fails, complete inside the cancellation call.
        if (op != nullptr && !op->post()) op->deliver();
    }
};

struct wait_base::timeout_handler {
    engine_ref engine;
    cell_handle handle;
    core::wait_kind kind;

    // The error code does not matter: after the wait the handle is out of date.
    void operator()(const boost::system::error_code&) const {
        core::engine_core& core = engine.core();
        const engine_pin pin{engine};
        if (wait_base* const op = take_back(core, handle)) {
            if (kind == core::wait_kind::for_slot && pin)
                core::reject(core, errc::wait_timeout, system::this_thread());
            op->error_ = errc::wait_timeout;
            op->deliver();
        } else if (core::waiter_base* const settled = waiting_room::find(core)->take(handle)) {
            static_cast<wait_base*>(settled)->deliver();  // it could not be posted so far
        }
    }
};

void wait_base::start(const request& wanted, core::wait_kind kind, asio::execution_context& context,
                      asio::cancellation_slot slot) {
    std::unique_ptr<wait_base, void (*)(wait_base*)> owned{this,
                                                           [](wait_base* op) { op->destroy(); }};
    register_shutdown_hook(context, wanted.wait_at_most < never);
    const engine_ref engine = wanted.engine;
    core::engine_core& core = engine.core();
    if (wanted.wait_at_most < never)
        timer_ = std::make_unique<asio::steady_timer>(timer_executor(), wanted.wait_at_most);
    waiting_room& room = waiting_room::require(core);
    const core::wait_terms terms{.engine = engine.number(),
                                 .kind = kind,
                                 .user = {wanted.user.id(), wanted.user.tag()},
                                 .priority = wanted.priority,
                                 .own_limit = core::own_limit(wanted.max_per_user)};
    cell_handle handle;
    if (const errc reason = room.begin(core, *this, terms, &context, handle); reason != errc{}) {
        error_ = core::reject(core, reason, system::this_thread());
        core::serve(core, system::this_thread());
        if (!post()) throw std::bad_alloc{};
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

bool wait_base::post() noexcept {
    wait_base* const outer = std::exchange(posted_now, this);
    bool posted = true;
    try {
        post_delivery();
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
