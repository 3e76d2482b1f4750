// SPDX-License-Identifier: BSL-1.0
/// @file
/// The engine for programs on Boost.Asio: waiting for room, working under a permit, expiring,
/// draining. What all four operations have in common is documented at the group `async` below.
/// docs/guide/ shows them at work.
#pragma once

#include <admit/detail/operations.hpp>
#include <admit/engine.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <concepts>
#include <cstddef>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

/// @defgroup async Asynchronous operations
///
/// Four operations for programs on Boost.Asio: `async_admit`, `async_with_permit`, `async_expire`
/// and `async_drain`. What follows holds for each of them; each says what it adds.
///
/// @par Completion tokens
/// Any: `use_awaitable`, `deferred` (the default), `as_tuple`, `use_future`, `detached`, a
/// callback. Where the first argument of the handler is an error code, also `redirect_error`.
/// @par Starting
/// From any thread, with a context running on it or not. The initiating function copies the user
/// id. It throws `std::bad_alloc` without memory. Then no handler is called, and no conversation is
/// left: a conversation that had begun has ended as `status::error`. Only a drain may have closed
/// its engine by then.
/// @par Lifetimes
/// The engine has to live until the initiating function returns; with a lazy token, until the
/// function returns that launches the operation. After that the engine, the context and the permits
/// may go in any order. Operations of an engine that goes complete with `errc::shutting_down`; a
/// drain completes without an error. Operations of a context that goes are destroyed, and leave no
/// trace in the engine. A context that goes waits for a thread that is just posting to it.
/// @par Executor
/// The handler, and everything that an operation runs by itself, runs on the executor that is
/// associated with the handler. A handler without an executor runs on the system executor, which
/// has threads of Asio's own. The executor has to be convertible to `any_io_executor`. A handler is
/// never called inside the function that starts the operation, nor inside `end()` or `expire()` of
/// another thread. While an operation is pending its executor has work.
/// @par Allocator
/// That of the handler is used to keep the handler, for the wait of `async_admit` except its timer,
/// and for the steps of `async_expire`. All else has Asio's recycled memory, or the global
/// allocator's.
/// @par Cancellation
/// By the handler's cancellation slot, of all three types: `terminal`, `partial` and `total` mean
/// the same here. As everywhere in Asio, a cancellation is emitted on the operation's executor. For
/// `async_expire` and `async_drain` that executor has to run one thing at a time then, as a strand
/// does. A cancellation after the completion does nothing.
/// @par Timers around an operation
/// `asio::cancel_after(duration, token)` of Boost 1.86 and later makes its timer on the system
/// executor, since an operation has no executor of its own. Its context then has to live until the
/// time is up or the operation has completed. With `asio::cancel_after(timer, duration, token)` and
/// a timer of the context, both may go at any time.
/// @par Thread safety
/// Any number of operations of one engine, on any contexts at once.
/// @par With g++ 12
/// Name the operation first and then await it, and name a body that captures. In
/// `co_await admit::async_with_permit(engine, user, {}, [x = std::move(x)](auto&) ...)` this
/// compiler destroys the lambda twice (GCC PR99576). The option structs have no destructor, so
/// `{.wait_at_most = 2s}` in place does no harm.

