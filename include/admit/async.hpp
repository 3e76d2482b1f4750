// The engine for programs on Boost.Asio: waiting for room, working under a permit, expiring,
// draining.
//
// What all operations here have in common:
//
// Completion tokens. Any: `use_awaitable`, `deferred` (the default), `as_tuple`, `use_future`,
//   `detached`, a callback; where the first argument is an error code also `redirect_error`.
// Executor. The handler, and everything that an operation runs by itself, runs on the executor that
//   is associated with the handler; without one that is the system executor, whose threads are
//   Asio's own. It has to be convertible to `any_io_executor`. A handler is never called inside the
//   function that starts the operation, nor inside `end()` or `expire()` of another thread. While
//   an operation is pending its executor has work.
// Allocator. That of the handler is used to keep the handler, for the wait of `async_admit` but for
//   its timer, and for the steps of `async_expire`; all else has Asio's recycled memory, or the
//   global allocator's.
// Starting. From any thread, with a context running on it or not. The initiating function copies
//   the user id; it throws `std::bad_alloc`, and then no handler is called, and no conversation is
//   left: one that had begun has ended as `error`. Only a drain may have closed its engine by then.
// Cancellation. By the handler's cancellation slot, of all three types: `terminal`, `partial` and
//   `total` mean the same here. As everywhere in Asio it is emitted on the operation's executor;
//   that of `async_expire` and `async_drain` has to run one thing at a time then, as a strand does.
//   What is emitted after the completion does nothing.
// Lifetimes. The engine has to live until the initiating function returns (with a lazy token: that
//   which launches it). After that the engine, the context and the permits may go in any order:
//   operations of an engine that goes complete with `errc::shutting_down`; those of a context that
//   goes are destroyed, and leave no trace in the engine. A context that goes waits for a thread
//   that is just posting to it.
// Thread safety. Any number of operations of one engine, on any contexts at once.
//
// With g++ 12, name the operation first and then await it, and name a body that captures: in
// `co_await admit::async_with_permit(engine, user, {}, [x = std::move(x)](auto&) ...)` this
// compiler destroys the lambda twice (GCC PR99576).
#pragma once

#include <admit/detail/operations.hpp>
#include <admit/engine.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <concepts>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

namespace admit {

/// Waits without limit, as `wait_options::wait_at_most`.
inline constexpr duration forever = duration::max();

/// How to ask for a conversation.
struct wait_options {
    /// How long to wait for room: 0 for not at all (a rejection comes at once), `forever` for as
    /// long as it takes. Less than 0 counts as 0.
    duration wait_at_most{};
};

/// How to work under a permit.
struct work_options {
    /// As `wait_options::wait_at_most`.
    duration wait_at_most{};
    /// How long the body may go on after it was asked to end, before its slot is taken from it.
    duration grace = std::chrono::seconds{10};
};

/// What became of a piece of work.
struct outcome {
    /// Why it did not begin; no error if it did. `operation_aborted` also if its conversation was
    /// ended by somebody else before the body could begin.
    boost::system::error_code rejected;
    /// How its conversation ended: `completed` when the body returned, `error` when it threw,
    /// otherwise what the body was cancelled for.
    status ended = status::completed;
    /// The body did not end within its grace: the slot was taken from it before it did.
    bool overstayed = false;
    /// The conversation's; that of none if it did not begin.
    conversation_id id;

