// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "checker/operation.hpp"
#include "checker/thread_id.hpp"

namespace admit::model {

/// One line of a printed interleaving.
struct event {
    operation_kind kind;
    thread_id thread;
    std::memory_order order = std::memory_order_relaxed;
    bool failed = false;  ///< compare_exchange that did not exchange, park_until that timed out
    bool spurious = false;
    std::uint32_t object = 0;  ///< index of a location or plain location, or number of a thread
    std::uint64_t before = 0;  ///< value read
    std::uint64_t after = 0;   ///< value written
    std::uint32_t store = 0;   ///< number of the store that was read or written
    std::uint32_t behind = 0;  ///< how many stores are newer than the store that was read
    thread_id writer = 0;      ///< thread of the store that was read
    const char* label = nullptr;
};

using trace = std::vector<event>;

}  // namespace admit::model
