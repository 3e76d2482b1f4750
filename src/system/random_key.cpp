// SPDX-License-Identifier: BSL-1.0
#include "system/random_key.hpp"

#if defined(__linux__) && !defined(ADMIT_PORTABLE)
#include <sys/random.h>

#include <cerrno>
#include <system_error>
#else
#include <random>
#endif

namespace admit::system {

#if defined(__linux__) && !defined(ADMIT_PORTABLE)

std::array<std::uint64_t, 2> random_key() {
    std::array<std::uint64_t, 2> key{};
    ssize_t got = 0;
    do got = ::getrandom(key.data(), sizeof key, 0);  // up to 256 bytes arrive whole
    while (got < 0 && errno == EINTR);
    if (got != static_cast<ssize_t>(sizeof key))
        throw std::system_error{errno, std::generic_category(), "admit: getrandom"};
    return key;
}

#else

std::array<std::uint64_t, 2> random_key() {
    std::random_device device;
    std::array<std::uint64_t, 2> key{};
    for (std::uint64_t& word : key) {
        static_assert(std::random_device::min() == 0 && std::random_device::max() >= 0xffffffff);
        word = std::uint64_t{device()} << 32;
        word |= device() & 0xffffffff;
    }
    return key;
}

#endif

}  // namespace admit::system
