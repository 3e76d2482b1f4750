// What async.hpp needs to hand an operation over to the compiled part of the library: the handler
// is type-erased, with its executor, allocator and cancellation slot. Not for users.
//
// What travels into a coroutine has constructors: g++ 12 destroys aggregates there twice.
#pragma once

#include <admit/engine.hpp>
#include <admit/permit.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

namespace admit {

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

/// Who asks whom for a conversation, and for how long.
struct request {
    request(engine_ref of, user_key who, duration at_most)
        : engine{of}, user{std::move(who)}, wait_at_most{at_most} {}

    engine_ref engine;
    user_key user;
    duration wait_at_most;
};

using admit_signature = void(boost::system::error_code, permit);
using admit_handler = boost::asio::any_completion_handler<admit_signature>;
using work_handler = boost::asio::any_completion_handler<void(std::exception_ptr, outcome)>;
using expire_handler = boost::asio::any_completion_handler<void(boost::system::error_code)>;
using drain_handler =
    boost::asio::any_completion_handler<void(boost::system::error_code, drain_report)>;

/// The answer that can be given at once.
struct answer {
    bool final = true;  ///< false: the caller may wait, and has to
    boost::system::error_code error;
    permit granted;
};

answer ask(const request& what) noexcept;
void wait(request what, boost::asio::any_io_executor executor, admit_handler handler);

/// The executor of a handler, as the compiled part knows it.
template <class Handler>
boost::asio::any_io_executor executor_of(const Handler& handler) {
    using executor = boost::asio::associated_executor_t<Handler>;
    static_assert(std::constructible_from<boost::asio::any_io_executor, executor>,
                  "the handler's executor has to be convertible to boost::asio::any_io_executor");
    return boost::asio::any_io_executor{boost::asio::get_associated_executor(handler)};
}

struct initiate_admit {
    explicit initiate_admit(request asked) : what{std::move(asked)} {}

    request what;

    template <class Handler>
    void operator()(Handler&& handler) {
        answer given = ask(what);
        if (!given.final) {
            auto executor = executor_of(handler);
            wait(std::move(what), std::move(executor), std::forward<Handler>(handler));
            return;
        }
        boost::asio::post(boost::asio::append(std::forward<Handler>(handler), given.error,
                                              std::move(given.granted)));
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
    initiate_work(request asked, duration at_most) : what{std::move(asked)}, grace{at_most} {}

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

struct initiate_expire {
    initiate_expire(engine_ref of, duration every) : engine{of}, interval{every} {}

    engine_ref engine;
    duration interval;

    template <class Handler>
    void operator()(Handler&& handler) {
        auto executor = executor_of(handler);
        expire(engine, interval, std::move(executor), std::forward<Handler>(handler));
    }
};

void drain(engine_ref engine, duration deadline, boost::asio::any_io_executor executor,
           drain_handler handler);

struct initiate_drain {
    initiate_drain(engine_ref of, duration at_most) : engine{of}, deadline{at_most} {}

    engine_ref engine;
    duration deadline;

    template <class Handler>
    void operator()(Handler&& handler) {
        auto executor = executor_of(handler);
        drain(engine, deadline, std::move(executor), std::forward<Handler>(handler));
    }
};

}  // namespace detail
}  // namespace admit
