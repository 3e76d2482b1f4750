// SPDX-License-Identifier: BSL-1.0
// The timeouts and the waiting limits in force. `set_limits` writes them; expiry, permits and the
// passes of src/waiting read them. No reader waits for a writer.
#pragma once

#include "base/time.hpp"
#include "slots/capacity.hpp"

namespace admit::core {

/// The timeouts of one `set_limits`; a new `version` says that they may have changed.
struct timeouts {
    nanos idle = 0;
    nanos max_duration = 0;
    std::uint64_t version = 0;

    nanos shortest() const noexcept { return std::min(idle, max_duration); }
};

class settings {
public:
    /// How many waiters there may be, in all and of one user.
    count_limits read_waiting() const noexcept {
        // relaxed: judged one waiter at a time.
        return waiting_.load(memory_order_relaxed);
    }
    void replace_waiting(count_limits next) noexcept {
        // relaxed: as in `read_waiting`.
        waiting_.store(next, memory_order_relaxed);
    }

    timeouts read_timeouts() const noexcept {
        for (;;) {
            // acquire: edge timeouts, with the stores below. If the version is the same before and
            // after, the lengths read were in force in between. Lengths read during a write come
            // with a version that does not last.
            const std::uint64_t before = version_.load(memory_order_acquire);
            const timeouts read{.idle = idle_.load(memory_order_acquire),
                                .max_duration = max_duration_.load(memory_order_acquire),
                                .version = before};
            // relaxed: the acquire loads above keep this load behind them.
            if (version_.load(memory_order_relaxed) == before) return read;
        }
    }

    void replace_timeouts(nanos idle, nanos max_duration) noexcept {
        // release: edge timeouts. The version changes before and after the lengths. So a bound that
        // was computed from a mixture of old and new lengths is not relied upon later.
        version_.fetch_add(1, memory_order_acq_rel);
        idle_.store(idle, memory_order_release);
        max_duration_.store(max_duration, memory_order_release);
        version_.fetch_add(1, memory_order_acq_rel);
    }

private:
    alignas(cache_line) atomic<count_limits> waiting_{count_limits{}};
    atomic<std::uint64_t> version_{0};  ///< + 2 for each `replace_timeouts`
    atomic<nanos> idle_{0};
    atomic<nanos> max_duration_{0};
};

}  // namespace admit::core
