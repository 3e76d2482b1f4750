// SPDX-License-Identifier: BSL-1.0
// `async_with_permit`: runs a body on a strand, and supervises its conversation. The body is
// cancelled when lifecycle/supervision.hpp asks the operation to end the conversation.
#include <admit/async.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <memory>
#include <optional>

#include "async/cancellation.hpp"
#include "async/context_shutdown.hpp"
#include "engine/access.hpp"
#include "lifecycle/supervision.hpp"
#include "system/this_thread.hpp"

namespace admit::detail {

namespace asio = boost::asio;

namespace {

class run_op final : public core::waiter_base, public std::enable_shared_from_this<run_op> {
public:
    run_op(request wanted, duration grace, asio::any_io_executor executor,
           std::unique_ptr<any_body> body, run_handler handler)
        : wanted_{std::move(wanted)},
          grace_{grace},
          strand_{asio::make_strand(std::move(executor))},
          body_{std::move(body)},
          handler_{std::move(handler)} {}

    /// Works under the permit that the caller holds, or asks for a permit.
    void start(std::optional<permit> held) {
        // Before anything has begun: without file descriptors the context makes no timer.
        retry_ = retry_timer_of(asio::query(strand_, asio::execution::context));
        connect(handler_, weak_from_this(), [](const auto& op, auto) {
            asio::dispatch(op->strand_, [op] {
                op->cancelled_ = true;
                op->cancel_body();
            });
        });
        answer given = held ? take(std::move(*held)) : ask(wanted_);
        if (given.final) {
            asio::post(strand_, [self = shared_from_this(), given = std::move(given)]() mutable {
                self->admitted(code_of(given.reason), std::move(given.granted));
            });
            return;
        }
        auto handler = asio::bind_executor(
            strand_, asio::bind_cancellation_slot(
                         cancelling_.slot(), [self = shared_from_this()](
                                                 boost::system::error_code error, permit granted) {
                             self->admitted(error, std::move(granted));
                         }));
        wait_op<decltype(handler)>::start(wanted_, core::wait_kind::for_slot, std::move(handler));
    }

    /// The conversation is to end: the body is cancelled, on its strand. Not posted to the strand:
    /// after a failure of its second allocation a strand of Asio never runs again.
    bool post() noexcept override try {
        asio::post(strand_.get_inner_executor(),
                   [self = shared_from_this()] { self->dispatch_cancel(); });
        return true;
    } catch (...) {
        retry_->soon();
        return false;
    }

    void abandon() noexcept override {
        retry_->leave();
        std::exchange(supervising_, nullptr).reset();
    }

private:
    /// In the frame of the body, so that supervision ends however the body ends, also when its
    /// context is destroyed.
    struct supervision_end {
        void operator()(run_op* op) const noexcept {
            if (!op->finished_) op->stop_supervising({});
        }
    };

    void dispatch_cancel() noexcept try {
        asio::dispatch(strand_, [self = shared_from_this()] { self->cancel_body(); });
    } catch (...) {
        cancel_again();
    }

    // A coroutine reacts to no other type by default, so all types become `terminal`.
    void cancel_body() noexcept try {
        cancelling_.emit(asio::cancellation_type::terminal);
    } catch (...) {  // no memory
        cancel_again();
    }

    /// The body could not be cancelled: once more, and later.
    void cancel_again() noexcept {
        if (!slot_) return;  // nothing has begun
        core::wake_again(slot_, result_.id.generation);
        retry_->soon();
    }

    /// The permit that the caller holds, as if it were granted now; an empty permit if another
    /// engine gave it.
    answer take(permit held) noexcept {
        if (held.id().engine != wanted_.engine.number()) {
            held.end(status::cancelled);
            held = {};
        }
        return {.final = true, .reason = {}, .granted = std::move(held)};
    }

    void admitted(boost::system::error_code error, permit granted) {
        result_.id = granted.id();
        if (!error && (cancelled_ || !granted)) {  // between the grant and this call
            granted.end(status::cancelled);
            error = asio::error::operation_aborted;
        }
        if (error) return reject(error);
        permit_ = std::move(granted);
        slot_ = access::slot(permit_);
        try {
            supervise();
            if (slot_.record().conversation.still(result_.id.generation)) return spawn();
        } catch (...) {  // no memory
            finish(std::current_exception());
            return complete();
        }
        // Another call has ended the conversation already: the body does not begin.
        stop_supervising({});
        const bool closed =
            !wanted_.engine.alive() || wanted_.engine.core().pool.gate().read().closed();
        if (closed) return reject(errc::shutting_down);
        reject(asio::error::operation_aborted);
    }

