// SPDX-License-Identifier: BSL-1.0
// Wakes the supervisors that could not be woken for want of memory: one for each execution context,
// which the service in context_shutdown.cpp keeps. Its timers are pending while supervised
// operations exist there. docs/design.md#supervision
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <chrono>
#include <cstddef>
#include <optional>

#include "lifecycle/retry_schedule.hpp"

namespace admit::detail {

/// Runs a function at once, in the thread that asks: the context's, when a timer completes.
class inline_executor {
public:
    explicit inline_executor(boost::asio::execution_context& context) noexcept
        : context_{&context} {}
    boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
        return *context_;
    }
    template <class Function>
    void execute(Function function) const {
        function();
    }
    friend bool operator==(const inline_executor&, const inline_executor&) noexcept = default;

private:
    boost::asio::execution_context* context_;
};

/// Every function may be called by any thread.
class retry_timer {
public:
    /// Throws what Asio throws if it cannot make the context's timers.
    explicit retry_timer(boost::asio::execution_context& context) : schedule_{context, *this} {}
    retry_timer(const retry_timer&) = delete;
    retry_timer& operator=(const retry_timer&) = delete;

    /// A supervised operation of the context begins. Throws `std::bad_alloc`.
    void enter();
    /// It is over. After the last one the context has no work by the timer.
    void leave() noexcept { schedule_.leave(); }
    /// Something could not be posted: all engines are asked to try again, now and every 10 ms.
    void soon() noexcept { schedule_.ask(); }
    /// The context is being destroyed. Returns when no thread uses its timers any more.
    void close() noexcept;

private:
    using timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          inline_executor>;
    using wait_storage = std::array<std::byte, 256>;
    template <class T>
    struct storage_allocator;

    /// As `retry_schedule` wants them.
    class timers {
    public:
        timers(boost::asio::execution_context& context, retry_timer& owner);
        void wait(unsigned n);
        void ring() noexcept { bell_->cancel_one(); }
        void delay();
        void stop() noexcept;
        void close() noexcept;

    private:
        void begin_wait(timer& timer, unsigned n);
        void reserve() noexcept;

        retry_timer* owner_;
        std::optional<timer> bell_;
        std::optional<timer> delay_;
        std::optional<timer> spare_;  ///< has a place in Asio's heap, for the delay
        bool spare_waits_ = false;
        std::atomic<bool> spare_ended_{false};
        alignas(std::max_align_t) std::array<wait_storage, 4> storage_;  ///< of the pending waits
    };

    core::retry_schedule<timers> schedule_;
};

}  // namespace admit::detail
