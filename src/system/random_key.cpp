// SPDX-License-Identifier: BSL-1.0
#include "system/random_key.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace admit::system {

std::array<std::uint64_t, 2> random_key() {
    std::array<std::uint64_t, 2> key{};
    ssize_t got = 0;
    do got = ::getrandom(key.data(), sizeof key, 0);  // up to 256 bytes arrive whole
    while (got < 0 && errno == EINTR);
    if (got != static_cast<ssize_t>(sizeof key))
        throw std::system_error{errno, std::generic_category(), "admit: getrandom"};
    return key;
}

}  // namespace admit::system
