// SPDX-License-Identifier: BSL-1.0
// User ids and random numbers that cost the measured work almost nothing. Used by rows/.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace admit::bench {

/// A user id of 26 bytes that contains a number. The number is copied as raw bytes, so ten million
/// users take no memory and add no cache misses. It fills an aligned word, which is the best case
/// for a hash function that reads words.
class user_id {
public:
    explicit user_id(std::uint64_t number = 0) noexcept { set(number); }

    void set(std::uint64_t number) noexcept {
        std::memcpy(bytes_ + sizeof number, &number, sizeof number);
    }

    std::string_view view() const noexcept { return {bytes_, sizeof bytes_ - 1}; }

private:
    alignas(8) char bytes_[27] = "@user-#-........:chat.test";
};

/// Users from this number on occupy slots. The measured work uses smaller numbers.
inline constexpr std::uint64_t first_occupying_user = std::uint64_t{1} << 40;

/// Pseudo-random numbers (splitmix64: Steele, Lea, Flood, OOPSLA 2014), for about 1 ns each. The
/// engines of <random> with std::uniform_int_distribution cost several times that.
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) noexcept : state_(seed * 0x9E3779B97F4A7C15U) {}

    std::uint64_t next() noexcept {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }

    /// 0 to n - 1. Multiplies instead of dividing; n has to be below 2^32.
    std::uint64_t below(std::uint64_t n) noexcept { return (next() >> 32) * n >> 32; }

private:
    std::uint64_t state_;
};

}  // namespace admit::bench
