// SPDX-License-Identifier: BSL-1.0
// `async_drain`: closes the engine, waits for the last conversation to end, and after the deadline
// ends the rest (engine/draining.hpp) and waits again.
#include "engine/draining.hpp"

#include <admit/async.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <new>

#include "async/cancellation.hpp"
#include "async/engine_pin.hpp"
#include "engine/inspection.hpp"
#include "system/this_thread.hpp"
#include "waiting/waiting_room.hpp"

namespace admit::detail {

namespace asio = boost::asio;

namespace {

class drain_op : public std::enable_shared_from_this<drain_op> {
public:
    drain_op(engine_ref engine, duration deadline, asio::any_io_executor executor,
             drain_handler handler)
        : engine_{engine},
          deadline_{deadline},
          executor_{std::move(executor)},
          handler_{std::move(handler)} {}

    void start() {
        connect(handler_, weak_from_this(), [](const auto& op, asio::cancellation_type type) {
            op->cancelled_ = true;
            op->cancelling_.emit(type);
        });
        // A deferred drain may begin after its engine has gone.
        const engine_pin pin{engine_};
        if (pin) close();
        if (pin && deadline_ > duration::zero())
            wait(deadline_);
        else
            asio::post(executor_, [self = shared_from_this()] { self->cut(); });
    }

private:
    void close() {
        core::engine_core& core = engine_.core();
        // Made before the engine is closed, so that an engine that goes meanwhile finds it.
        core::waiting_room::require(core);
        core.pool.gate().close();
        active_at_close_ = core::active_count(core);
        overstayed_at_close_ = overstayed();
        core::serve(core, system::this_thread());
    }

    void wait(duration at_most) {
        auto handler = asio::bind_executor(
            executor_,
            asio::bind_cancellation_slot(
                cancelling_.slot(), [self = shared_from_this()](boost::system::error_code error,
                                                                permit) { self->waited(error); }));
        wait_op<decltype(handler)>::start(request{engine_, at_most}, core::wait_kind::for_idle,
                                          std::move(handler));
    }

    void waited(boost::system::error_code error) {
        if (error == errc::wait_timeout)
            cut();
        else
            complete(cancelled_ || engine_.alive() ? error : boost::system::error_code{});
    }

    void cut() {
        if (cancelled_) return complete(asio::error::operation_aborted);
        const engine_pin pin{engine_};
        if (!pin) return complete({});
        try {
            cut_off();
        } catch (const std::bad_alloc&) {
            complete(asio::error::no_memory);
        }
    }

    void cut_off() {
        core::engine_core& core = engine_.core();
        const core::nanos now = core.now();
        const core::nanos again = core::cut_off(core, now, report_.cut, system::this_thread());
        // Waits for idleness in any case: a conversation that has ended may still hold its slot.
        const bool done = again == core::end_of_time;
        wait(done ? forever : std::max(duration{again - now}, duration{1}));
    }

    void complete(boost::system::error_code error) {
        report_.completed = active_at_close_ - std::min(active_at_close_, report_.cut.size());
        if (const engine_pin pin{engine_})
            report_.overstayed = static_cast<std::size_t>(overstayed() - overstayed_at_close_);
        std::move(handler_)(error, std::move(report_));
    }

    std::uint64_t overstayed() const noexcept {
        return engine_.core().events.sum()[static_cast<std::size_t>(core::event::overstayed)];
    }

    const engine_ref engine_;
    const duration deadline_;
    const asio::any_io_executor executor_;
    drain_handler handler_;
    asio::cancellation_signal cancelling_;
    bool cancelled_ = false;
    drain_report report_;
    std::size_t active_at_close_ = 0;
    std::uint64_t overstayed_at_close_ = 0;
};

}  // namespace

void drain(engine_ref engine, duration deadline, asio::any_io_executor executor,
           drain_handler handler) {
    std::make_shared<drain_op>(engine, deadline, std::move(executor), std::move(handler))->start();
}

}  // namespace admit::detail
