// How each function of async.hpp begins: it asks at once, or hands its handler over to the compiled
// part in src/async, type-erased with executor, allocator and cancellation slot. Not for users.
#pragma once

#include <admit/detail/wait_op.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/awaitable.hpp>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace admit {

struct outcome;
struct drain_report;

namespace detail {

using work_handler = boost::asio::any_completion_handler<void(std::exception_ptr, outcome)>;
using expire_handler = boost::asio::any_completion_handler<void(boost::system::error_code)>;
using drain_handler =
    boost::asio::any_completion_handler<void(boost::system::error_code, drain_report)>;

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
