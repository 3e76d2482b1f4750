// SPDX-License-Identifier: BSL-1.0
// For programs linked with mimalloc, which replaces malloc and operator new of the whole program.
#include <fmt/format.h>
#include <mimalloc.h>

#include "common/allocator.hpp"

namespace admit::tools {

// This call also keeps the linker from dropping the library.
std::string allocator_name() {
    const int number = mi_version();
    return fmt::format("mimalloc {}.{}.{}", number / 100, number / 10 % 10, number % 10);
}

}  // namespace admit::tools
