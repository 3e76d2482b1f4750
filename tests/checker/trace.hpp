#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "checker/operation.hpp"

namespace admit::model {

/// One line of a printed interleaving.
struct event {
    operation_kind kind;
    thread_id thread;
    std::memory_order order = std::memory_order_relaxed;
    bool failed = false;  ///< compare_exchange that did not exchange, park_until that timed out
    bool spurious = false;
    std::uint32_t object = 0;  ///< location, plain cell or thread
    std::uint64_t before = 0;  ///< value read
    std::uint64_t after = 0;   ///< value written
    std::uint32_t store = 0;   ///< number of the store that was read or written
    std::uint32_t behind = 0;  ///< how many stores were newer than the one read
    thread_id writer = 0;      ///< who wrote the store that was read
    const char* label = nullptr;
};

using trace = std::vector<event>;

}  // namespace admit::model
