#include "system/random_key.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace admit::system {

core::hash_key random_key() {
    core::hash_key key;
    ssize_t got = 0;
    do got = ::getrandom(&key, sizeof key, 0);  // at most 256 bytes come whole
    while (got < 0 && errno == EINTR);
    if (got != static_cast<ssize_t>(sizeof key))
        throw std::system_error{errno, std::generic_category(), "admit: getrandom"};
    return key;
}

}  // namespace admit::system
