// SPDX-License-Identifier: BSL-1.0
// Reads the physical memory that this process uses, for the tests of memory and the soak test.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <fstream>

namespace support {

/// The size of the resident set, in bytes.
inline std::int64_t resident_memory() {
    std::ifstream statm{"/proc/self/statm"};
    std::int64_t size = 0;
    std::int64_t resident = 0;
    statm >> size >> resident;
    return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace support
