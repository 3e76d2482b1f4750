// Threads that start at the same time.
#pragma once

#include <latch>
#include <thread>
#include <vector>

namespace support {

/// Runs `body(i)` on `count` threads, i from 0 on, none of them before all are there; returns when
/// all have finished.
template <class Body>
void run_together(unsigned count, const Body& body) {
    std::latch all_here{count};
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < count; ++i)
        threads.emplace_back([&, i] {
            all_here.arrive_and_wait();
            body(i);
        });
}

}  // namespace support
