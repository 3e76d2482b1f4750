// What the stress tests have in common: how long they run, and counters outside of the engine that
// judge it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/sanitizers.hpp"

namespace support {

/// How often each stress test does its work: the environment variable ADMIT_STRESS_ROUNDS, or 1.
inline int stress_rounds() {
    const char* const wanted = std::getenv("ADMIT_STRESS_ROUNDS");
    const int rounds = wanted == nullptr ? 1 : std::atoi(wanted);
    return rounds < 1 ? 1 : rounds;
}

/// A fast source of random numbers, one for each thread.
class dice {
public:
    explicit dice(std::uint64_t seed) : state_{seed * 0x9E3779B97F4A7C15 + 1} {}
    std::size_t below(std::size_t bound) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return static_cast<std::size_t>((state_ >> 11) % bound);
    }

private:
    std::uint64_t state_;
};

/// Counts conversations from outside: after they were admitted and until before they are ended. So
/// at each instant it counts no more than the engine does, and what it finds to be too many is.
class outside_count {
public:
    outside_count(std::size_t most, std::size_t users, std::size_t user_limit)
        : most_{most}, most_of_one_{user_limit}, of_user_(users) {}

    void admitted(std::size_t user) {
        const bool too_many = ++all_ > most_;
        if (++of_user_[user] > most_of_one_ || too_many) ++violations_;
        ++admitted_;
    }
    void ending(std::size_t user) {
        --of_user_[user];
        --all_;
    }

    std::uint64_t admissions() const { return admitted_; }
    std::uint64_t violations() const { return violations_; }

private:
    const std::size_t most_;
    const std::size_t most_of_one_;
    std::atomic<std::size_t> all_{0};
    std::atomic<std::uint64_t> admitted_{0};
    std::atomic<std::uint64_t> violations_{0};
    std::vector<std::atomic<std::size_t>> of_user_;
};

}  // namespace support
