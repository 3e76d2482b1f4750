// SPDX-License-Identifier: BSL-1.0
// How each function of async.hpp begins: a thin template hands a request and a handler to the
// compiled part in src/async. The handler is type-erased there by `any_handler`; only `async_admit`
// keeps its type. Not for users of the library.
#pragma once

#include <admit/detail/any_handler.hpp>
#include <admit/detail/asio_build.hpp>
#include <admit/detail/public.hpp>
#include <admit/detail/wait_op.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/version.hpp>
#include <concepts>
#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace admit {

struct outcome;
struct drain_report;

namespace detail {

using run_handler = any_handler<void(std::exception_ptr, outcome)>;
using expire_handler = any_handler<void(boost::system::error_code)>;
using drain_handler = any_handler<void(boost::system::error_code, drain_report)>;

/// Whether operations can use the executor of a handler. Everything that an initiation instantiates
/// depends on it, so that this message is the only one.
template <class Handler>
constexpr bool check_executor() {
    constexpr bool usable =
        std::constructible_from<boost::asio::any_io_executor, executor_t<Handler>>;
    static_assert(usable,
                  "admit: the handler's executor has to be convertible to asio::any_io_executor. "
                  "Instead of an io_context::strand use asio::make_strand(context). Bind an "
                  "any_completion_handler: asio::bind_executor(executor, std::move(handler)).");
    return usable;
}

/// The initiations have no executor before they know the handler. As Asio's own operations without
/// an object they name the system executor: on it `asio::cancel_after` makes its timer.
struct initiation {
    using executor_type = boost::asio::system_executor;
    executor_type get_executor() const noexcept { return {}; }
};

/// What an engine says to a request at once.
struct answer {
    bool final = true;  ///< false: the request has to wait, and may
    errc reason{};      ///< the reason of a rejection; an error code is six times as large
    permit granted;
};

inline namespace ADMIT_ASIO_BUILD {
ADMIT_PUBLIC answer ask(const request& wanted) noexcept;
}

/// The handler of `async_admit` with its arguments, on its way to its executor.
template <class Handler>
struct admit_completion {
    void operator()() { std::move(handler)(code_of(given.reason), std::move(given.granted)); }

    using executor_type = executor_t<Handler>;
    executor_type get_executor() const noexcept { return associated_executor(handler); }
    using allocator_type = boost::asio::associated_allocator_t<Handler>;
    allocator_type get_allocator() const noexcept {
        return boost::asio::get_associated_allocator(handler);
    }

    Handler handler;
    answer given;
};

struct initiate_admit : initiation {
    template <class User, class Options>
    initiate_admit(engine& asked, const User& user, const Options& options)
        : wanted{asked, user, options} {}

    request wanted;

    template <class Handler>
    void operator()(Handler&& handler) {
        using op = std::decay_t<Handler>;
        if constexpr (check_executor<op>()) {
            admit_completion<op> at_once{std::forward<Handler>(handler), ask(wanted)};
            if (at_once.given.final)
                boost::asio::post(std::move(at_once));
            else
                wait_op<op>::start(wanted, core::wait_kind::for_slot, std::move(at_once.handler));
        }
    }
};

/// The body of `async_with_permit`, type-erased.
struct any_body {
    virtual ~any_body() = default;
    virtual boost::asio::awaitable<void> run(permit& permit) = 0;
};

/// Whether a body returns what it has to. As `check_executor`, so that its message is the only one.
template <class Body>
constexpr bool check_body() {
    constexpr bool usable =
        std::convertible_to<std::invoke_result_t<Body&, permit&>, boost::asio::awaitable<void>>;
    static_assert(usable,
                  "admit: the body of async_with_permit has to return asio::awaitable<void>. A "
                  "lambda says so: [](admit::permit&) -> asio::awaitable<void> { co_return; }. It "
                  "has no other result: let it write to a variable of its caller.");
    return usable;
}

template <class Body>
std::unique_ptr<any_body> erase_body(Body body) {
    if constexpr (check_body<Body>()) {
        struct erased final : any_body {
            explicit erased(Body&& from) : body{std::move(from)} {}
            boost::asio::awaitable<void> run(permit& permit) override { return body(permit); }
            Body body;
        };
        return std::make_unique<erased>(std::move(body));
    } else {
        return nullptr;
    }
}

/// Each operation begins with a function that has in its name for which Asio it is compiled.
inline namespace ADMIT_ASIO_BUILD {
ADMIT_PUBLIC void run(request wanted, duration grace, boost::asio::any_io_executor executor,
                      std::unique_ptr<any_body> body, run_handler handler);
ADMIT_PUBLIC void run_held(engine_ref engine, duration grace, boost::asio::any_io_executor executor,
                           permit held, std::unique_ptr<any_body> body, run_handler handler);
ADMIT_PUBLIC void expire(engine_ref engine, duration interval,
                         boost::asio::any_io_executor executor, expire_handler handler);
ADMIT_PUBLIC void drain(engine_ref engine, duration deadline, boost::asio::any_io_executor executor,
                        drain_handler handler);
}  // namespace ADMIT_ASIO_BUILD

ADMIT_PUBLIC void check_interval(duration interval);
ADMIT_PUBLIC void check_priority(std::string_view field, unsigned priority);

/// Begins an operation with its subject (the engine, or a request to it) and its one length of
/// time. What can only be moved are arguments.
template <class Subject, auto Operation>
struct initiate : initiation {
    template <class... Parts>
    explicit initiate(duration its_length, Parts&&... parts)
        : subject{std::forward<Parts>(parts)...}, length{its_length} {}

    Subject subject;
    duration length;

    template <class Handler, class... Args>
    void operator()(Handler&& handler, Args... args) {
        using op = std::decay_t<Handler>;
        if constexpr (check_executor<op>()) {
            auto executor = executor_of(handler);
            Operation(std::move(subject), length, std::move(executor), std::move(args)...,
                      op{std::forward<Handler>(handler)});
        }
    }
};
using initiate_run = initiate<request, &run>;
using initiate_run_held = initiate<engine_ref, &run_held>;
using initiate_expire = initiate<engine_ref, &expire>;
using initiate_drain = initiate<engine_ref, &drain>;

}  // namespace detail
}  // namespace admit

#if BOOST_ASIO_VERSION < 102800
/// Asio before 1.28 (Boost 1.82) fails to compile where an operation with this signature is awaited
/// without a token that makes it an awaitable.
template <class Executor>
class boost::asio::detail::awaitable_async_op_handler<void(std::exception_ptr, admit::outcome),
                                                      Executor> {
    static_assert(
        !std::same_as<Executor, Executor>,
        "admit: Boost 1.81 cannot await the deferred operation of async_with_permit. Name "
        "the token: async_with_permit(engine, user, options, body, asio::use_awaitable).");
};
#endif
