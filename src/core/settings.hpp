// The limits in force, for readers who do not wait for a writer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/activity.hpp"
#include "core/atomic.hpp"

namespace admit::core {

/// The timeouts of one `set_limits`; `version` tells that they are still the same.
struct timeouts {
    nanos idle = 0;
    nanos longest = 0;
    std::uint64_t version = 0;

    nanos shortest() const noexcept { return std::min(idle, longest); }
};

/// `instant + length`, or the end of time.
inline nanos after(nanos instant, nanos length) noexcept {
    nanos sum = 0;
    return __builtin_add_overflow(instant, length, &sum) ? std::numeric_limits<nanos>::max() : sum;
}

class settings {
public:
    struct counts {
        std::uint32_t concurrent = 0;
        std::uint32_t per_user = 0;
    };

    counts read_counts() const noexcept {
        // seq_cst: a call that begins after `set_limits` returned sees what it wrote.
        return unpack(counts_.load(memory_order_seq_cst));
    }

    /// How many may wait, in all and of one user; for who serves the waiters.
    counts read_waiting() const noexcept {
        return unpack(waiting_.load(memory_order_relaxed));  // relaxed: judged one waiter at a time
    }
    void replace_waiting(counts next) noexcept {
        waiting_.store(pack(next), memory_order_relaxed);  // relaxed: as in `read_waiting`
    }

    /// Replaces the counts if they are still `seen`, which is else brought up to date.
    bool replace_counts(counts& seen, counts next) noexcept {
        std::uint64_t expected = pack(seen);
        // seq_cst: as in `read_counts`, also on failure.
        const bool replaced = counts_.compare_exchange_strong(
            expected, pack(next), memory_order_seq_cst, memory_order_seq_cst);
        if (!replaced) seen = unpack(expected);
        return replaced;
    }

    /// No limits yet, for a new engine in this memory.
    void reset() noexcept {
        // relaxed: the memory is passed on as a whole.
        counts_.store(0, memory_order_relaxed);
    }

    timeouts read_timeouts() const noexcept {
        for (;;) {
            // acquire: edge timeouts, with the stores below. The same version twice says that what
            // was read was in force in between; lengths that are just being written come with a
            // version that does not last.
            const std::uint64_t before = version_.load(memory_order_acquire);
            const timeouts read{.idle = idle_.load(memory_order_acquire),
                                .longest = longest_.load(memory_order_acquire),
                                .version = before};
            // relaxed: the acquire loads before it keep it behind them.
            if (version_.load(memory_order_relaxed) == before) return read;
        }
    }

    void replace_timeouts(nanos idle, nanos longest) noexcept {
        // release: edge timeouts. Each store comes with a new version, so that what was concluded
        // from any mixture of old and new lengths is not relied upon later.
        version_.fetch_add(1, memory_order_acq_rel);
        idle_.store(idle, memory_order_release);
        longest_.store(longest, memory_order_release);
        version_.fetch_add(1, memory_order_acq_rel);
    }

private:
    static constexpr std::uint64_t pack(counts c) noexcept {
        return std::uint64_t{c.concurrent} << 32 | c.per_user;
    }
    static constexpr counts unpack(std::uint64_t bits) noexcept {
        return {static_cast<std::uint32_t>(bits >> 32), static_cast<std::uint32_t>(bits)};
    }

    alignas(cache_line) atomic<std::uint64_t> counts_{0};
    atomic<std::uint64_t> waiting_{0};
    atomic<std::uint64_t> version_{0};
    atomic<nanos> idle_{0};
    atomic<nanos> longest_{0};
};

}  // namespace admit::core
