// What async.hpp needs to hand an operation over to the compiled part of the library: the handler
// is type-erased, with its executor, allocator and cancellation slot. Not for users.
//
// What travels into a coroutine has constructors: g++ 12 destroys aggregates there twice.
#pragma once

#include <admit/detail/waiter_base.hpp>
#include <admit/engine.hpp>
#include <admit/permit.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
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
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace admit {

namespace core {
struct cell_handle;
}

struct outcome;
struct drain_report;

namespace detail {

/// An engine that may be gone when the operation begins.
class engine_ref {
public:
    explicit(false) engine_ref(engine& engine) noexcept;

    core::engine_core& core() const noexcept { return *core_; }
    std::uint64_t number() const noexcept { return number_; }
    /// Whether the memory is still this engine's.
    bool alive() const noexcept;

private:
    core::engine_core* core_;  // type-stable
    std::uint64_t number_;
};

/// The bytes of a user id. Borrows them from the caller of an operation, for as long as that call
/// lasts; a copy, or what it was moved to, has them for itself. So an operation that is decided at
/// once copies nothing, and one that is launched later, or waits, owns what it needs.
class user_bytes {
public:
    user_bytes() noexcept = default;
    explicit(false) user_bytes(std::string_view borrowed) noexcept
        : data_{borrowed.data()}, size_{static_cast<std::uint8_t>(borrowed.size())} {}
    user_bytes(const user_bytes& other);
    user_bytes(user_bytes&& other) : user_bytes{static_cast<const user_bytes&>(other)} {}
    user_bytes& operator=(user_bytes&&) = delete;
    ~user_bytes() {
        if (on_heap_) delete[] data_;
    }

    std::string_view view() const noexcept { return {data_, size_}; }

private:
    static constexpr std::size_t most_near = 30;  // as nearly all are

    const char* data_ = nullptr;
    std::uint8_t size_ = 0;
    bool on_heap_ = false;  ///< owned, and too many
    char near_[most_near];  ///< owned
};

/// A user id with its hash in an engine. Nobody, with an empty id, if it is none there.
class asker {
public:
    asker() noexcept = default;
    asker(engine_ref engine, const user_key& user) noexcept;
    asker(engine_ref engine, std::string_view user) noexcept;

    const user_bytes& id() const noexcept { return id_; }
    std::uint64_t tag() const noexcept { return tag_; }

private:
    user_bytes id_;
    std::uint64_t tag_ = 0;
};

/// Who asks whom for a conversation, and for how long.
struct request {
    template <class User>
    request(engine_ref of, const User& who, duration at_most)
        : engine{of}, user{of, who}, wait_at_most{at_most} {}
    /// That asks for nothing: to wait for rest.
    request(engine_ref of, duration at_most) : engine{of}, wait_at_most{at_most} {}

    engine_ref engine;
    asker user;
    duration wait_at_most;
};

using admit_signature = void(boost::system::error_code, permit);
using work_handler = boost::asio::any_completion_handler<void(std::exception_ptr, outcome)>;
using expire_handler = boost::asio::any_completion_handler<void(boost::system::error_code)>;
using drain_handler =
    boost::asio::any_completion_handler<void(boost::system::error_code, drain_report)>;

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

// --- Waiting ----------------------------------------------------------------------------------

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
    std::string_view user() const noexcept final { return user_.view(); }

protected:
    explicit wait_base(const user_bytes& user) : user_{user} {}
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
    const user_bytes user_;
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
            op = new (place) wait_op{what.user.id(), handler};
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

    wait_op(const user_bytes& user, Handler& handler)
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

// --- The operations ---------------------------------------------------------------------------

/// The answer that can be given at once.
struct answer {
    bool final = true;  ///< false: the caller may wait, and has to
    errc reason{};      ///< why not; a code would be six times as much to move
    permit granted;
};

answer ask(const request& what) noexcept;

/// A handler with its arguments, on its way to its executor.
template <class Handler>
struct admit_completion {
    void operator()() { std::move(handler)(code_of(given.reason), std::move(given.granted)); }

    using executor_type = boost::asio::associated_executor_t<Handler>;
    executor_type get_executor() const noexcept {
        return boost::asio::get_associated_executor(handler);
    }
    using allocator_type = boost::asio::associated_allocator_t<Handler>;
    allocator_type get_allocator() const noexcept {
        return boost::asio::get_associated_allocator(handler);
    }

    Handler handler;
    answer given;
};

struct initiate_admit {
    template <class User>
    initiate_admit(engine& of, const User& who, duration at_most) : what{of, who, at_most} {}

    request what;

    template <class Handler>
    void operator()(Handler&& handler) {
        using op = std::decay_t<Handler>;
        admit_completion<op> at_once{std::forward<Handler>(handler), ask(what)};
        if (at_once.given.final)
            boost::asio::post(std::move(at_once));
        else
            wait_op<op>::start(what, core::wait_kind::for_slot, std::move(at_once.handler));
    }
};

/// A body of whatever type.
struct work_body {
    virtual ~work_body() = default;
    virtual boost::asio::awaitable<void> run(permit& under) = 0;
};

template <class Body>
std::unique_ptr<work_body> erase_body(Body body) {
    struct erased final : work_body {
        explicit erased(Body&& what) : body{std::move(what)} {}
        boost::asio::awaitable<void> run(permit& under) override { return body(under); }
        Body body;
    };
    return std::make_unique<erased>(std::move(body));
}

void work(request what, duration grace, boost::asio::any_io_executor executor,
          std::unique_ptr<work_body> body, work_handler handler);

struct initiate_work {
    template <class User>
    initiate_work(engine& of, const User& who, duration wait_at_most, duration at_most)
        : what{of, who, wait_at_most}, grace{at_most} {}

    request what;
    duration grace;

    template <class Handler>
    void operator()(Handler&& handler, std::unique_ptr<work_body> body) {
        auto executor = executor_of(handler);
        work(std::move(what), grace, std::move(executor), std::move(body),
             std::forward<Handler>(handler));
    }
};

void check_interval(duration interval);
void expire(engine_ref engine, duration interval, boost::asio::any_io_executor executor,
            expire_handler handler);

void drain(engine_ref engine, duration deadline, boost::asio::any_io_executor executor,
           drain_handler handler);

/// Begins an operation that needs to know an engine and a duration.
template <auto Operation>
struct initiate {
    initiate(engine_ref of, duration at_most) : engine{of}, how_long{at_most} {}

    template <class Handler>
    void operator()(Handler&& handler) {
        auto executor = executor_of(handler);
        Operation(engine, how_long, std::move(executor), std::forward<Handler>(handler));
    }

    engine_ref engine;
    duration how_long;
};
using initiate_expire = initiate<&expire>;
using initiate_drain = initiate<&drain>;

}  // namespace detail
}  // namespace admit
