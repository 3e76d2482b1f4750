// Whose conversations are measured: user ids that cost nothing to make, and who comes next.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace admit::bench {

/// A user id of 26 bytes around a number. Ids may hold any bytes, so the number is copied in as it
/// is: ten million users take no memory whose cache misses would be measured along. It fills an
/// aligned word, as whoever hashes words likes it.
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

/// Users that hold what is in use beside the measured work; nobody else has these numbers.
inline constexpr std::uint64_t first_other_user = std::uint64_t{1} << 40;

/// Numbers that look random (splitmix64: Steele, Lea, Flood, OOPSLA 2014), for about 1 ns each.
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) noexcept : state_(seed * 0x9E3779B97F4A7C15U) {}

    std::uint64_t next() noexcept {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }

    /// 0 to n - 1. A multiplication instead of a division; n is far below 2^32.
    std::uint64_t below(std::uint64_t n) noexcept { return (next() >> 32) * n >> 32; }

private:
    std::uint64_t state_;
};

}  // namespace admit::bench
