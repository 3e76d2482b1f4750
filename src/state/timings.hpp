// SPDX-License-Identifier: BSL-1.0
// How long conversations lasted and requests waited, for engines with `engine_options::histograms`.
// lifecycle/ending.hpp and waiting/granting.hpp record, engine/inspection.cpp adds up. Kept in
// stripes like counters.hpp: a thread writes lines of its own.
#pragma once

#include <admit/histogram.hpp>
#include <algorithm>
#include <array>
#include <optional>

#include "base/time.hpp"
#include "state/attachment.hpp"
#include "state/counters.hpp"

namespace admit::core {

class timings final : public attachment {
public:
    enum class kind : std::uint8_t { hold, wait };

    /// Records a length that ended at `now`, for the thread that has `stripe`.
    void record(kind what, nanos length, nanos now, unsigned stripe) noexcept {
        recording& to = stripes_[stripe][static_cast<std::size_t>(what)];
        length = std::max<nanos>(length, 0);
        add(to.counts[histogram::bucket_of(duration{length})], 1, stripe);
        add(to.sum, static_cast<std::uint64_t>(length / sum_unit), stripe);
        // relaxed: an estimate, in which a length may be lost on the stripe that threads share.
        const nanos weight = std::min(to.weight.load(memory_order_relaxed) + 1, memory);
        const nanos recent = to.recent.load(memory_order_relaxed);
        to.recent.store(recent + (length - recent) / weight, memory_order_relaxed);
        to.weight.store(weight, memory_order_relaxed);
        to.last.store(now, memory_order_relaxed);
    }

    /// The mean of the last lengths. A thread's lengths weigh by their number, up to `memory`, and
    /// less the longer the thread has recorded none while others have. Nothing if none was
    /// recorded.
    std::optional<nanos> recent_mean(kind what) const noexcept {
        constexpr double minute = 60e9;
        nanos newest = 0;
        // relaxed: see counters.hpp.
        for (const auto& stripe : stripes_)
            newest = std::max(newest, of(stripe, what).last.load(memory_order_relaxed));
        double sum = 0;
        double weights = 0;
        for (const auto& stripe : stripes_) {
            const recording& from = of(stripe, what);
            // relaxed, thrice: see counters.hpp. A length that came last may be newer still.
            const nanos age = std::max<nanos>(newest - from.last.load(memory_order_relaxed), 0);
            const double weight = static_cast<double>(from.weight.load(memory_order_relaxed)) /
                                  (1 + static_cast<double>(age) / minute);
            sum += weight * static_cast<double>(from.recent.load(memory_order_relaxed));
            weights += weight;
        }
        if (weights == 0) return std::nullopt;
        return static_cast<nanos>(sum / weights);
    }

    histogram read(kind what) const noexcept {
        histogram result;
        for (const auto& stripe : stripes_) {
            const recording& from = of(stripe, what);
            for (std::size_t bucket = 0; bucket < histogram::buckets; ++bucket)
                // relaxed, here and below: see counters.hpp.
                result.counts[bucket] += from.counts[bucket].load(memory_order_relaxed);
            result.sum += duration{static_cast<nanos>(from.sum.load(memory_order_relaxed))} *
                          double{sum_unit};
        }
        return result;
    }

    void reset() noexcept {
        for (auto& stripe : stripes_) {
            for (recording& each : stripe) {
                // relaxed: see counters.hpp.
                for (auto& count : each.counts) count.store(0, memory_order_relaxed);
                each.sum.store(0, memory_order_relaxed);
                each.recent.store(0, memory_order_relaxed);
                each.weight.store(0, memory_order_relaxed);
                each.last.store(0, memory_order_relaxed);
            }
        }
    }

private:
    struct alignas(cache_line) recording {
        atomic<std::uint64_t> sum{0};  ///< in `sum_unit`: in nanoseconds it could overflow
        atomic<nanos> recent{0};  ///< the mean of the last lengths, each newer one weighing more
        atomic<nanos> weight{0};  ///< how many lengths `recent` is of, up to `memory`
        atomic<nanos> last{0};    ///< when the last one ended
        atomic<std::uint64_t> counts[histogram::buckets] = {};
    };
    static constexpr nanos sum_unit = 1024;
    static constexpr nanos memory = 32;

    using stripe_of_both = std::array<recording, 2>;
    static const recording& of(const stripe_of_both& stripe, kind what) noexcept {
        return stripe[static_cast<std::size_t>(what)];
    }

    std::array<stripe_of_both, counter_stripes + 1> stripes_;
};

}  // namespace admit::core
