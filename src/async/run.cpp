// `async_with_permit`: a conversation, a body on a strand, and somebody who sees to its end.
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

class work_op final : public core::waiter_base, public std::enable_shared_from_this<work_op> {
public:
    work_op(request what, duration grace, asio::any_io_executor executor,
            std::unique_ptr<work_body> body, work_handler handler)
        : what_{std::move(what)},
          grace_{grace},
          strand_{asio::make_strand(std::move(executor))},
          body_{std::move(body)},
          handler_{std::move(handler)} {}

    void start() {
        connect(handler_, weak_from_this(), [](const auto& op, auto) {
            asio::dispatch(op->strand_, [op] {
                op->cancelled_ = true;
                // Whatever type was asked for: a coroutine heeds no other by default.
                op->cancelling_.emit(asio::cancellation_type::terminal);
            });
        });
        answer given = ask(what_);
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
        wait_op<decltype(handler)>::start(what_, core::wait_kind::for_slot, std::move(handler));
    }

    /// The conversation's time is up: the body is cancelled, on its strand.
    bool wake(const core::verdict&) noexcept override try {
        asio::post(strand_, [self = shared_from_this()] {
            self->cancelling_.emit(asio::cancellation_type::terminal);
        });
        return true;
    } catch (...) {
        return false;
    }

    void abandon() noexcept override { std::exchange(supervising_, nullptr).reset(); }

private:
    /// In the frame of the body: whatever ends the body, be it the end of its context, ends this.
    class supervision {
    public:
        explicit supervision(std::shared_ptr<work_op> op) : op_{std::move(op)} {}
        supervision(const supervision&) = delete;
        supervision& operator=(const supervision&) = delete;
        ~supervision() { op_->stop_supervising(); }

    private:
        std::shared_ptr<work_op> op_;
    };

    void admitted(boost::system::error_code error, permit granted) {
        if (!error && cancelled_) {  // on its way here
            granted.end();
            error = asio::error::operation_aborted;
        }
        if (error) {
            outcome rejected;
            rejected.rejected = error;
            return complete(nullptr, rejected);
        }
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
        came_too_late();
    }

    /// Somebody ended the conversation while it was on its way here: the body does not begin.
    void came_too_late() {
        stop_supervising();
        outcome rejected;
        rejected.id = id_;
        rejected.rejected = asio::error::operation_aborted;
        if (!what_.engine.alive() || what_.engine.core().pool.gate().read().closed())
            rejected.rejected = errc::shutting_down;
        complete(nullptr, rejected);
    }

    void spawn() {
        asio::co_spawn(
            strand_, run(shared_from_this()),
            asio::bind_cancellation_slot(cancelling_.slot(),
                                         [self = shared_from_this()](std::exception_ptr thrown) {
                                             self->ended(std::move(thrown));
                                         }));
    }

    static asio::awaitable<void> run(std::shared_ptr<work_op> op) {
        const supervision watching{op};
        auto body = op->body_->run(op->permit_);
        co_await std::move(body);
    }

    void supervise() {
        auto& context = asio::query(strand_, asio::execution::context);
        register_shutdown_hook(context);
        ticket_ = core::supervise(what_.engine.core(), slot_, id_.generation, *this, grace_.count(),
                                  &context);
        if (!ticket_) throw std::bad_alloc{};
        supervising_ = shared_from_this();
    }

    void stop_supervising() noexcept {
        end_request_ = core::end_requested(slot_, ticket_);
        if (end_request_ && permit_.end(end_request_->how))
            end_request_->reclaimed = false;  // in time
        else if (end_request_)
            end_request_ = core::end_requested(slot_, ticket_);
        // Not, if the context goes: it has seen to that.
        if (supervising_ && core::unsupervise(what_.engine.core(), ticket_)) abandon();
    }

    void ended(std::exception_ptr thrown) {
        outcome result;
        result.id = id_;
        result.ended = end_request_ ? end_request_->how
                       : thrown     ? status::error
                                    : status::completed;
        result.overstayed = end_request_ && end_request_->reclaimed;
        permit_.end(result.ended);
        if (end_request_ && is_cancellation(thrown)) thrown = nullptr;
        complete(std::move(thrown), result);
    }

    /// What a body throws that was cancelled.
    static bool is_cancellation(const std::exception_ptr& thrown) noexcept {
        if (!thrown) return false;
        try {
            std::rethrow_exception(thrown);
        } catch (const boost::system::system_error& error) {
            return error.code() == asio::error::operation_aborted;
        } catch (...) {
            return false;
        }
    }

    void complete(std::exception_ptr thrown, const outcome& result) {
        asio::dispatch(strand_.get_inner_executor(),
                       [self = shared_from_this(), thrown = std::move(thrown), result]() mutable {
                           std::move(self->handler_)(std::move(thrown), result);
                       });
    }

    const request what_;
    const duration grace_;
    const asio::strand<asio::any_io_executor> strand_;
    const std::unique_ptr<work_body> body_;
    work_handler handler_;
    asio::cancellation_signal cancelling_;
    bool cancelled_ = false;

    permit permit_;  ///< which the body may give away
    conversation_id id_;
    core::slot_ref slot_;
    core::cell_handle ticket_;
    std::optional<core::end_request> end_request_;
    std::shared_ptr<work_op> supervising_;  ///< itself, while it can be woken
};

}  // namespace

void work(request what, duration grace, asio::any_io_executor executor,
          std::unique_ptr<work_body> body, work_handler handler) {
    std::make_shared<work_op>(std::move(what), grace, std::move(executor), std::move(body),
                              std::move(handler))
        ->start();
}

}  // namespace admit::detail
