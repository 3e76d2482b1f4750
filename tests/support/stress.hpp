// SPDX-License-Identifier: BSL-1.0
// Helpers that the stress tests, the histories and the soak test share: the number of rounds,
// random numbers, and counters outside of the engine.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/sanitizers.hpp"

namespace support {

/// The number of rounds of each stress test: the environment variable ADMIT_STRESS_ROUNDS, or 1.
inline int stress_rounds() {
    const char* const value = std::getenv("ADMIT_STRESS_ROUNDS");
    const int rounds = value == nullptr ? 1 : std::atoi(value);
    return rounds < 1 ? 1 : rounds;
}

/// A fast generator of random numbers (xorshift). Each thread uses its own.
class rng {
public:
    explicit rng(std::uint64_t seed) : state_{seed * 0x9E3779B97F4A7C15 + 1} {}
    std::size_t below(std::size_t bound) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return static_cast<std::size_t>((state_ >> 11) % bound);
    }

private:
    std::uint64_t state_;
};

/// Counts conversations outside of the engine: from after an admission to before its end. At each
/// instant the count is at most the engine's, so a count above a limit is a violation.
class outside_count {
public:
    outside_count(std::size_t max, std::size_t users, std::size_t max_per_user)
        : max_{max}, max_per_user_{max_per_user}, of_user_(users) {}

    void admitted(std::size_t user) {
        const bool too_many = ++all_ > max_;
        if (++of_user_[user] > max_per_user_ || too_many) ++violations_;
        ++admitted_;
    }
    void ending(std::size_t user) {
        --of_user_[user];
        --all_;
    }

    std::uint64_t admissions() const { return admitted_; }
    std::uint64_t violations() const { return violations_; }

private:
    const std::size_t max_;
    const std::size_t max_per_user_;
    std::atomic<std::size_t> all_{0};
    std::atomic<std::uint64_t> admitted_{0};
    std::atomic<std::uint64_t> violations_{0};
    std::vector<std::atomic<std::size_t>> of_user_;
};

}  // namespace support
