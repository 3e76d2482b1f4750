// SPDX-License-Identifier: BSL-1.0
// The threads of one measurement. Used by measure.cpp, main.cpp and the observations in rows/.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "bench/workload.hpp"

namespace admit::bench {

/// At least two threads, each on its own core if there are enough cores. Idle threads sleep.
///
/// There are two threads even for a row of one thread: in a process with a single thread glibc's
/// mutex is cheaper than in any bot. A team serves one measurement only, because a thread remembers
/// where it found a free slot in an engine. For one calling thread at a time.
class thread_team {
public:
    explicit thread_team(unsigned threads);
    ~thread_team();
    thread_team(const thread_team&) = delete;
    thread_team& operator=(const thread_team&) = delete;

    unsigned size() const noexcept { return static_cast<unsigned>(threads_.size()); }

    /// One run of a workload by some threads.
    struct pass {
        std::chrono::nanoseconds took{};  ///< the average of the threads
        bool disturbed = false;  ///< the system interrupted a thread to run other work on its core
    };

    /// The first `threads` threads do `each` operations at the same time. A thread that has
    /// finished goes on untimed until all have: so the last operations of the others are not
    /// cheaper.
    pass run(workload& work, unsigned threads, std::uint64_t each);

    /// The cost for two threads, in ns, of one atomic step on each of two shared cache lines. On
    /// some machines it has two regimes, which last for minutes.
    double line_transfer_ns();

private:
    struct alignas(128) result : pass {};

    void run_passes(unsigned number);
    void take_part(unsigned number);

    std::vector<result> results_;
    std::unique_ptr<workload> shared_lines_;

    // The current pass: written while all threads are idle, published by `round_`.
    workload* work_ = nullptr;
    unsigned wanted_ = 0;
    std::uint64_t each_ = 0;
    bool stopping_ = false;

    std::atomic<unsigned> round_{0};
    std::atomic<unsigned> arrived_{0};
    std::atomic<unsigned> finished_{0};
    std::atomic<unsigned> busy_{0};

    std::vector<std::jthread> threads_;
};

}  // namespace admit::bench
