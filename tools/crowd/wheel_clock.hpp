// SPDX-License-Identifier: BSL-1.0
// Asynchronous sleeps by a timing wheel: one timer of Asio for all sleeps of a context.
// A sleep never ends early. It ends late by up to a tick and the time of other handlers.
// Used by sleepers.hpp.
#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "crowd/timing_wheel.hpp"

namespace admit::crowd {

/// For a context with one thread; only that thread may use the clock. The destructor destroys the
/// handlers of unfinished sleeps without calling them.
class wheel_clock {
public:
    using clock = std::chrono::steady_clock;

    explicit wheel_clock(boost::asio::io_context& context,
                         clock::duration tick_length = std::chrono::milliseconds{1});
    ~wheel_clock();
    wheel_clock(const wheel_clock&) = delete;
    wheel_clock& operator=(const wheel_clock&) = delete;

    /// Handler signature: `void(boost::system::error_code)`, with `operation_aborted` if cancelled
    /// by the cancellation slot of the handler. The handler is never called within this function.
    /// It runs on its associated executor, by default that of the context.
    template <class CompletionToken>
    auto async_wait_until(clock::time_point when, CompletionToken&& token) {
        return boost::asio::async_initiate<CompletionToken, void(boost::system::error_code)>(
            initiation{this, when}, token);
    }

private:
    struct sleeper : wheel_entry {
        /// Deletes the object and calls its handler, by dispatch if `now` or by a post.
        virtual void complete(boost::system::error_code error, bool now) = 0;
        /// Deletes the object without calling its handler.
        virtual void destroy() noexcept = 0;

    protected:
        ~sleeper() = default;
    };

    struct canceller {
        sleeper* target;
        void operator()(boost::asio::cancellation_type type) const {
            if (type == boost::asio::cancellation_type::none) return;
            target->complete(boost::asio::error::operation_aborted, false);
        }
    };

    template <class Handler>
    class sleeping_handler final : public sleeper {
    public:
        static sleeping_handler& make(wheel_clock& wheel, Handler handler) {
            allocator memory{source(handler)};
            return *new (memory.allocate(1)) sleeping_handler{wheel, std::move(handler)};
        }

        void complete(boost::system::error_code error, bool now) override {
            auto slot = boost::asio::get_associated_cancellation_slot(handler_);
            if (slot.is_connected()) slot.clear();
            const auto executor =
                boost::asio::get_associated_executor(handler_, wheel_.timer_.get_executor());
            // The memory is freed before the handler is called, so that its next sleep reuses it.
            auto call = [handler = take(), error]() mutable { std::move(handler)(error); };
            if (now)
                boost::asio::dispatch(executor, std::move(call));
            else
                boost::asio::post(executor, std::move(call));
        }

        void destroy() noexcept override { [[maybe_unused]] const Handler handler = take(); }

        auto cancellation_slot() const {
            return boost::asio::get_associated_cancellation_slot(handler_);
        }

    private:
        static auto source(const Handler& handler) {
            return boost::asio::get_associated_allocator(handler,
                                                         boost::asio::recycling_allocator<void>{});
        }
        using allocator = typename std::allocator_traits<decltype(source(
            std::declval<const Handler&>()))>::template rebind_alloc<sleeping_handler>;

        sleeping_handler(wheel_clock& wheel, Handler handler)
            : wheel_{wheel}, handler_{std::move(handler)} {}
        ~sleeping_handler() = default;

        Handler take() {
            Handler handler = std::move(handler_);
            allocator memory{source(handler)};
            this->~sleeping_handler();
            memory.deallocate(this, 1);
            return handler;
        }

        wheel_clock& wheel_;
        Handler handler_;
    };

    struct initiation {
        wheel_clock* wheel;
        clock::time_point when;

        template <class Handler>
        void operator()(Handler&& handler) {
            auto& sleeping = sleeping_handler<std::decay_t<Handler>>::make(
                *wheel, std::forward<Handler>(handler));
            auto slot = sleeping.cancellation_slot();
            if (slot.is_connected()) slot.template emplace<canceller>(canceller{&sleeping});
            wheel->enter(sleeping, when);
        }
    };

    void enter(wheel_entry& entry, clock::time_point when);
    void arm(tick due);
    void turn();
    tick tick_after(clock::time_point when) const noexcept;

    timing_wheel wheel_;
    clock::duration tick_length_;
    clock::time_point origin_ = clock::now();
    // `steady_timer` would add a type-erased executor.
    boost::asio::basic_waitable_timer<clock, boost::asio::wait_traits<clock>,
                                      boost::asio::io_context::executor_type>
        timer_;
    std::optional<tick> armed_;
};

}  // namespace admit::crowd
