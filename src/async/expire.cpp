// SPDX-License-Identifier: BSL-1.0
// `async_expire`: a loop of a timer and a call of `core::expire`.
#include <admit/async.hpp>
#include <algorithm>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <new>

#include "async/cancellation.hpp"
#include "engine/engine_pin.hpp"
#include "engine/limits.hpp"
#include "lifecycle/expiry.hpp"
#include "state/settings.hpp"
#include "system/this_thread.hpp"
#include "waiting/serving.hpp"

namespace admit::detail {

namespace asio = boost::asio;

namespace {

class expire_op : public std::enable_shared_from_this<expire_op> {
public:
    expire_op(engine_ref engine, duration interval, asio::any_io_executor executor,
              expire_handler handler)
        : engine_{engine},
          interval_{interval},
          timer_{std::move(executor)},
          due_{std::chrono::steady_clock::now()},
          handler_{std::move(handler)} {}

    void start() {
        connect(handler_, weak_from_this(), [](const auto& op, auto) { op->cancel(); });
        wait();
    }

private:
    void wait() {
        // The next multiple of the interval that has not passed, or the end of time.
        const time_point now = std::chrono::steady_clock::now();
        due_ += interval_ * ((now - due_) / interval_);
        due_ =
            time_point{duration{core::after(due_.time_since_epoch().count(), interval_.count())}};
        timer_.expires_at(due_);
        timer_.async_wait(asio::bind_allocator(
            handler_.get_allocator(),
            [self = shared_from_this()](const boost::system::error_code&) { self->tick(); }));
    }

    void tick() {
        if (cancelled_) return complete(asio::error::operation_aborted);
        if (!sweep()) return complete(errc::shutting_down);
        try {
            wait();
        } catch (const std::bad_alloc&) {
            complete(asio::error::no_memory);
        }
    }

    /// Ends what is due. False: the engine has gone.
    bool sweep() {
        const engine_pin pin{engine_};
        if (!pin) return false;
        core::engine_core& core = engine_.core();
        auto& thread = system::this_thread();
        core::expire(core, core.now(), thread);
        core::serve(core, thread);  // waiters with a post that failed earlier
        return true;
    }

    void cancel() {
        cancelled_ = true;
        timer_.cancel();
    }

    void complete(boost::system::error_code error) { std::move(handler_)(error); }

    const engine_ref engine_;
    const duration interval_;
    asio::steady_timer timer_;
    time_point due_;
    expire_handler handler_;
    bool cancelled_ = false;
};

}  // namespace

void check_interval(duration interval) {
    check_positive("async_expire: interval", interval, "more than 0 ns");
}

inline namespace ADMIT_ASIO_BUILD {

void expire(engine_ref engine, duration interval, asio::any_io_executor executor,
            expire_handler handler) {
    std::make_shared<expire_op>(engine, interval, std::move(executor), std::move(handler))->start();
}

}  // namespace ADMIT_ASIO_BUILD
}  // namespace admit::detail
