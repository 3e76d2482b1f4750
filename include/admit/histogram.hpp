// SPDX-License-Identifier: BSL-1.0
/// @file
/// A histogram of lengths of time, as `stats` reports them.
#pragma once

#include <admit/limits.hpp>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace admit {

/// How many lengths of time fell into each of a fixed set of buckets, from 1 ms to three days. A
/// bucket is at most 25 % wider than its lower bound; from 1 to 4 ms it is 1 ms wide.
///
/// A value type: it is a copy, and no engine changes it.
/// @par Example
/// @code
/// if (const auto hold = engine.stats().hold_times)
///     fmt::print("{} conversations, half of them below {}", hold->count(), hold->quantile(0.5));
/// @endcode
struct histogram {
    /// Buckets for each power of two from 4 ms.
    static constexpr std::size_t steps = 4;
    /// The number of buckets. The last one has no upper bound: 2^28 ms, some three days, and more.
    static constexpr std::size_t buckets = 27 * steps + 1;

    /// How many lengths fell into each bucket.
    std::array<std::uint64_t, buckets> counts{};
    /// The sum of all lengths.
    std::chrono::duration<double> sum{};

    /// The bucket of a length. O(1).
    /// @param length The length; a negative one counts as 0.
    /// @return A number below `buckets`.
    static constexpr std::size_t bucket_of(duration length) noexcept {
        const auto ms = static_cast<std::uint64_t>(length.count() > 0 ? length.count() : 0) / one;
        if (ms < steps) return static_cast<std::size_t>(ms);
        const unsigned shift = static_cast<unsigned>(std::bit_width(ms)) - 3;
        const std::size_t bucket = steps * shift + static_cast<std::size_t>(ms >> shift);
        return bucket < buckets ? bucket : buckets - 1;
    }

    /// The upper bound of a bucket, which is the lower bound of the next one. O(1).
    /// @param bucket A number below `buckets`.
    /// @return The shortest length above the bucket; `never` for the last bucket.
    static constexpr duration bound(std::size_t bucket) noexcept {
        if (bucket >= buckets - 1) return never;
        const std::size_t next = bucket + 1;
        const std::size_t shift = next < steps ? 0 : next / steps - 1;
        return duration{static_cast<duration::rep>(((next - steps * shift) << shift) * one)};
    }

    /// How many lengths there are. O(`buckets`).
    /// @return The sum of `counts`.
    constexpr std::uint64_t count() const noexcept {
        std::uint64_t all = 0;
        for (const std::uint64_t each : counts) all += each;
        return all;
    }

    /// The length that a share of all lengths stays below. O(`buckets`).
    /// @param share From 0 to 1: 0.5 for the median.
    /// @return The upper bound of the bucket that the length is in; 0 without any length.
    constexpr duration quantile(double share) const noexcept {
        const std::uint64_t all = count();
        if (all == 0) return duration::zero();
        std::uint64_t below = 0;
        for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
            below += counts[bucket];
            if (below > 0 && static_cast<double>(below) >= share * static_cast<double>(all))
                return bound(bucket);
        }
        return never;
    }

    /// The mean length.
    /// @return `sum` divided by `count()`; 0 without any length.
    constexpr std::chrono::duration<double> mean() const noexcept {
        const std::uint64_t all = count();
        return all == 0 ? sum : sum / static_cast<double>(all);
    }

private:
    static constexpr std::uint64_t one = 1'000'000;  // a millisecond
};

}  // namespace admit
