// SPDX-License-Identifier: BSL-1.0
#include "crowd/context_thread.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace admit::crowd {

namespace asio = boost::asio;

namespace {

/// Users that are spawned before spawned users run: freed memory is reused soon, as in a bot.
constexpr std::size_t batch_size = 64;

/// A user that only sleeps: until its turn, and once for each step.
template <class Sleeper>
asio::awaitable<void> sleep_only(context_thread& thread, std::size_t user) {
    auto sleeper = thread.sleeper<Sleeper>();
    thread.count_arrival();
    auto turn = sleeper.until(thread.state().turn_of(user));
    co_await std::move(turn);
    for (std::size_t step = 0; step < thread.state().plan.steps; ++step) {
        auto pause = sleeper.until(steady::now() + thread.state().step());
        co_await std::move(pause);
    }
    thread.count_departure();
}

/// Starts the wait with a reference to the name. A deferred `async_admit` would copy the name,
/// because the name might be destroyed before the wait begins; the names of a crowd stay.
struct admit_by_reference {
    context_thread& thread;
    std::size_t user;

    template <class Handler>
    void operator()(Handler&& handler) const {
        const shared_state& state = thread.state();
        async_admit(thread.engine(), state.names[user], {.wait_at_most = state.wait_at_most()},
                    std::forward<Handler>(handler));
    }
};

auto wait_for_permit(context_thread& thread, std::size_t user) {
    return asio::async_initiate<const asio::deferred_t&,
                                void(boost::system::error_code, admit::permit)>(
        admit_by_reference{thread, user}, asio::deferred);
}

/// An admitted user sleeps until the start. A waiting user is resumed after it.
template <class Sleeper, bool waits>
asio::awaitable<void> converse(context_thread& thread, std::size_t user, admit::permit permit) {
    auto sleeper = thread.sleeper<Sleeper>();
    thread.count_arrival();
    if constexpr (waits) {
        auto waiting = wait_for_permit(thread, user);
        permit = co_await std::move(waiting);
    } else {
        auto start = sleeper.until(thread.state().start);
        co_await std::move(start);
    }
    for (std::size_t step = 0; step < thread.state().plan.steps; ++step) {
        auto pause = sleeper.until(steady::now() + thread.state().step());
        co_await std::move(pause);
        permit.touch();
    }
    permit.end();
    thread.count_departure();
}

/// Tries first, then waits, so that the frame of an admitted user has no room for a wait.
template <class Sleeper>
asio::awaitable<void> user_with(context_thread& thread, std::size_t user) {
    if (!thread.state().plan.admitted) return sleep_only<Sleeper>(thread, user);
    if (auto permit = thread.engine().try_admit(thread.state().names[user]))
        return converse<Sleeper, false>(thread, user, std::move(*permit));
    return converse<Sleeper, true>(thread, user, {});
}

asio::awaitable<void> user_of(context_thread& thread, std::size_t user) {
    return thread.state().plan.timers == timer_kind::heap ? user_with<heap_sleeper>(thread, user)
                                                          : user_with<wheel_sleeper>(thread, user);
}

std::size_t share_of(const crowd_plan& plan, std::size_t thread) {
    return plan.users / plan.threads + (thread < plan.users % plan.threads ? 1 : 0);
}

}  // namespace

context_thread::context_thread(shared_state& state, std::size_t number)
    : state_(state), number_(number), share_(share_of(state.plan, number)) {}

void context_thread::begin() {
    asio::post(context_, [this] { spawn_batch(number_); });
    thread_ = std::thread([this] { context_.run(); });
}

/// Spawns users `user`, `user + threads`, ... and posts the next batch.
void context_thread::spawn_batch(std::size_t user) {
    const std::size_t threads = state_.plan.threads;
    const std::size_t end = std::min(state_.plan.users, user + batch_size * threads);
    for (; user < end; user += threads) spawn(user);
    if (user < state_.plan.users) asio::post(context_, [this, user] { spawn_batch(user); });
}

void context_thread::spawn(std::size_t user) {
    asio::co_spawn(context_, user_of(*this, user), [this](std::exception_ptr exception) {
        if (!exception || failed_.load()) return;
        exception_ = exception;
        failed_.store(true);
    });
}

}  // namespace admit::crowd
