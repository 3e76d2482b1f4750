// Where the engine keeps one who waits.
#pragma once

#include <cstdint>
#include <vector>

#include "waiting/cell_pool.hpp"
#include "waiting/fair_queue.hpp"

namespace admit::core {

struct waiter_cell : cell, queued_waiter {
    plain<wait_kind> kind;  ///< written while idle

    // Of who serves the waiters.
    bool arrived = false;    ///< its coming was seen
    bool cancelled = false;  ///< its going was seen

    index_stack::link next_cancelled{index_stack::none};  ///< among those that left

    /// Written while idle. The waiter may be gone when this is asked for.
    plain<user_tag> user;

    user_queue own_queue;  ///< lent to the turns for good
};

/// Cells, and as many buckets to find their lines by.
struct waiter_block {
    explicit waiter_block(std::size_t count) : cells(count), buckets(count) {}
    waiter_cell& operator[](std::size_t place) noexcept { return cells[place]; }

    std::vector<waiter_cell> cells;
    std::vector<fair_queue::bucket> buckets;
};

using waiter_pool = cell_pool<waiter_cell, waiter_block>;

}  // namespace admit::core
