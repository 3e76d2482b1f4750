// SPDX-License-Identifier: BSL-1.0
/// @file
/// What an engine reports about itself: totals, and the lists of its conversations and waiters.
#pragma once

#include <admit/histogram.hpp>
#include <admit/permit.hpp>
#include <optional>

namespace admit {

/// Rejections since the engine was made, by reason. Each field counts the admissions that were
/// rejected with the `errc` of the same name; each starts at 0.
struct rejections {
    std::uint64_t shutting_down = 0;    ///< rejected with `errc::shutting_down`
    std::uint64_t global_limit = 0;     ///< rejected with `errc::global_limit`
    std::uint64_t invalid_user_id = 0;  ///< rejected with `errc::invalid_user_id`
    std::uint64_t user_limit = 0;       ///< rejected with `errc::user_limit`
    std::uint64_t queue_full = 0;       ///< rejected with `errc::queue_full`
    std::uint64_t user_queue_full = 0;  ///< rejected with `errc::user_queue_full`
    std::uint64_t wait_timeout = 0;     ///< rejected with `errc::wait_timeout`

    /// The rejections of all reasons.
    /// @return The sum of the fields.
    std::uint64_t total() const noexcept {
        return shutting_down + global_limit + invalid_user_id + user_limit + queue_full +
               user_queue_full + wait_timeout;
    }
};

/// Ended conversations since the engine was made, by how they ended. Each field counts the
/// conversations that ended as the `status` of the same name; each starts at 0.
struct endings {
    std::uint64_t completed = 0;  ///< ended as `status::completed`
    std::uint64_t idle = 0;       ///< ended as `status::idle`
    std::uint64_t timed_out = 0;  ///< ended as `status::timed_out`
    std::uint64_t error = 0;      ///< ended as `status::error`
    std::uint64_t drained = 0;    ///< ended as `status::drained`
    std::uint64_t cancelled = 0;  ///< ended as `status::cancelled`

    /// The ended conversations of all kinds.
    /// @return The sum of the fields.
    std::uint64_t total() const noexcept {
        return completed + idle + timed_out + error + drained + cancelled;
    }
};

/// A picture of an engine, made by `engine::stats`.
///
/// At rest it is exact: `admitted == active + ended.total()`. While other threads are at work each
/// figure is off by at most the calls concurrent with it. `active` is never above the limit in
/// force, except where that limit was lowered below what was active.
struct stats {
    std::size_t active = 0;      ///< conversations active now
    std::size_t users = 0;       ///< users with at least one conversation now
    std::size_t waiting = 0;     ///< admissions that wait for room now
    std::uint64_t admitted = 0;  ///< admissions since the engine was made
    /// Conversations, since the engine was made, that lost their slots because their bodies did not
    /// end within their grace. They are among `ended`.
    std::uint64_t overstayed = 0;
    rejections rejected;   ///< rejected admissions since the engine was made, by reason
    endings ended;         ///< ended conversations since the engine was made, by `status`
    admit::limits limits;  ///< the limits in force
    /// How long the ended conversations lasted, by the engine's `time_source`. None without
    /// `engine_options::histograms`.
    std::optional<histogram> hold_times{};
    /// How long the requests had waited that were admitted after a wait. None without
    /// `engine_options::histograms`.
    std::optional<histogram> wait_times{};
};

/// An active conversation in a listing, as it was at one instant within the call that made the
/// list.
struct conversation {
    conversation_id id;        ///< the conversation's id
    std::string user;          ///< the bytes of its user's id: 1 to 255
    time_point started;        ///< when it was admitted, by the engine's `time_source`
    time_point last_activity;  ///< its last `permit::touch` that was recorded, or its start
};

/// A request that waits for room, in a listing, as it was at one instant within the call that made
/// the list.
struct waiter {
    std::string user;       ///< the bytes of its user's id: 1 to 255
    time_point since;       ///< when it began to wait, by the engine's `time_source`
    std::size_t ahead = 0;  ///< how many listed requests are admitted before it, an estimate
    unsigned priority = 0;  ///< its priority: 0 to 3
};

/// What a call of `engine::expire` ended, or told to end: a conversation that runs under
/// `async_with_permit` keeps its slot until its body has ended, or its grace has passed.
struct expired {
    std::size_t idle = 0;       ///< conversations that were idle for `limits::idle_timeout`
    std::size_t timed_out = 0;  ///< conversations that were active for `limits::max_duration`

    /// Both together.
    /// @return The sum of the fields.
    std::size_t total() const noexcept { return idle + timed_out; }
    /// As a plain number: how many were ended, or told to end.
    /// @return `total()`.
    operator std::size_t() const noexcept { return total(); }
};

}  // namespace admit
