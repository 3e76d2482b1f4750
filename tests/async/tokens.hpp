// SPDX-License-Identifier: BSL-1.0
// The completion tokens, each as a type, so that a test template covers every token: `start` begins
// `operation` with that token, and the rig records the result. An operation is a callable that
// takes a token, or nothing for the default.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>

#include "support/async.hpp"
#include "support/printing.hpp"

namespace tokens {

namespace asio = boost::asio;

/// An engine with one slot, a context, and the recorded result of an operation.
struct rig {
    void note(boost::system::error_code why) {
        ++times;
        error = why;
    }
    void note(std::exception_ptr raised) {
        ++times;
        if (!raised) return;
        try {
            std::rethrow_exception(raised);
        } catch (const boost::system::system_error& known) {
            error = known.code();
        } catch (...) {
            thrown = std::current_exception();
        }
    }
    template <class Value>
    void note(boost::system::error_code why, Value value) {
        note(why);
        keep(std::move(value));
    }
    template <class Value>
    void note(std::exception_ptr raised, Value value) {
        note(std::move(raised));
        keep(std::move(value));
    }

    void keep(admit::permit value) { granted = std::move(value); }
    void keep(admit::outcome value) { outcome = value; }
    void keep(admit::drain_report value) { report = std::move(value); }

    /// Runs all operations to their end.
    void finish() {
        io.restart();
        io.run();
        if (collect) collect();
    }
    void poll() {
        io.restart();
        io.poll();
    }

    admit::engine engine{support::counts(1, 1)};
    asio::io_context io;
    asio::cancellation_signal cancelling;
    std::function<void()> collect;  ///< fetches a result that is not passed to a handler