namespace admit {

/// Waits without limit, as `wait_options::wait_at_most`: the longest `duration`.
/// @ingroup async
inline constexpr duration forever = duration::max();

/// How to ask for a conversation: the options of `async_admit`.
/// @ingroup async
struct wait_options {
    /// How long to wait for room. Range: any; 0 or less does not wait, so that a rejection comes at
    /// once; `forever` waits for as long as it takes. Default: 0.
    saturating_duration wait_at_most{};
    /// The limit on this user's conversations for this request, instead of `limits::max_per_user`,
    /// as `admit_options::max_per_user`. A request that waits keeps it when `engine::set_limits`
    /// changes the limits. A request with 0 never waits. Default: not given.
    std::optional<std::size_t> max_per_user{};
    /// How urgent the request is while it waits. Range: 0 to 3; requests of a higher priority are
    /// admitted first. While they keep coming, requests of a lower priority may wait for ever: see
    /// docs/guide/wait.md. Default: 0.
    unsigned priority = 0;
};

/// How to work under a permit: the options of `async_with_permit`.
/// @ingroup async
struct work_options {
    /// How long to wait for room, as `wait_options::wait_at_most`. Default: 0.
    saturating_duration wait_at_most{};
    /// The limit on this user's conversations, as `wait_options::max_per_user`. Default: not given.
    std::optional<std::size_t> max_per_user{};
    /// How urgent the request is, as `wait_options::priority`. Range: 0 to 3. Default: 0.
    unsigned priority = 0;
    /// How long the body may go on after it was asked to end, before its slot is taken from it.
    /// Range: any; 0 or less gives no grace, `never` gives it without end. Default: 10 seconds.
    saturating_duration grace = std::chrono::seconds{10};
};

/// What became of a piece of work: the result of `async_with_permit`.
/// @ingroup async
struct outcome {
    /// Why the work did not begin; no error if it did. `operation_aborted` also if its conversation
    /// was ended by another call before the body could begin.
    boost::system::error_code rejected;
    /// How its conversation ended, as `engine::stats` counted it: `status::completed` when the body
    /// returned, `status::error` when it threw, `status::cancelled` when it threw after the caller
    /// had cancelled it, otherwise the reason for which the engine cancelled it. If the body ended
    /// its permit, the status that it gave. If the body gave its permit away, its return or throw.
    status ended = status::completed;
    /// Whether the slot was taken from the body because it did not end within its grace.
    bool overstayed = false;
    /// The conversation's id; that of no conversation if none began.
    conversation_id id;
    /// What a body threw that was cancelled, by the engine or by the caller; null if it returned.
    std::exception_ptr error;

