// A secret from the operating system, for the hash of user ids.
#pragma once

#include <array>
#include <cstdint>

namespace admit::system {

/// 128 random bits. Throws `std::system_error` if the system has none to give.
std::array<std::uint64_t, 2> random_key();

}  // namespace admit::system
