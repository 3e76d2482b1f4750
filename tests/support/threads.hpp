// SPDX-License-Identifier: BSL-1.0
// Starts the threads of a test at the same time.
#pragma once

#include <cstddef>
#include <latch>
#include <thread>
#include <vector>

namespace support {

/// Runs `body(i)` on `count` threads, i from 0 on. No body starts before all threads have started.
/// Returns when all bodies have returned.
template <class Body>
void run_together(unsigned count, const Body& body) {
    std::latch all_started{static_cast<std::ptrdiff_t>(count)};
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < count; ++i)
        threads.emplace_back([&, i] {
            all_started.arrive_and_wait();
            body(i);
        });
}

}  // namespace support
