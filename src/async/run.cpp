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
#include <boost/system/system_error.hpp>
#include <memory>

#include "async/cancellation.hpp"
#include "async/context_shutdown.hpp"
#include "engine/access.hpp"
#include "lifecycle/supervision.hpp"
#include "system/this_thread.hpp"

namespace admit::detail {

namespace asio = boost::asio;

namespace {

/// Whether a body that was cancelled threw this because of the cancellation.
bool is_cancellation(const std::exception_ptr& thrown) noexcept {
    if (!thrown) return false;
    try {
        std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& error) {
        return error.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

class run_op final : public core::waiter_base, public std::enable_shared_from_this<run_op> {
public:
    run_op(request wanted, duration grace, asio::any_io_executor executor,
           std::unique_ptr<any_body> body, run_handler handler)
        : wanted_{std::move(wanted)},
          grace_{grace},
          strand_{asio::make_strand(std::move(executor))},
          body_{std::move(body)},
          handler_{std::move(handler)} {}

    void start() {
        // Before anything has begun: without file descriptors the context makes no timer.
        retry_ = retry_timer_of(asio::query(strand_, asio::execution::context));
        connect(handler_, weak_from_this(), [](const auto& op, auto) {
            asio::dispatch(op->strand_, [op] {
                op->cancelled_ = true;
                op->cancel_body();
            });
        });
        answer given = ask(wanted_);
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
        void operator()(run_op* op) const noexcept { op->stop_supervising(); }
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
        core::wake_again(slot_, id_.generation);
        retry_->soon();
    }

    void admitted(boost::system::error_code error, permit granted) {
        if (!error && cancelled_) {  // between the grant and this call
            granted.end();
            error = asio::error::operation_aborted;
        }
        if (error) return reject(error);
        permit_ = std::move(granted);
        id_ = permit_.id();
        slot_ = access::slot(permit_);
        try {
            supervise();
            if (slot_.record().conversation.still(id_.generation)) return spawn();
        } catch (...) {  // no memory
            if (supervising_) stop_supervising();
            return ended(std::current_exception());
        }
        // Another call has ended the conversation already: the body does not begin.
        stop_supervising();
        const bool closed =
            !wanted_.engine.alive() || wanted_.engine.core().pool.gate().read().closed();
        if (closed) return reject(errc::shutting_down);
        reject(asio::error::operation_aborted);
    }

    void reject(boost::system::error_code reason) {
        outcome rejected;
        rejected.rejected = reason;
        rejected.id = id_;
        complete(nullptr, rejected);
    }

    void spawn() {
        asio::co_spawn(
            strand_, run_body(shared_from_this()),
            asio::bind_cancellation_slot(cancelling_.slot(),
                                         [self = shared_from_this()](std::exception_ptr thrown) {
                                             self->ended(std::move(thrown));
                                         }));
    }

    static asio::awaitable<void> run_body(std::shared_ptr<run_op> op) {
        const std::unique_ptr<run_op, supervision_end> supervised{op.get()};
        auto body = op->body_->run(op->permit_);
        co_await std::move(body);
    }

    void supervise() {
        retry_->enter();
        try {
            handle_ =
                core::supervise(wanted_.engine.core(), slot_, id_.generation, *this, grace_.count(),
                                &asio::query(strand_, asio::execution::context));
        } catch (...) {
        }
        if (!handle_) {
            retry_->leave();
            throw std::bad_alloc{};
        }
        supervising_ = shared_from_this();
    }

    void stop_supervising() noexcept {
        end_request_ = core::end_requested(slot_, handle_);
        if (end_request_ && permit_.end(end_request_->how))
            end_request_->reclaimed = false;  // ended within its grace
        else if (end_request_)
            end_request_ = core::end_requested(slot_, handle_);
        // A context that is being destroyed has abandoned this operation before.
        if (supervising_ && core::unsupervise(wanted_.engine.core(), handle_)) abandon();
    }

    void ended(std::exception_ptr thrown) {
        outcome result;
        result.id = id_;
        result.ended = end_request_ ? end_request_->how
                       : thrown     ? status::error
                                    : status::completed;
        result.overstayed = end_request_ && end_request_->reclaimed;
        if (permit_) {  // the body has not moved it away
            // As what the statistics have counted it, if it was told to end meanwhile.
            const auto end = core::end_as(access::slot(permit_), permit_.id().generation,
                                          result.ended, system::this_thread());
            if (end) result.ended = end.how;
        }
        if (end_request_ && is_cancellation(thrown)) thrown = nullptr;
        complete(std::move(thrown), result);
    }

    void complete(std::exception_ptr thrown, const outcome& result) {
        asio::dispatch(strand_.get_inner_executor(),
                       [self = shared_from_this(), thrown = std::move(thrown), result]() mutable {
                           std::move(self->handler_)(std::move(thrown), result);
                       });
    }

    const request wanted_;
    const duration grace_;
    const asio::strand<asio::any_io_executor> strand_;
    const std::unique_ptr<any_body> body_;
    run_handler handler_;
    asio::cancellation_signal cancelling_;
    bool cancelled_ = false;

    permit permit_;       ///< the body may move it away
    conversation_id id_;  ///< of no conversation until one began
    core::slot_ref slot_;
    core::cell_handle handle_;
    std::optional<core::end_request> end_request_;
    std::shared_ptr<run_op> supervising_;  ///< this operation, while it can be woken
    std::shared_ptr<retry_timer> retry_;   ///< that of the context
};

}  // namespace

void run(request wanted, duration grace, asio::any_io_executor executor,
         std::unique_ptr<any_body> body, run_handler handler) {
    std::make_shared<run_op>(std::move(wanted), grace, std::move(executor), std::move(body),
                             std::move(handler))
        ->start();
}

}  // namespace admit::detail