    int times = 0;
    boost::system::error_code error;
    std::exception_ptr thrown;  ///< an exception that is no error code
    admit::permit granted;
    std::optional<admit::outcome> outcome;
    std::optional<admit::drain_report> report;
};

/// A handler that records its arguments.
inline auto noting(rig& at) {
    return [&at](auto&&... results) { at.note(std::forward<decltype(results)>(results)...); };
}

/// Bound to the rig's context and to its cancellation.
template <class Token>
auto bound(rig& at, Token&& token) {
    return asio::bind_executor(
        at.io, asio::bind_cancellation_slot(at.cancelling.slot(), std::forward<Token>(token)));
}

template <class Executor = asio::any_io_executor>
void spawn(rig& at, asio::awaitable<void, Executor> life) {
    asio::co_spawn(at.io, std::move(life),
                   asio::bind_cancellation_slot(at.cancelling.slot(), asio::detached));
}

/// Awaits an operation that throws its error and returns a `Value` or nothing.
template <class Value, class Executor = asio::any_io_executor, class Awaited>
asio::awaitable<void, Executor> await_value(rig& at, Awaited operation) {
    try {
        if constexpr (std::is_void_v<Value>) {
            co_await std::move(operation);
            at.note(boost::system::error_code{});
        } else {
            Value result = co_await std::move(operation);
            at.note(boost::system::error_code{}, std::move(result));
        }
    } catch (...) {
        at.note(std::current_exception());
    }
}

/// Awaits an operation that returns all arguments of the handler.
template <class Awaited>
asio::awaitable<void> await_tuple(rig& at, Awaited operation) {
    auto result = co_await std::move(operation);
    std::apply([&](auto&... results) { at.note(std::move(results)...); }, result);
}

// --- the tokens ---------------------------------------------------------------------------------

struct with_use_awaitable {
    template <class Operation>
    static void start(rig& at, Operation operation) {
        spawn(at, await_value<typename Operation::value>(at, operation(asio::use_awaitable)));
    }
};

/// The default: without a token at all.
struct with_default_token {
    template <class Operation>
    static void start(rig& at, Operation operation) {
        using value = typename Operation::value;
        // Asio 1.26 cannot await a deferred operation that completes with an exception and a value.
        if constexpr (std::is_same_v<value, admit::outcome>)
            spawn(at, await_value<value>(at, operation()(asio::use_awaitable)));
        else
            spawn(at, await_value<value>(at, operation()));
    }
};

struct with_as_tuple_of_use_awaitable {
    template <class Operation>
    static void start(rig& at, Operation operation) {
        spawn(at, await_tuple(at, operation(asio::as_tuple(asio::use_awaitable))));
    }
};

struct with_as_tuple_of_deferred {
    template <class Operation>
    static void start(rig& at, Operation operation) {
        spawn(at, await_tuple(at, operation(asio::as_tuple(asio::deferred))));
    }
};

/// For handlers with an error code. as first argument.
struct with_redirect_error {
    template <class Operation>
    static asio::awaitable<void> life(rig& at, Operation operation) {
        boost::system::error_code error;
        auto redirected = operation(asio::redirect_error(asio::use_awaitable, error));
        if constexpr (std::is_void_v<typename Operation::value>) {
            co_await std::move(redirected);
            at.note(error);
        } else {
            auto result = co_await std::move(redirected);
            at.note(error, std::move(result));
        }
    }
    template <class Operation>
    static void start(rig& at, Operation operation) {
        spawn(at, life(at, std::move(operation)));
    }
};

/// A token that has the executor in its type.
struct with_executor_in_the_type {
    using executor = asio::io_context::executor_type;
    template <class Operation>
    static void start(rig& at, Operation operation) {
        spawn<executor>(at, await_value<typename Operation::value, executor>(
                                at, operation(asio::use_awaitable_t<executor>{})));
    }
};

/// On a strand, with an allocator and a cancellation slot of its own.
struct with_everything_bound {
    template <class Operation>
    static void start(rig& at, Operation operation) {
        operation(asio::bind_allocator(
            std::allocator<char>{},
            asio::bind_executor(asio::make_strand(at.io),
                                asio::bind_cancellation_slot(at.cancelling.slot(), noting(at)))));
    }
};

struct with_callback {
    template <class Operation>
    static void start(rig& at, Operation operation) {
        operation(bound(at, noting(at)));
    }
};

struct with_callback_that_can_only_be_moved {
    template <class Operation>
    static void start(rig& at, Operation operation) {
        operation(
            bound(at, [note = noting(at), owned = std::make_unique<int>(1)](auto&&... results) {
                if (*owned == 1) note(std::forward<decltype(results)>(results)...);
            }));
    }
};

/// Packaged now, launched later.
struct with_deferred_then_callback {
    template <class Operation>
    static void start(rig& at, Operation operation) {
        auto packaged = operation(asio::deferred);
        std::move(packaged)(bound(at, noting(at)));
    }
};

/// The result is dropped.
struct with_detached {
    template <class Operation>
    static void start(rig& at, Operation operation) {
        operation(bound(at, asio::detached));
    }
};

template <class Token>
struct with_future {
    template <class Operation>
    static void start(rig& at, Operation operation) {
        auto future = operation(Token::of(at));
        at.collect = [&at, kept = std::make_shared<decltype(future)>(std::move(future))] {
            try {
                if constexpr (std::is_void_v<typename Operation::value>) {
                    kept->get();
                    at.note(boost::system::error_code{});
                } else {
                    at.note(boost::system::error_code{}, kept->get());
                }
            } catch (...) {
                at.note(std::current_exception());
            }
        };
    }
};
struct on_the_context {
    static auto of(rig& at) { return bound(at, asio::use_future); }
};
/// Without an executor: on threads of Asio's.
struct anywhere {
    static auto of(rig& at) {
        return asio::bind_cancellation_slot(at.cancelling.slot(), asio::use_future);
    }
};
using with_use_future = with_future<on_the_context>;
using with_use_future_anywhere = with_future<anywhere>;

template <class Way>
inline constexpr bool tells = !std::is_same_v<Way, with_detached>;

}  // namespace tokens

#define ADMIT_TOKENS_FOR_ALL                                                                     \
    tokens::with_use_awaitable, tokens::with_default_token,                                      \
        tokens::with_as_tuple_of_use_awaitable, tokens::with_as_tuple_of_deferred,               \
        tokens::with_executor_in_the_type, tokens::with_everything_bound, tokens::with_callback, \
        tokens::with_callback_that_can_only_be_moved, tokens::with_deferred_then_callback,       \
        tokens::with_detached, tokens::with_use_future, tokens::with_use_future_anywhere
#define ADMIT_TOKENS_FOR_ERROR_CODES ADMIT_TOKENS_FOR_ALL, tokens::with_redirect_error

TYPE_TO_STRING(tokens::with_use_awaitable);
TYPE_TO_STRING(tokens::with_default_token);
TYPE_TO_STRING(tokens::with_as_tuple_of_use_awaitable);
TYPE_TO_STRING(tokens::with_as_tuple_of_deferred);
TYPE_TO_STRING(tokens::with_redirect_error);
TYPE_TO_STRING(tokens::with_executor_in_the_type);
TYPE_TO_STRING(tokens::with_everything_bound);
TYPE_TO_STRING(tokens::with_callback);
TYPE_TO_STRING(tokens::with_callback_that_can_only_be_moved);
TYPE_TO_STRING(tokens::with_deferred_then_callback);
TYPE_TO_STRING(tokens::with_detached);
TYPE_TO_STRING(tokens::with_use_future);
TYPE_TO_STRING(tokens::with_use_future_anywhere);
