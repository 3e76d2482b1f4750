// A secret from the operating system.
#pragma once

#include "users/siphash.hpp"

namespace admit::system {

/// Throws `std::system_error` when the system has no random bytes to give.
core::hash_key random_key();

}  // namespace admit::system
