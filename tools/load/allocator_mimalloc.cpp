// Linked with mimalloc, which replaces malloc and operator new of the whole program: what is
// measured then is the engine, not the allocator. Calling it keeps the linker from dropping it.
#include <fmt/format.h>
#include <mimalloc.h>

#include "load/allocator.hpp"

namespace admit::load {

std::string allocator_name() {
    const int number = mi_version();
    return fmt::format("mimalloc {}.{}.{}", number / 100, number / 10 % 10, number % 10);
}

}  // namespace admit::load
