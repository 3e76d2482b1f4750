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

    /// Returns the counts that these replace: the difference is the caller's to carry out.
    counts replace_counts(counts next) noexcept {
        // seq_cst: as in `read_counts`; the differences of concurrent calls add up.
        return unpack(counts_.exchange(std::uint64_t{next.concurrent} << 32 | next.per_user,
                                       memory_order_seq_cst));
    }

    timeouts read_timeouts() const noexcept {
        for (;;) {
            // acquire: edge timeouts, with the stores below; an even version read twice says that
            // both lengths are of one call, and an odd one that they are being written.
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
    static constexpr counts unpack(std::uint64_t bits) noexcept {
        return {static_cast<std::uint32_t>(bits >> 32), static_cast<std::uint32_t>(bits)};
    }

    alignas(cache_line) atomic<std::uint64_t> counts_{0};
    atomic<std::uint64_t> version_{0};
    atomic<nanos> idle_{0};
    atomic<nanos> longest_{0};
};

}  // namespace admit::core
