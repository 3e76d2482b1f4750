// SPDX-License-Identifier: BSL-1.0
// What runs under a permit, and how the bot speaks of its beginning and its end.
#include <fmt/format.h>

#include <algorithm>

#include "bot/conversations.hpp"
#include "bot/durations.hpp"

namespace admit::bot {

void conversations::begin(request& mine) {
    mine.running = true;
    mine.began = clock::now();
    session_.forget_notice(mine.number);
    const std::size_t active = engine_.active_count(), own = engine_.active_count(mine.by.user);
    say(mine.by, fmt::format("started ({} of {}, yours {} of {})", active,
                             engine_.limits().max_concurrent, own, limit_of(mine.by.user)));
    log_.write("started", {{"request", mine.number},
                           {"user", mine.by.user},
                           {"what", mine.what},
                           {"active", active},
                           {"of_user", own}});
}

/// Stands for what a real bot does: it takes some time, and comes in steps. A cancellation is
/// thrown from the wait.
asio::awaitable<void> conversations::do_work(request_ptr mine, admit::permit& permit) {
    begin(*mine);
    // A step is shorter than the idle timeout, so that work goes on as long as it was asked to.
    const duration longest = engine_.limits().idle_timeout / 2;
    const auto steps = std::max<duration::rep>(3, mine->length / longest + 1);
    for (duration::rep step = 1; step <= steps; ++step) {
        mine->wake.expires_after(mine->length / steps);
        auto working = mine->wake.async_wait(asio::use_awaitable);
        co_await std::move(working);
        permit.touch();
        if (step < steps && !mine->unheard)
            notify(*mine, fmt::format("{}: step {} of {}", mine->what, step, steps));
    }
}

/// A conversation in the narrow sense: it lives from the user's lines. `hear` wakes it for each.
asio::awaitable<void> conversations::converse(request_ptr mine, admit::permit& permit) {
    begin(*mine);
    for (bool warned = false;;) {
        while (!mine->lines.empty()) {
            const std::string line = std::move(mine->lines.front());
            mine->lines.pop_front();
            if (line == "bye") co_return;
            permit.touch();
            warned = false;
            say(mine->by, fmt::format("you said \"{}\"; go on, or say bye", line));
        }
        const duration left = permit.remaining();
        if (warned)
            mine->wake.expires_at(clock::time_point::max());
        else
            mine->wake.expires_after(std::max(left - config_.warn_before, duration::zero()));
        auto waiting = mine->wake.async_wait(asio::as_tuple(asio::use_awaitable));
        co_await std::move(waiting);
        // A line wakes the conversation as well as a cancellation does.
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error{asio::error::operation_aborted};
        if (!warned && mine->lines.empty() && permit.remaining() <= config_.warn_before) {
            warned = true;
            warn(*mine, permit.remaining());
        }
    }
}

void conversations::warn(const request& mine, duration left) {
    const duration age = clock::now() - mine.began;
    const bool too_old = engine_.limits().max_duration - age <= left + 100ms;
    say(mine.by, too_old ? fmt::format("our time is up in {}", show(left))
                         : fmt::format("are you still there? I leave in {} without a word from you",
                                       show(left)));
}

std::string conversations::ending(const request& mine, const outcome& result, bool failed) const {
    const admit::limits limits = engine_.limits();
    switch (result.ended) {
        case status::completed: return mine.asks ? "goodbye" : fmt::format("done: {}", mine.what);
        case status::idle:
            return fmt::format("goodbye: not a word from you for {}", show(limits.idle_timeout));
        case status::timed_out:
            return fmt::format("goodbye: our {} are over", show(limits.max_duration));
        case status::drained: return "goodbye: I am shutting down";
        case status::cancelled: return fmt::format("cancelled: {}", mine.what);
        case status::error: break;
    }
    return fmt::format("{}: {}", failed ? "failed" : "ended", mine.what);
}

std::string conversations::rejection(const request& mine,
                                     const boost::system::error_code& reason) const {
    const admit::limits limits = engine_.limits();
    if (reason == asio::error::operation_aborted) return "cancelled: " + mine.what;
    if (reason.category() != admit::error_category()) return reason.message();
    switch (static_cast<errc>(reason.value())) {
        case errc::shutting_down: return "I am shutting down";
        case errc::global_limit: {
            const duration later = engine_.retry_after(mine.by.user);
            return fmt::format("all {} are busy, come back within {}", limits.max_concurrent,
                               show(later));
        }
        case errc::invalid_user_id: return "your address is too long for me";
        case errc::user_limit: return fmt::format("your limit is {}", limit_of(mine.by.user));
        case errc::queue_full:
            return fmt::format("the line is full: {} wait already", limits.max_waiting);
        case errc::user_queue_full:
            return fmt::format("{} of yours wait already", limits.max_waiting_per_user);
        case errc::wait_timeout:
            return fmt::format("sorry, no room within {}", show(config_.wait_at_most));
    }
    return reason.message();
}

}  // namespace admit::bot
