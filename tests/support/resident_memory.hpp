// The memory that this process really uses.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <fstream>

namespace support {

/// Bytes in the resident set.
inline std::int64_t resident_memory() {
    std::ifstream statm{"/proc/self/statm"};
    std::int64_t size = 0;
    std::int64_t resident = 0;
    statm >> size >> resident;
    return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace support
