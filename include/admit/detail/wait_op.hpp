// The operation behind each wait: `async_admit`, `async_with_permit` and `async_drain` use it, the
// last one to wait for idleness. src/async/wait.cpp has its compiled part. Not for users.
//
// What travels into a coroutine has constructors: g++ 12 destroys aggregates there twice.
#pragma once

#include <admit/detail/owned_user.hpp>
#include <admit/detail/waiter_base.hpp>
#include <admit/error.hpp>
#include <admit/permit.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace admit {

namespace core {
struct cell_handle;
}

namespace detail {

/// What an operation asks of an engine: a conversation of a user, and how long it may wait.
struct request {
    template <class User>
    request(engine_ref of, const User& id, duration at_most)
        : engine{of}, user{of, id}, wait_at_most{at_most} {}
    /// Waits for the last conversation to end; asks for no slot.
    request(engine_ref of, duration at_most) : engine{of}, wait_at_most{at_most} {}

    engine_ref engine;
    owned_user user;
    duration wait_at_most;
};

/// The executor of a handler, as the compiled part knows it.
template <class Handler>
boost::asio::any_io_executor executor_of(const Handler& handler) {
    using executor = boost::asio::associated_executor_t<Handler>;
    static_assert(std::constructible_from<boost::asio::any_io_executor, executor>,
                  "the handler's executor has to be convertible to boost::asio::any_io_executor");
    return boost::asio::any_io_executor{boost::asio::get_associated_executor(handler)};
}

/// The code that tells of a reason; none of none.
inline boost::system::error_code code_of(errc reason) noexcept {
    return reason == errc{} ? boost::system::error_code{} : make_error_code(reason);
}

/// An operation that waits for something in the engine: what does not depend on its handler.
///
/// Three may end the wait: who serves the waiters, the timer, and the cancellation slot. One
/// compare-and-swap in the engine decides between them; the losers find that there is nothing left
/// to do. The winner alone goes on with the operation, so that it needs no count of references.
class wait_base : public core::waiter_base {
public:
    wait_base(const wait_base&) = delete;
    wait_base& operator=(const wait_base&) = delete;

    /// Owns an operation on its way to its executor.
    class delivery {
    public:
        explicit delivery(wait_base* op) noexcept : op_{op} {}
        delivery(delivery&& other) noexcept : op_{std::exchange(other.op_, nullptr)} {}
        delivery& operator=(delivery&&) = delete;
        ~delivery() {
            if (op_ != nullptr) dropped(op_);
        }
        void operator()() { std::exchange(op_, nullptr)->deliver(); }

    private:
        wait_base* op_;
    };

    bool wake(const core::verdict& verdict) noexcept final;
    void abandon() noexcept final { destroy(); }
    std::string_view user() const noexcept final { return user_.id(); }

protected:
    explicit wait_base(const owned_user& user) : user_{user} {}
    ~wait_base() = default;

    /// From here on the operation may be over at any time. When it throws, it is. The memory stays
    /// the engine's meanwhile, as it does while the engine is there, or for who keeps it.
    void start(const request& what, core::wait_kind kind, boost::asio::execution_context& context,
               boost::asio::cancellation_slot slot);

private:
    struct canceller;        // as the cancellation slot sees it
    struct timeout_handler;  // as the timer sees it

    static wait_base* take_back(core::engine_core& core, const core::cell_handle& mine) noexcept;

    /// Posts a `delivery` of this to the handler's executor. Throws what that throws.
    virtual void post() = 0;
    /// Frees the operation and calls its handler.
    virtual void complete(boost::system::error_code error, permit granted) = 0;
    /// Frees the operation.
    virtual void destroy() noexcept = 0;
    virtual boost::asio::any_io_executor timer_executor() const = 0;

    static void dropped(wait_base* op) noexcept;
    bool try_to_post() noexcept;
    void deliver();

    std::unique_ptr<boost::asio::steady_timer> timer_;  ///< apart: many wait as long as it takes
    permit granted_;
    const owned_user user_;
    errc error_{};
    bool aborted_ = false;
};

template <class Handler>
class wait_op final : public wait_base {
public:
    /// Starts to wait; the handler is called as that of `async_admit`, with an empty permit if it
    /// waits for rest.
    static void start(const request& what, core::wait_kind kind, Handler handler) {
        memory_for_op memory{memory_of(handler)};
        wait_op* const place = traits::allocate(memory, 1);
        wait_op* op = nullptr;
        try {
            op = new (place) wait_op{what.user, handler};
        } catch (...) {
            traits::deallocate(memory, place, 1);
            throw;
        }
        op->wait_base::start(what, kind,
                             boost::asio::query(op->work_, boost::asio::execution::context),
                             boost::asio::get_associated_cancellation_slot(op->handler_));
    }

private:
    using executor_type = boost::asio::associated_executor_t<Handler>;
    using tracked_type = std::decay_t<decltype(boost::asio::prefer(
        std::declval<executor_type>(), boost::asio::execution::outstanding_work.tracked))>;
    using allocator_type = boost::asio::associated_allocator_t<Handler>;
    /// Instead of the default allocator, Asio's, which keeps a thread's last blocks for the next.
    using source = std::conditional_t<std::is_same_v<allocator_type, std::allocator<void>>,
                                      boost::asio::recycling_allocator<void>, allocator_type>;
    using memory_for_op = typename std::allocator_traits<source>::template rebind_alloc<wait_op>;
    using traits = std::allocator_traits<memory_for_op>;

    struct delivery_with_allocator : delivery {
        using allocator_type = wait_op::allocator_type;
        delivery_with_allocator(wait_op* op, const allocator_type& with)
            : delivery{op}, memory{with} {}
        allocator_type get_allocator() const noexcept { return memory; }
        allocator_type memory;
    };

    wait_op(const owned_user& user, Handler& handler)
        : wait_base{user},
          work_{boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                    boost::asio::execution::outstanding_work.tracked)},
          handler_{std::move(handler)} {}

    void post() override {
        // A copy: this may be gone before the call returns.
        const executor_type executor = boost::asio::get_associated_executor(handler_);
        boost::asio::post(executor, delivery_with_allocator{
                                        this, boost::asio::get_associated_allocator(handler_)});
    }

    void complete(boost::system::error_code error, permit granted) override {
        [[maybe_unused]] const tracked_type work = std::move(work_);
        // The memory goes before the handler is called, so that what comes next can use it.
        Handler handler = std::move(handler_);
        free(handler);
        std::move(handler)(error, std::move(granted));
    }

    void destroy() noexcept override {
        const Handler handler = std::move(handler_);
        free(handler);
    }

    static source memory_of(const Handler& handler) noexcept {
        if constexpr (std::is_same_v<source, allocator_type>)
            return boost::asio::get_associated_allocator(handler);
        else
            return {};
    }

    void free(const Handler& handler) noexcept {
        memory_for_op memory{memory_of(handler)};
        this->~wait_op();
        traits::deallocate(memory, this, 1);
    }

    boost::asio::any_io_executor timer_executor() const override { return executor_of(handler_); }

    tracked_type work_;  ///< the handler's executor has work while this is pending
    Handler handler_;
};

}  // namespace detail
}  // namespace admit
