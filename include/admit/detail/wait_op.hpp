// SPDX-License-Identifier: BSL-1.0
// The operation behind each wait: `async_admit` and `async_with_permit` wait for a slot,
// `async_drain` for idleness. src/async/wait.cpp has its compiled part. Not for users of the
// library. Classes here that a coroutine may hold have constructors: g++ 12 destroys a temporary
// aggregate of a `co_await` expression twice.
#pragma once

#include <admit/detail/any_handler.hpp>
#include <admit/detail/owned_user.hpp>
#include <admit/detail/public.hpp>
#include <admit/detail/waiter_base.hpp>
#include <admit/error.hpp>
#include <admit/permit.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/system/error_code.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace admit {

namespace core {
struct cell_handle;
}

namespace detail {

/// What an operation asks of an engine, and how long the operation may wait for it.
struct request {
    /// Asks for a conversation of a user, with `wait_options` or `work_options`.
    template <class User, class Options>
    request(engine_ref asked, const User& id, const Options& options)
        : engine{asked},
          user{asked, id},
          wait_at_most{options.wait_at_most},
          max_per_user{options.max_per_user},
          priority{static_cast<std::uint8_t>(options.priority)} {}
    /// Asks for idleness, the end of the last conversation.
    request(engine_ref asked, duration at_most) : engine{asked}, wait_at_most{at_most} {}

    engine_ref engine;
    owned_user user;
    duration wait_at_most;
    std::optional<std::size_t> max_per_user;
    std::uint8_t priority = 0;
};

/// The executor of a handler; for a handler without one the system executor, which is that of the
/// operations. It is named because Asio's own choice is another since 1.38.
template <class Handler>
using executor_t = boost::asio::associated_executor_t<Handler, boost::asio::system_executor>;
template <class Handler>
executor_t<Handler> associated_executor(const Handler& handler) noexcept {
    return boost::asio::get_associated_executor(handler, boost::asio::system_executor{});
}

/// The same in the type that the compiled part uses.
template <class Handler>
boost::asio::any_io_executor executor_of(const Handler& handler) {
    using executor = executor_t<Handler>;
    static_assert(std::constructible_from<boost::asio::any_io_executor, executor>,
                  "the handler's executor has to be convertible to boost::asio::any_io_executor");
    return boost::asio::any_io_executor{associated_executor(handler)};
}

/// The error code of a reason; no error for no reason.
inline boost::system::error_code code_of(errc reason) noexcept {
    return reason == errc{} ? boost::system::error_code{} : make_error_code(reason);
}

/// The part of a waiting operation that does not depend on its handler.
///
/// Three things can end the wait: a grant or rejection, the timer, and the cancellation slot. One
/// compare-and-swap in the engine decides between them, and the losers do nothing. The winner alone
/// continues the operation, so that no reference count is needed.
class ADMIT_PUBLIC wait_base : public core::waiter_base {
public:
    wait_base(const wait_base&) = delete;
    wait_base& operator=(const wait_base&) = delete;

    void accept(const core::verdict& verdict) noexcept final;
    bool post() noexcept final;
    void abandon() noexcept final { destroy(); }

    /// Completes the operation, on the handler's executor.
    void deliver();

protected:
    /// Drops an operation when its executor destroys the posted function without calling it.
    struct drop {
        void operator()(wait_base* op) const noexcept;
    };
    /// Owns an operation on its way to its executor.
    using delivery = std::unique_ptr<wait_base, drop>;

    explicit wait_base(engine_ref engine) : engine_{engine} {}
    ~wait_base() = default;

    /// Starts the wait, after which the operation may be over at any time; it is over when this
    /// throws. The caller keeps the engine's memory meanwhile, by an engine that lives or by a pin.
    void start(const request& wanted, core::wait_kind kind, boost::asio::execution_context& context,
               boost::asio::cancellation_slot slot);

private:
    struct canceller;        // the handler of the cancellation slot
    struct timeout_handler;  // the handler of the timer

    static wait_base* take_back(core::engine_core& core, const core::cell_handle& handle) noexcept;

    /// Posts a `delivery` of this to the handler's executor. Throws what the executor throws.
    virtual void post_delivery() = 0;
    /// Frees the operation and calls its handler.
    virtual void complete(boost::system::error_code error, permit granted) = 0;
    /// Frees the operation.
    virtual void destroy() noexcept = 0;
    virtual boost::asio::any_io_executor timer_executor() const = 0;

    std::unique_ptr<boost::asio::steady_timer> timer_;  ///< null for a wait without a time limit
    permit granted_;
    const engine_ref engine_;
    errc error_{};
    bool aborted_ = false;
};

template <class Handler>
class wait_op final : public wait_base {
public:
    /// Starts a wait. The handler is called as that of `async_admit`; its permit is empty after a
    /// wait for idleness.
    static void start(const request& wanted, core::wait_kind kind, Handler handler) {
        auto memory = handler_memory<Handler>::template of<wait_op>(handler);
        wait_op* const place = traits::allocate(memory, 1);
        wait_op* op = nullptr;
        try {
            op = new (place) wait_op{wanted.engine, handler};
        } catch (...) {
            traits::deallocate(memory, place, 1);
            throw;
        }
        op->wait_base::start(wanted, kind,
                             boost::asio::query(op->work_, boost::asio::execution::context),
                             boost::asio::get_associated_cancellation_slot(op->handler_));
    }

private:
    using executor_type = executor_t<Handler>;
    using tracked_type = std::decay_t<decltype(boost::asio::prefer(
        std::declval<executor_type>(), boost::asio::execution::outstanding_work.tracked))>;
    using traits =
        std::allocator_traits<typename handler_memory<Handler>::template rebound<wait_op>>;

    wait_op(engine_ref engine, Handler& handler)
        : wait_base{engine},
          work_{boost::asio::prefer(associated_executor(handler),
                                    boost::asio::execution::outstanding_work.tracked)},
          handler_{std::move(handler)} {}

    void post_delivery() override {
        // A copy, since this may be gone before the call returns.
        const executor_type executor = associated_executor(handler_);
        boost::asio::post(executor,
                          boost::asio::bind_allocator(
                              boost::asio::get_associated_allocator(handler_),
                              [op = delivery{this}]() mutable { op.release()->deliver(); }));
    }

    void complete(boost::system::error_code error, permit granted) override {
        [[maybe_unused]] const tracked_type work = std::move(work_);
        // The memory is freed first, so that the next operation can use it.
        Handler handler = std::move(handler_);
        free(handler);
        std::move(handler)(error, std::move(granted));
    }

    void destroy() noexcept override {
        const Handler handler = std::move(handler_);
        free(handler);
    }

    void free(const Handler& handler) noexcept {
        auto memory = handler_memory<Handler>::template of<wait_op>(handler);
        this->~wait_op();
        traits::deallocate(memory, this, 1);
    }

    boost::asio::any_io_executor timer_executor() const override { return executor_of(handler_); }

    tracked_type work_;  ///< the handler's executor has work while this is pending
    Handler handler_;
};

}  // namespace detail
}  // namespace admit
