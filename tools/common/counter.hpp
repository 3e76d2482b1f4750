// SPDX-License-Identifier: BSL-1.0
// A counter with one writing thread. Used by admit-load and admit-crowd.
#pragma once

#include <atomic>
#include <cstdint>

namespace admit::tools {

/// One thread adds, any thread reads. No read-modify-write is needed, so adding costs no bus lock.
class single_writer_counter {
public:
    void add() noexcept { count_.store(get() + 1, std::memory_order_relaxed); }
    std::uint64_t get() const noexcept { return count_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> count_{0};
};

}  // namespace admit::tools
