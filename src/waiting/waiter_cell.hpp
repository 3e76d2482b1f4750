// SPDX-License-Identifier: BSL-1.0
// The cell of one waiter: what the engine knows of it, so that no other thread reads the operation
// behind it. waiting_room.hpp has the pool; the passes of pass.hpp read and move the cells.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "conversation/user_name.hpp"
#include "users/user_ref.hpp"
#include "waiting/cell_pool.hpp"
#include "waiting/fair_queue.hpp"

namespace admit::core {

struct waiter_cell : cell, queued_waiter {
    // Written while idle; `queued_waiter::priority` and its limit as well.
    plain<wait_kind> kind;
    plain<bool> owed;             ///< a slot is owed to it since its arrival
    plain<std::uint64_t> engine;  ///< the number of the engine that it waits for
    plain<user_tag> user;
    plain<lane*> lane_of_user;   ///< where its user is counted
    plain<lane*> count_of_user;  ///< its user's waiting requests, exactly
    user_name name;
    // For listings beside the name, and not modelled, as the name's bytes are not.
    std::atomic<std::uint64_t> rank{0};  ///< stamp of arrival * `priorities` + priority; 0: a drain
    std::atomic<nanos> since{0};
    std::atomic<nanos> deadline{end_of_time};  ///< for `time_out`

    // Only passes use these.
    bool arrived = false;    ///< a pass has seen the arrival
    bool cancelled = false;  ///< a pass has seen the cancellation

    index_stack::link next_cancelled{index_stack::none};  ///< among the cancellations

    user_queue lent_queue;  ///< lent to the fair queue for good
};

inline waiter_cell& cell_of(queued_waiter& waiter) noexcept {
    return static_cast<waiter_cell&>(waiter);
}

/// Cells, and as many buckets to find their user queues by.
struct waiter_block {
    explicit waiter_block(std::size_t count)
        : cells(count), buckets(count), tails{new std::uint64_t[count * user_name::tail_words]} {}
    waiter_cell& operator[](std::size_t place) noexcept { return cells[place]; }

    /// The tail of a cell's name.
    std::uint64_t* tail_of(const waiter_cell& cell) const noexcept {
        return &tails[static_cast<std::size_t>(&cell - cells.data()) * user_name::tail_words];
    }

    std::vector<waiter_cell> cells;
    std::vector<fair_queue::bucket> buckets;
    std::unique_ptr<std::uint64_t[]> tails;  ///< not touched while ids are short
};

using waiter_pool = cell_pool<waiter_cell, waiter_block>;

/// What a waiter asks for.
struct wait_terms {
    std::uint64_t engine = 0;  ///< the number of the engine
    wait_kind kind = wait_kind::for_slot;
    user_ref user;                           ///< for a slot: its user
    std::uint8_t priority = 0;               ///< less than `priorities`
    nanos deadline = end_of_time;            ///< from when on `time_out` ends the wait
    std::optional<std::uint32_t> own_limit;  ///< instead of the limit of all users
};

}  // namespace admit::core