    /// Whether the work began.
    explicit operator bool() const noexcept { return !rejected; }
};

/// How to drain an engine.
struct drain_options {
    /// How long what is active may go on. Less than 0 counts as 0.
    duration deadline = std::chrono::seconds{30};
};

/// What came of a drain.
struct drain_report {
    std::size_t completed = 0;      ///< conversations that ended within the deadline
    std::vector<conversation> cut;  ///< those that were cut off, as they were then
    std::size_t overstayed = 0;     ///< of these, those that did not end within their grace
};

/// Asks for a conversation of `user`, and waits for room if there is none.
///
/// Waiters are served round robin by user, each user's own in the order of their coming. One that
/// is kept out by its own user's limit alone holds up nobody. Whoever calls `try_admit` after a
/// waiter has its place does not take the waiter's room.
///
/// When it need not wait this is `try_admit` and a hop through the executor, which costs several
/// times as much: where that matters, call `engine::try_admit` first, and this when it says no.
///
/// Preconditions: `user` is 1 to 255 bytes, or a key of this engine; else it is rejected.
/// Handler signature: `void(boost::system::error_code, admit::permit)`. Without an error the permit
///   holds the conversation, which began when room was found. The permit is empty with an error.
/// Cancellation: while waiting, `asio::error::operation_aborted`. A cancellation that comes after
///   the grant changes nothing: the handler is given the permit.
/// Errors: `shutting_down`, `global_limit`, `invalid_user_id`, `user_limit`
///   (`global_limit` and `user_limit` only if it may not wait), `queue_full`, `user_queue_full`,
///   `wait_timeout`; `operation_aborted`.
/// Progress: lock-free up to the place in the queue, but for what Asio does to post a handler or to
///   arm a timer. Waiters are served by whichever thread ends a conversation; if that thread is
///   suspended meanwhile, waiters wait for it.
/// Complexity: O(1) expected, over all who wait.
template <class CompletionToken = boost::asio::deferred_t>
auto async_admit(engine& engine, const user_key& user, wait_options options = {},
                 CompletionToken&& token = CompletionToken{}) {
    return boost::asio::async_initiate<CompletionToken, void(boost::system::error_code, permit)>(
        detail::initiate_admit{engine, user, options.wait_at_most}, token);
}
template <class CompletionToken = boost::asio::deferred_t>
auto async_admit(engine& engine, std::string_view user, wait_options options = {},
                 CompletionToken&& token = CompletionToken{}) {
    return boost::asio::async_initiate<CompletionToken, void(boost::system::error_code, permit)>(
        detail::initiate_admit{engine, user, options.wait_at_most}, token);
}

/// Runs `body` in a conversation of `user`: waits for room as `async_admit` does, runs the
/// coroutine `body(permit&)`, and ends the conversation by what happened.
///
/// When the conversation is idle or too old (found by whoever calls `engine::expire`), when it is
/// drained, ended by its id, or its engine goes, the body is cancelled: the next `co_await` in it
/// throws `operation_aborted`, and `permit::ending()` says why. A conversation that has expired or
/// is drained keeps its slot until the body has ended, or its grace has passed; then an `expire` or
/// the drain takes the slot away, and the body is no conversation any more. One that was ended by
/// its id, or whose engine goes, has ended at once. Inside, `permit.touch()` and
/// `permit.remaining()` work as ever.
///
/// Preconditions: as `async_admit`. `body` is called at most once, with a permit that lives until
///   the body has ended.
/// Lifetimes: `body` is moved into the operation, and destroyed after the handler was called.
/// Handler signature: `void(std::exception_ptr, admit::outcome)`. The exception is what the body
///   threw, unless it was the end of a body that was cancelled by the engine. Being rejected is no
///   exception: see `outcome::rejected`, with the errors of `async_admit`.
/// Tokens: Boost 1.81 cannot await it deferred, since the first argument is an exception: name
///   `use_awaitable`, or launch it with that.
/// Executor: `body` runs on a strand of the handler's executor.
/// Cancellation: while waiting as `async_admit`; then the body is cancelled, and what it throws is
///   passed on.
template <class Body, class CompletionToken = boost::asio::deferred_t>
requires std::invocable<Body&, permit&>
auto async_with_permit(engine& engine, const user_key& user, work_options options, Body body,
                       CompletionToken&& token = CompletionToken{}) {
    return boost::asio::async_initiate<CompletionToken, void(std::exception_ptr, outcome)>(
        detail::initiate_work{engine, user, options.wait_at_most, options.grace}, token,
        detail::erase_body(std::move(body)));
}
template <class Body, class CompletionToken = boost::asio::deferred_t>
requires std::invocable<Body&, permit&>
auto async_with_permit(engine& engine, std::string_view user, work_options options, Body body,
                       CompletionToken&& token = CompletionToken{}) {
    return boost::asio::async_initiate<CompletionToken, void(std::exception_ptr, outcome)>(
        detail::initiate_work{engine, user, options.wait_at_most, options.grace}, token,
        detail::erase_body(std::move(body)));
}

/// Calls `engine::expire` every `interval` until it is cancelled, at multiples of the interval from
/// its start: it does not drift, and when it comes late, what is due has ended once, and the next
/// call is at the next multiple.
///
/// Preconditions: `interval` is more than 0, else it throws `std::invalid_argument`.
/// Handler signature: `void(boost::system::error_code)`.
/// Cancellation: `asio::error::operation_aborted`.
/// Errors: `operation_aborted`; `shutting_down` when the engine has gone.
template <class CompletionToken = boost::asio::deferred_t>
auto async_expire(engine& engine, duration interval, CompletionToken&& token = CompletionToken{}) {
    detail::check_interval(interval);
    return boost::asio::async_initiate<CompletionToken, void(boost::system::error_code)>(
        detail::initiate_expire{engine, interval}, token);
}

/// Shuts an engine down: closes it, so that new admissions and all waiters get `shutting_down`;
/// gives what is active until the deadline; ends the rest as `drained`. What runs under
/// `async_with_permit` is cancelled and has its grace. Completes when nothing is active, at once if
/// nothing was.
///
/// Handler signature: `void(boost::system::error_code, admit::drain_report)`.
/// Cancellation: `asio::error::operation_aborted`; the engine stays closed.
/// Errors: `operation_aborted`; `asio::error::no_memory` if there is none to cut off what is left:
///   the engine stays closed, and can be drained again.
/// Complexity: O(max_concurrent), spread over the endings.
template <class CompletionToken = boost::asio::deferred_t>
auto async_drain(engine& engine, drain_options options = {},
                 CompletionToken&& token = CompletionToken{}) {
    return boost::asio::async_initiate<CompletionToken,
                                       void(boost::system::error_code, drain_report)>(
        detail::initiate_drain{engine, options.deadline}, token);
}

}  // namespace admit
