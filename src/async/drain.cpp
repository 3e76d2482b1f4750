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
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <memory>
#include <new>
#include <optional>

#include "async/cancellation.hpp"
#include "engine/engine_pin.hpp"
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
          handler_{std::move(handler)},
          pin_{std::in_place, engine_} {}

    void start() {
        connect(handler_, weak_from_this(), [](const auto& op, asio::cancellation_type type) {
            op->cancelled_ = true;
            op->cancelling_.emit(type);
        });
        // A context that cannot have timers says so here, before the engine is closed.
        if (deadline_ < forever) static_cast<void>(asio::steady_timer{executor_});
        // A deferred drain may begin after its engine has gone.
        if (*pin_) close();
        if (*pin_ && deadline_ > duration::zero())
            wait(deadline_);
        else
            asio::post(executor_, [self = shared_from_this()] { self->cut(); });
    }

private:
    /// How soon a drain looks again for an admission that was under way when the engine closed.
    static constexpr duration first_delay = std::chrono::milliseconds{10};
    static constexpr duration max_delay = std::chrono::seconds{1};

    void close() {
        core::engine_core& core = engine_.core();
        // Made before the engine is closed, so that an engine that goes meanwhile finds it.
        core::waiting_room::require(core);
        core.pool.gate().close();
        ended_at_close_ = core::ended_uncut(core);
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
        if (!*pin_ || !engine_.alive()) return complete({});
        try {
            cut_off();
        } catch (const std::bad_alloc&) {
            complete(asio::error::no_memory);
        } catch (const boost::system::system_error& error) {
            complete(error.code());
        }
    }

    void cut_off() {
        core::engine_core& core = engine_.core();
        const core::nanos now = core.now();
        const std::size_t before = report_.cut.size();
        const core::nanos again = core::cut_off(core, now, report_.cut, system::this_thread());
        // Waits for idleness in any case: a conversation that has ended may still hold its slot.
        // But not for ever: an admission that passed the gate before it closed may begin only now.
        // Its call took at least as long as this drain has looked for it, so the delay may double.
        delay_ = report_.cut.size() > before ? first_delay : std::min(2 * delay_, max_delay);
        wait(std::min(std::max(duration{again - now}, duration{1}), delay_));
    }

    void complete(boost::system::error_code error) {
        if (*pin_) {
            const core::engine_core& core = engine_.core();
            report_.completed = static_cast<std::size_t>(core::ended_uncut(core) - ended_at_close_);
            report_.overstayed = core::overstayed_of(core, report_.cut);
        }
        pin_.reset();
        std::move(handler_)(error, std::move(report_));
    }

    const engine_ref engine_;
    const duration deadline_;
    const asio::any_io_executor executor_;
    drain_handler handler_;
    asio::cancellation_signal cancelling_;
    bool cancelled_ = false;
    drain_report report_;
    /// Keeps the memory from the next engine, since the report is made from it.
    std::optional<engine_pin> pin_;
    std::uint64_t ended_at_close_ = 0;
    duration delay_ = first_delay / 2;
};

}  // namespace

inline namespace ADMIT_ASIO_BUILD {

void drain(engine_ref engine, duration deadline, asio::any_io_executor executor,
           drain_handler handler) {
    std::make_shared<drain_op>(engine, deadline, std::move(executor), std::move(handler))->start();
}

}  // namespace ADMIT_ASIO_BUILD
}  // namespace admit::detail