    /// Whether the work began.
    /// @return True if it did; otherwise `rejected` is the reason.
    explicit operator bool() const noexcept { return !rejected; }
};

/// How to drain an engine: the options of `async_drain`.
/// @ingroup async
struct drain_options {
    /// How long what is active may go on. Range: any; 0 or less cuts off at once, `forever` never.
    /// Default: 30 seconds.
    saturating_duration deadline = std::chrono::seconds{30};
};

/// What came of a drain: the result of `async_drain`. What was active when it began, admissions
/// under way included, has completed, was cut off by a drain, or is still active. A drain reports
/// when it completes: also when it is cancelled, or when its engine goes.
/// @ingroup async
struct drain_report {
    /// Conversations that ended since the drain began, and that no drain cut off.
    std::size_t completed = 0;
    /// Those that this drain ended, told to end, or took the slot of, as they were then. Each
    /// conversation is in the list of one drain.
    std::vector<conversation> cut;
    std::size_t overstayed = 0;  ///< of `cut`, those that did not end within their grace
};

/// @name Waiting for room
/// @{

/// Asks for a conversation of a user, and waits for room if there is none.
///
/// Waiters are served by priority, and within a priority round robin by user. Each user's own go by
/// priority, then in the order of their arrival. A waiter that is kept out by its own user's limit
/// alone does not block others. A `try_admit` that begins
/// after a waiter has its place does not take the waiter's room.
///
/// Without a wait this is `engine::try_admit` and a hop through the executor, which costs several
/// times as much. Where that matters, call `engine::try_admit` first, and this when it rejects.
///
/// @tparam CompletionToken The type of `token`.
/// @param engine The engine to ask.
/// @param user The key of the user, made by `engine`.
/// @param options How long to wait, by default not at all; the user's limit; the priority.
/// @throws std::invalid_argument For a priority above 3, from this function itself, whatever the
///   token is. It names the field, the value and the range.
/// @param token What to do on completion; by default the operation is deferred.
/// @return What `token` decides: with `use_awaitable` an awaitable of the permit.
///
/// @par Preconditions
/// None. A `user` that is neither 1 to 255 bytes nor a key of this engine is rejected with
/// `errc::invalid_user_id`.
/// @par Lifetimes
/// As of all @ref async "asynchronous operations". The user id, or the key, may go when the
/// initiating function returns.
/// @par Handler signature
/// `void(boost::system::error_code, admit::permit)`. Without an error the permit holds the
/// conversation, which began when room was found. With an error the permit is empty.
/// @par Executor
/// As of all @ref async "asynchronous operations".
/// @par Cancellation
/// While it waits, the operation completes with `asio::error::operation_aborted`. A cancellation
/// that comes after the grant changes nothing: the handler is given the permit.
/// @par Errors
/// `errc::shutting_down`, `errc::invalid_user_id`, `errc::queue_full`, `errc::user_queue_full`,
/// `errc::wait_timeout`; `errc::global_limit` and `errc::user_limit` only if it may not wait;
/// `asio::error::operation_aborted`. The initiating function throws `std::bad_alloc`.
/// @par Thread safety
/// As of all @ref async "asynchronous operations".
/// @par Progress
/// Lock-free up to the place in the queue, except for what Asio does to post a handler or to arm a
/// timer. Waiters are served by the thread that ends a conversation. If that thread is suspended
/// meanwhile, waiters wait for it.
/// @par Complexity
/// O(1) expected, over all that wait.
/// @par Example
/// @code
/// auto waiting = admit::async_admit(engine, key, {.wait_at_most = 2s}, asio::use_awaitable);
/// admit::permit permit = co_await std::move(waiting);  // throws system_error when rejected
/// @endcode
/// @ingroup async
template <class CompletionToken = boost::asio::deferred_t>
auto async_admit(engine& engine, const user_key& user, wait_options options = {},
                 CompletionToken&& token = CompletionToken{}) {
    detail::check_priority("wait_options::priority", options.priority);
    return boost::asio::async_initiate<CompletionToken, void(boost::system::error_code, permit)>(
        detail::initiate_admit{engine, user, options}, token);
}

template <class CompletionToken = boost::asio::deferred_t>
auto async_admit(engine& engine, std::string_view user, wait_options options = {},
                 CompletionToken&& token = CompletionToken{}) {
    detail::check_priority("wait_options::priority", options.priority);
    return boost::asio::async_initiate<CompletionToken, void(boost::system::error_code, permit)>(
        detail::initiate_admit{engine, user, options}, token);
}

/// @}

/// @name Working under a permit
/// @{

/// Runs a coroutine in a conversation of a user: waits for room as `async_admit` does, runs
/// `body(permit&)`, and ends the conversation by what happened.
///
/// The body is cancelled when the conversation is idle or too old (found by a call of
/// `engine::expire`), when it is drained, when it is ended by its id, or when its engine goes. Then
/// the next `co_await` in the body throws `operation_aborted`, and `permit::ending` says why.
///
/// A conversation that has expired or is drained keeps its slot until the body has ended, or until
/// its grace has passed. Then an `expire` or the drain takes the slot away, and the body is no
/// conversation any more. A conversation has ended at once when it was
/// ended by its id, or when its engine goes. Inside the body `permit::touch` and
/// `permit::remaining` work as ever.
///
/// @tparam Body The type of `body`.
/// @tparam CompletionToken The type of `token`.
/// @param engine The engine to ask.
/// @param user The key of the user, made by `engine`.
/// @param options How long to wait for room, how long the body may go on after it was asked to end;
///   the user's limit; the priority.
/// @throws std::invalid_argument For a priority above 3, from this function itself, whatever the
///   token is. It names the field, the value and the range.
/// @param body A callable that returns `asio::awaitable<void>` for a `permit&`. It may be
///   move-only.
/// @param token What to do on completion. The default, `deferred`, cannot be awaited with Boost
///   1.81, since the first argument of the handler is an exception: name `use_awaitable`, or launch
///   the deferred operation with that.
/// @return What `token` decides: with `use_awaitable` an awaitable of the `outcome`.
///
/// @par Preconditions
/// As `async_admit`.
/// @par Lifetimes
/// As of all @ref async "asynchronous operations". `body` is moved into the operation, called at
/// most once, and destroyed after the handler was called. Its permit lives until the body has
/// ended.
/// @par Handler signature
/// `void(std::exception_ptr, admit::outcome)`. The exception is what the body threw, unless the
/// engine had cancelled the body: then whatever it threw is in `outcome::error` alone. A rejection
/// is no exception: see `outcome::rejected`.
/// @par Executor
/// `body` runs on a strand of the handler's executor. Otherwise as of all @ref async "asynchronous
/// operations".
/// @par Cancellation
/// While it waits, as `async_admit`. Later the body is cancelled. What it throws is passed on, and
/// its conversation ends as `status::cancelled`; if it returns all the same, as
/// `status::completed`.
/// @par Errors
/// `outcome::rejected` has the errors of `async_admit`; also `asio::error::operation_aborted` if
/// the conversation was ended by another call before the body could begin. The initiating function
/// throws `std::bad_alloc`, or `boost::system::system_error` if the context cannot have timers, for
/// want of file descriptors. A body that cannot be cancelled for want of memory is cancelled as
/// soon as there is some; its grace begins then.
/// @par Thread safety
/// As of all @ref async "asynchronous operations".
/// @par Progress
/// As `async_admit` until the conversation begins; then that of the body, its strand and its
/// executor.
/// @par Complexity
/// As `async_admit`, beside the work of the body.
/// @par Example
/// @code
/// auto body = [&](admit::permit& permit) -> asio::awaitable<void> {
///     auto answer = think(user);
///     co_await std::move(answer);  // throws when the conversation's time is up
///     permit.touch();
/// };
/// auto work = admit::async_with_permit(engine, user, {.wait_at_most = 2s}, body,
///                                      asio::use_awaitable);
/// const admit::outcome outcome = co_await std::move(work);
/// if (!outcome) reply(user, outcome.rejected.message());
/// @endcode
/// @ingroup async
template <class Body, class CompletionToken = boost::asio::deferred_t>
requires std::invocable<Body&, permit&>
auto async_with_permit(engine& engine, const user_key& user, work_options options, Body body,
                       CompletionToken&& token = CompletionToken{}) {
    detail::check_priority("work_options::priority", options.priority);
    return boost::asio::async_initiate<CompletionToken, void(std::exception_ptr, outcome)>(
        detail::initiate_run{options.grace, engine, user, options}, token,
        detail::erase_body(std::move(body)));
}

template <class Body, class CompletionToken = boost::asio::deferred_t>
requires std::invocable<Body&, permit&>
auto async_with_permit(engine& engine, std::string_view user, work_options options, Body body,
                       CompletionToken&& token = CompletionToken{}) {
    detail::check_priority("work_options::priority", options.priority);
    return boost::asio::async_initiate<CompletionToken, void(std::exception_ptr, outcome)>(
        detail::initiate_run{options.grace, engine, user, options}, token,
        detail::erase_body(std::move(body)));
}

/// Runs a coroutine in a conversation that has begun: as the overload for a user, without the
/// question. So a bot can try first, and wait only if it has to.
///
/// @tparam Body The type of `body`.
/// @tparam CompletionToken The type of `token`.
/// @param engine The engine that gave the permit.
/// @param held The permit. If the operation is never launched, the permit is destroyed with it,
///   which ends the conversation.
/// @param options How long the body may go on after it was asked to end; the other fields have no
///   meaning here.
/// @param body As for a user.
/// @param token As for a user.
/// @return As for a user.
///
/// @par Preconditions
/// None. The work does not begin under a permit that is empty or of another engine, nor in a
/// conversation that has ended; a conversation of another engine ends as `status::cancelled`. A
/// closed engine does not matter: the conversation has begun before.
/// @par Lifetimes
/// As for a user.
/// @par Handler signature
/// As for a user.
/// @par Executor
/// As for a user.
/// @par Cancellation
/// The body is cancelled, as for a user.
/// @par Errors
/// `outcome::rejected` is `asio::error::operation_aborted` if the work did not begin, or
/// `errc::shutting_down` if the conversation has ended and the engine is closed or gone. The
/// initiating function throws `std::bad_alloc`.
/// @par Thread safety
/// As of all @ref async "asynchronous operations".
/// @par Progress
/// That of the body, its strand and its executor.
/// @par Complexity
/// O(1), beside the work of the body.
/// @par Example
/// @code
/// auto permit = engine.try_admit(user);
/// if (permit)
///     admit::async_with_permit(engine, std::move(*permit), {}, body, token);
/// else  // full: now the reply takes a while, and the bot may tell the user
///     admit::async_with_permit(engine, user, {.wait_at_most = 2s}, body, token);
/// @endcode
/// @ingroup async
template <class Body, class CompletionToken = boost::asio::deferred_t>
requires std::invocable<Body&, permit&>
auto async_with_permit(engine& engine, permit held, work_options options, Body body,
                       CompletionToken&& token = CompletionToken{}) {
    detail::check_priority("work_options::priority", options.priority);
    return boost::asio::async_initiate<CompletionToken, void(std::exception_ptr, outcome)>(
        detail::initiate_run_held{options.grace, engine}, token, std::move(held),
        detail::erase_body(std::move(body)));
}

/// @}

/// @name Expiring
/// @{

/// Calls `engine::expire` every `interval` until it is cancelled.
///
/// The calls are at multiples of the interval from the start, so the loop does not drift. When a
/// call comes late, what is due has ended once, and the next call is at the next multiple.
///
/// @tparam CompletionToken The type of `token`.
/// @param engine The engine to call.
/// @param interval The time between two calls. Range: more than 0. Conversations end late by up to
///   this much; a call costs what `engine::expire` says.
/// @param token What to do on completion; by default the operation is deferred.
/// @return What `token` decides.
/// @throws std::invalid_argument For an interval of 0 or less, from this function itself, whatever
///   the token is.
///
/// @par Preconditions
/// `interval` is more than 0.
/// @par Lifetimes
/// As of all @ref async "asynchronous operations".
/// @par Handler signature
/// `void(boost::system::error_code)`.
/// @par Executor
/// As of all @ref async "asynchronous operations". The calls run on it, too.
/// @par Cancellation
/// The operation completes with `asio::error::operation_aborted`. It is emitted on an executor that
/// runs one thing at a time, as a strand does.
/// @par Errors
/// `asio::error::operation_aborted`; `errc::shutting_down` when the engine has gone;
/// `asio::error::no_memory` if the timer cannot be armed again. The initiating function throws
/// `std::bad_alloc`, or `boost::system::system_error` if the context cannot have timers.
/// @par Thread safety
/// As of all @ref async "asynchronous operations".
/// @par Progress
/// That of `engine::expire`, except for what Asio does to arm a timer.
/// @par Complexity
/// That of `engine::expire` for each call.
/// @par Example
/// @code
/// asio::cancellation_signal stop;  // emitted from the context: stop.emit(terminal)
/// admit::async_expire(engine, 1s,
///                     asio::bind_cancellation_slot(
///                         stop.slot(), asio::bind_executor(context, asio::detached)));
/// @endcode
/// @ingroup async
template <class CompletionToken = boost::asio::deferred_t>
auto async_expire(engine& engine, saturating_duration interval,
                  CompletionToken&& token = CompletionToken{}) {
    detail::check_interval(interval);
    return boost::asio::async_initiate<CompletionToken, void(boost::system::error_code)>(
        detail::initiate_expire{interval, engine}, token);
}

/// @}

/// @name Draining
/// @{

/// Shuts an engine down in an orderly way.
///
/// It closes the engine, so that new admissions and all waiters get `errc::shutting_down`. It gives
/// what is active until the deadline, and ends the rest as `status::drained`. What runs under
/// `async_with_permit` is cancelled and has its grace. The operation completes when nothing is
/// active, at once if nothing was.
///
/// @tparam CompletionToken The type of `token`.
/// @param engine The engine to shut down.
/// @param options How long what is active may go on.
/// @param token What to do on completion; by default the operation is deferred.
/// @return What `token` decides: with `use_awaitable` an awaitable of the `drain_report`.
///
/// @par Preconditions
/// None.
/// @par Lifetimes
/// As of all @ref async "asynchronous operations". When the engine goes meanwhile, or had gone
/// before a deferred drain was launched, the drain completes without an error.
/// @par Handler signature
/// `void(boost::system::error_code, admit::drain_report)`.
/// @par Executor
/// As of all @ref async "asynchronous operations".
/// @par Cancellation
/// The operation completes with `asio::error::operation_aborted`; the engine stays closed. It is
/// emitted on an executor that runs one thing at a time, as a strand does.
/// @par Errors
/// `asio::error::operation_aborted`; `asio::error::no_memory` if there is none to cut off what is
/// left: the engine stays closed, and can be drained again. The initiating function throws
/// `std::bad_alloc`, when the engine may have been closed; and `boost::system::system_error` if the
/// context cannot have timers, for want of file descriptors.
/// @par Thread safety
/// As of all @ref async "asynchronous operations". Of several drains of one engine each completes.
/// @par Progress
/// Closing is that of `engine::close`, except for what Asio does to post a handler or to arm a
/// timer.
/// @par Complexity
/// O(max_concurrent), spread over the endings.
/// @par Example
/// @code
/// auto draining = admit::async_drain(engine, {.deadline = 10s}, asio::use_awaitable);
/// const admit::drain_report report = co_await std::move(draining);
/// std::cout << report.completed << " ended in time, " << report.cut.size() << " were cut off\n";
/// @endcode
/// @ingroup async
template <class CompletionToken = boost::asio::deferred_t>
auto async_drain(engine& engine, drain_options options = {},
                 CompletionToken&& token = CompletionToken{}) {
    return boost::asio::async_initiate<CompletionToken,
                                       void(boost::system::error_code, drain_report)>(
        detail::initiate_drain{options.deadline, engine}, token);
}

/// @}

}  // namespace admit
