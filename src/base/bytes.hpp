// SPDX-License-Identifier: BSL-1.0
// Up to eight bytes as one word, by copies of a fixed size, which compile to single moves.
// siphash.hpp and user_name.hpp load user ids with it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace admit::core {

/// From the order of the processor to the lowest byte first, and back.
inline std::uint64_t lowest_first(std::uint64_t word) noexcept {
    return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

/// The eight bytes from `bytes` on; the first byte is the lowest.
inline std::uint64_t load_word(const char* bytes) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return lowest_first(word);
}

/// Writes the eight bytes of a word, the lowest first, as `load_word` reads them.
inline void save_word(char* bytes, std::uint64_t word) noexcept {
    word = lowest_first(word);
    std::memcpy(bytes, &word, sizeof word);
}

/// The bytes from `at` on, at most eight, with zeros above them.
inline std::uint64_t load_bytes(std::string_view bytes, std::size_t at) noexcept {
    const std::size_t left = bytes.size() - at;
    if (left == 0) return 0;
    if (left >= 8) return load_word(bytes.data() + at);
    if (bytes.size() >= 8) return load_word(bytes.data() + bytes.size() - 8) >> 8 * (8 - left);
    std::uint64_t word = 0;
    for (std::size_t i = left; i-- > 0;)
        word = word << 8 | static_cast<unsigned char>(bytes[at + i]);
    return word;
}

}  // namespace admit::core
