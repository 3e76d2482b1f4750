// SPDX-License-Identifier: BSL-1.0
// Spreads hashes over a table of any size; user_table.hpp finds the home of a user with it.
#pragma once

#include <cstdint>

namespace admit::core {

/// `high_product` without a word of 128 bits, and without the low half of the hash, which moves the
/// result by one at most while `count` has 32 bits.
constexpr std::uint64_t high_product_in_parts(std::uint64_t hash, std::uint64_t count) noexcept {
    const std::uint64_t high = hash >> 32;
    return high * (count >> 32) + (high * (count & 0xffffffff) >> 32);
}

/// The high half of `hash * count`: a number below `count`, each equally frequent for hashes that
/// fill the word.
constexpr std::uint64_t high_product(std::uint64_t hash, std::uint64_t count) noexcept {
#if defined(__SIZEOF_INT128__) && !defined(ADMIT_PORTABLE)
    __extension__ using wide = unsigned __int128;
    return static_cast<std::uint64_t>(wide{hash} * count >> 64);
#else
    return high_product_in_parts(hash, count);
#endif
}

}  // namespace admit::core
