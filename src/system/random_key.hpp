// SPDX-License-Identifier: BSL-1.0
// A secret from the operating system. Each engine hashes user ids with such a key.
#pragma once

#include <array>
#include <cstdint>

namespace admit::system {

/// 128 random bits. Throws `std::system_error` if the system refuses them; with another C++
/// library than those of GCC and LLVM, what its `std::random_device` throws.
std::array<std::uint64_t, 2> random_key();

}  // namespace admit::system