    void reject(boost::system::error_code reason) {
        result_.rejected = reason;
        complete();
    }

    void spawn() {
        asio::co_spawn(strand_, run_body(shared_from_this()),
                       asio::bind_cancellation_slot(
                           cancelling_.slot(),
                           [self = shared_from_this()](const std::exception_ptr& not_begun) {
                               if (!self->finished_) self->finish(not_begun);
                               self->complete();
                           }));
    }

    static asio::awaitable<void> run_body(std::shared_ptr<run_op> op) {
        const std::unique_ptr<run_op, supervision_end> supervised{op.get()};
        try {
            auto body = op->body_->run(op->permit_);
            co_await std::move(body);
            op->finish(nullptr);
        } catch (...) {
            op->finish(std::current_exception());
        }
    }

    void supervise() {
        retry_->enter();
        try {
            handle_ =
                core::supervise(wanted_.engine.core(), slot_, result_.id.generation, *this,
                                grace_.count(), &asio::query(strand_, asio::execution::context));
        } catch (...) {
        }
        if (!handle_) {
            retry_->leave();
            throw std::bad_alloc{};
        }
        supervising_ = shared_from_this();
    }

    /// Ends the conversation by what its body did. The engine's reason for a cancellation is
    /// stronger than the caller's.
    void finish(const std::exception_ptr& thrown) noexcept {
        finished_ = true;
        stop_supervising(!thrown      ? status::completed
                         : cancelled_ ? status::cancelled
                                      : status::error);
        if (end_request_ || cancelled_) result_.error = thrown;
        if (!end_request_) thrown_ = thrown;
    }

    /// Ends the conversation as the engine requested, or else as `how`, and departs.
    void stop_supervising(std::optional<status> how) noexcept {
        if (handle_) end_request_ = core::end_requested(slot_, handle_);
        if (end_request_) how = end_request_->how;
        // The body may have ended its permit, or given it away, also for another.
        const bool has_permit = permit_.id() == result_.id;
        const bool in_time = has_permit && how && permit_.end(*how);
        if (!in_time && handle_) end_request_ = core::end_requested(slot_, handle_);
        const status by_permit = access::ended_as(permit_);
        if (has_permit && (in_time || !end_request_ || by_permit != status::completed)) {
            result_.ended = by_permit;
        } else if (end_request_) {
            result_.ended = end_request_->how;
            result_.overstayed = end_request_->reclaimed;
        } else if (how) {
            result_.ended = *how;
        }
        // A context that is being destroyed has abandoned this operation before.
        if (supervising_ && core::unsupervise(wanted_.engine.core(), handle_)) abandon();
    }

    void complete() {
        asio::dispatch(strand_.get_inner_executor(), [self = shared_from_this()] {
            std::move(self->handler_)(std::move(self->thrown_), std::move(self->result_));
        });
    }

    const request wanted_;
    const duration grace_;
    const asio::strand<asio::any_io_executor> strand_;
    const std::unique_ptr<any_body> body_;
    run_handler handler_;
    asio::cancellation_signal cancelling_;
    bool cancelled_ = false;
    bool finished_ = false;

    permit permit_;  ///< the body may move it away
    outcome result_;
    std::exception_ptr thrown_;
    core::slot_ref slot_;
    core::cell_handle handle_;
    std::optional<core::end_request> end_request_;
    std::shared_ptr<run_op> supervising_;  ///< this operation, while it can be woken
    std::shared_ptr<retry_timer> retry_;   ///< that of the context
};

}  // namespace

inline namespace ADMIT_ASIO_BUILD {

void run(request wanted, duration grace, asio::any_io_executor executor,
         std::unique_ptr<any_body> body, run_handler handler) {
    std::make_shared<run_op>(std::move(wanted), grace, std::move(executor), std::move(body),
                             std::move(handler))
        ->start(std::nullopt);
}

void run_held(engine_ref engine, duration grace, asio::any_io_executor executor, permit held,
              std::unique_ptr<any_body> body, run_handler handler) {
    std::make_shared<run_op>(request{engine, duration::zero()}, grace, std::move(executor),
                             std::move(body), std::move(handler))
        ->start(std::move(held));
}

}  // namespace ADMIT_ASIO_BUILD
}  // namespace admit::detail
