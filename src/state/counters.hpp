// Events that are too frequent for a shared counter: each thread counts in a line of its own, which
// only it writes, so that counting is a load and a store. Threads beyond the number of lines share
// one, and count there by read-modify-write.
//
// memory_order_relaxed throughout: counters guard nothing. What one thread counted is kept when its
// line passes to another, because claiming a line acquires what giving it back released.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/atomic.hpp"
#include "base/sizes.hpp"

namespace admit::core {

/// What is counted.
enum class event : std::uint8_t {
    rejected_shutting_down,
    rejected_global_limit,
    rejected_invalid_user_id,
    rejected_user_limit,
    rejected_queue_full,
    rejected_user_queue_full,
    rejected_wait_timeout,
    ended_idle,
    ended_timed_out,
    ended_error,
    ended_drained,
    overstayed,
};

inline constexpr std::size_t event_kinds = 12;

class counters {
public:
    using totals = std::array<std::uint64_t, event_kinds>;

    /// Counts on behalf of the thread that owns `stripe`; `counter_stripes` is the shared one.
    void count(event what, unsigned stripe) noexcept {
        // relaxed: see above.
        atomic<std::uint64_t>& cell = queues_[stripe].cells[static_cast<std::size_t>(what)];
        if (stripe == counter_stripes)
            cell.fetch_add(1, memory_order_relaxed);
        else
            cell.store(cell.load(memory_order_relaxed) + 1, memory_order_relaxed);
    }

    totals sum() const noexcept {
        totals sum{};
        for (const line& each : queues_)
            for (std::size_t kind = 0; kind < event_kinds; ++kind)
                // relaxed: see above.
                sum[kind] += each.cells[kind].load(memory_order_relaxed);
        return sum;
    }

    void reset() noexcept {
        for (line& each : queues_)
            // relaxed: see above.
            for (auto& cell : each.cells) cell.store(0, memory_order_relaxed);
    }

private:
    struct alignas(cache_line) line {
        atomic<std::uint64_t> cells[event_kinds] = {};
    };

    line queues_[counter_stripes + 1];
};

}  // namespace admit::core
