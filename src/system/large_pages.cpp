// SPDX-License-Identifier: BSL-1.0
#include "system/large_pages.hpp"

#if defined(__linux__) && !defined(ADMIT_PORTABLE)
#include <sys/mman.h>
#endif

namespace admit::system {

void ask_for_large_pages([[maybe_unused]] void* block,
                         [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__linux__) && !defined(ADMIT_PORTABLE)
    ::madvise(block, bytes, MADV_HUGEPAGE);
#endif
}

}  // namespace admit::system
