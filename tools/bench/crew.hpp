// The threads that measure.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "bench/workload.hpp"

namespace admit::bench {

/// At least two threads, each on a core of its own as far as there are so many, which sleep while
/// there is nothing to do. So no measurement is made in a process with one thread, where glibc's
/// mutex is cheaper than anywhere else. A crew is made for each measurement: a thread remembers
/// where it found room in an engine, and should not bring that along from another one. Used by one
/// thread at a time.
class crew {
public:
    explicit crew(unsigned threads);
    ~crew();
    crew(const crew&) = delete;
    crew& operator=(const crew&) = delete;

    unsigned size() const noexcept { return static_cast<unsigned>(threads_.size()); }

    /// How long a pass took, on average over its threads.
    struct pass {
        std::chrono::nanoseconds took{};
        bool disturbed = false;  ///< the system took a core away for other work meanwhile
    };

    /// The first `threads` of the crew do `each` operations at the same time. Who is done goes on,
    /// untimed, until all are: nobody's last operations are cheaper because the others have gone.
    pass run(workload& work, unsigned threads, std::uint64_t each);

    /// What two threads pay for one step on each of two lines that both use, in nanoseconds. It has
    /// two regimes on some machines, which last for minutes.
    double line_price();

private:
    struct alignas(128) result : pass {};

    void live(unsigned number);
    void take_part(unsigned number);

    std::vector<result> results_;
    std::unique_ptr<workload> shared_lines_;

    // The present task; written at rest, published by `round_`.
    workload* work_ = nullptr;
    unsigned wanted_ = 0;
    std::uint64_t each_ = 0;
    bool over_ = false;

    std::atomic<unsigned> round_{0};
    std::atomic<unsigned> arrived_{0};
    std::atomic<unsigned> done_{0};
    std::atomic<unsigned> busy_{0};

    std::vector<std::jthread> threads_;
};

}  // namespace admit::bench
