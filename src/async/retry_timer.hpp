// SPDX-License-Identifier: BSL-1.0
// Wakes the supervisors that could not be woken for want of memory: one timer for each execution
// context, which the service in context_shutdown.cpp keeps. run.cpp arms it while supervised
// operations exist there. Cancelling a pending timer needs no memory. docs/design.md#supervision
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <chrono>
#include <cstddef>
#include <optional>

#include "waiting/combiner.hpp"

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
    explicit retry_timer(boost::asio::execution_context& context);
    retry_timer(const retry_timer&) = delete;
    retry_timer& operator=(const retry_timer&) = delete;

    /// A supervised operation of the context begins. Throws `std::bad_alloc`.
    void enter();
    /// It is over. After the last one the context has no work by the timer.
    void leave() noexcept;
    /// Something could not be posted: all engines are asked to try again, now and every 10 ms.
    void soon() noexcept;
    /// The context is being destroyed. Returns when no thread uses its timers any more.
    void close() noexcept;

private:
    using timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          inline_executor>;
    enum class pending { none, distant, retry, cancelled };
    template <class T>
    struct storage_allocator;

    void adjust() noexcept;
    void arm(bool retry);
    void fired() noexcept;

    std::atomic<std::size_t> operations_{0};
    std::atomic<bool> soon_{false};
    std::atomic<bool> fired_{false};
    std::atomic<bool> starved_{false};  ///< the timer could not be armed
    std::atomic<bool> closing_{false};
    std::atomic<bool> closed_{false};
    core::combiner combiner_;

    // Only a pass behind the combiner uses these.
    std::optional<timer> timer_;
    pending pending_ = pending::none;

    alignas(std::max_align_t) std::array<std::byte, 256> storage_;  ///< of the one pending wait
};

}  // namespace admit::detail
