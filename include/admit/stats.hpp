// What an engine tells about itself: totals, and the list of its conversations.
#pragma once

#include <admit/error.hpp>
#include <admit/limits.hpp>
#include <admit/permit.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

namespace admit {

/// Rejections since the engine was made, by reason.
struct rejections {
    std::uint64_t shutting_down = 0;
    std::uint64_t global_limit = 0;
    std::uint64_t invalid_user_id = 0;
    std::uint64_t user_limit = 0;
    std::uint64_t queue_full = 0;
    std::uint64_t user_queue_full = 0;
    std::uint64_t wait_timeout = 0;

    std::uint64_t total() const noexcept {
        return shutting_down + global_limit + invalid_user_id + user_limit + queue_full +
               user_queue_full + wait_timeout;
    }
};

/// Ended conversations since the engine was made, by how they ended.
struct endings {
    std::uint64_t completed = 0;
    std::uint64_t idle = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t error = 0;
    std::uint64_t drained = 0;

    std::uint64_t total() const noexcept { return completed + idle + timed_out + error + drained; }
};

/// A picture of an engine. At rest it is exact: `admitted == active + ended.total()`. While other
/// threads are at work each figure is off by at most the calls concurrent with it; `active` is
/// never above the limit in force, but where that was lowered below what was active.
struct stats {
    std::size_t active = 0;      ///< conversations now
    std::size_t users = 0;       ///< users with at least one conversation now
    std::size_t waiting = 0;     ///< admissions that wait for room now
    std::uint64_t admitted = 0;  ///< admissions since the engine was made
    /// Conversations whose body did not end within its grace, so that their slots were reclaimed.
    /// They are among `ended`.
    std::uint64_t overstayed = 0;
    rejections rejected;
    endings ended;
    admit::limits limits;  ///< the limits in force
};

/// One line of a listing.
struct conversation {
    conversation_id id;
    std::string user;
    time_point started;
    time_point last_activity;
};

/// What one call of `engine::expire` ended, or told to end: a conversation that runs under
/// `async_with_permit` keeps its slot until its body has ended.
struct expired {
    std::size_t idle = 0;
    std::size_t timed_out = 0;

    std::size_t total() const noexcept { return idle + timed_out; }
    /// As a plain number: how many were ended.
    operator std::size_t() const noexcept { return total(); }
};

}  // namespace admit
