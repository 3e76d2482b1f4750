// SPDX-License-Identifier: BSL-1.0
// Event counters of one engine, for events too frequent for one shared word. The functions of
// waiting and lifecycle count; engine/inspection.cpp adds up. Each thread has a stripe that only it
// writes, so counting is a load and a store. Further threads share the last stripe.
// memory_order_relaxed throughout: counters guard nothing. A stripe that passes to another thread
// keeps its counts, because taking a stripe acquires what giving it back released.
#pragma once

#include <array>

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
    ended_cancelled,
    overstayed,
};

inline constexpr std::size_t event_kinds = static_cast<std::size_t>(event::overstayed) + 1;

/// Adds to a count that only the thread with `stripe` writes, but for the shared stripe.
inline void add(atomic<std::uint64_t>& count, std::uint64_t amount, unsigned stripe) noexcept {
    ADMIT_ASSERT(stripe <= counter_stripes);
    // relaxed: see above.
    if (stripe == counter_stripes)
        count.fetch_add(amount, memory_order_relaxed);
    else
        count.store(count.load(memory_order_relaxed) + amount, memory_order_relaxed);
}

class counters {
public:
    using totals = std::array<std::uint64_t, event_kinds>;

    /// Counts for the thread that has `stripe`; `counter_stripes` is the shared stripe.
    void count(event kind, unsigned stripe) noexcept {
        ADMIT_ASSERT(static_cast<std::size_t>(kind) < event_kinds);
        add(stripes_[stripe].cells[static_cast<std::size_t>(kind)], 1, stripe);
    }

    totals sum() const noexcept {
        totals sum{};
        for (const stripe_line& each : stripes_)
            for (std::size_t kind = 0; kind < event_kinds; ++kind)
                // relaxed: see above.
                sum[kind] += each.cells[kind].load(memory_order_relaxed);
        return sum;
    }

    void reset() noexcept {
        for (stripe_line& each : stripes_)
            // relaxed: see above.
            for (auto& cell : each.cells) cell.store(0, memory_order_relaxed);
    }

private:
    struct alignas(cache_line) stripe_line {
        atomic<std::uint64_t> cells[event_kinds] = {};
    };

    stripe_line stripes_[counter_stripes + 1];
};

}  // namespace admit::core
