// SPDX-License-Identifier: BSL-1.0
// Rows of the floor: atomic read-modify-writes and nothing else, each on a separate cache line.
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <stdexcept>

#include "bench/rows/rows.hpp"
#include "bench/rows/steps.hpp"

namespace admit::bench {
namespace {

constexpr unsigned max_steps = 5;

struct alignas(128) line {
    std::atomic<std::uint64_t> word{0};
};
using lines = std::array<line, max_steps>;

template <unsigned Steps>
std::unique_ptr<workload> counting(unsigned threads, bool shared) {
    const auto shared_lines = std::make_shared<lines>();
    return loop_of(threads, [&](unsigned) {
        return [used = shared ? shared_lines : std::make_shared<lines>()]() noexcept {
            for (unsigned step = 0; step < Steps; ++step) (*used)[step].word.fetch_add(1);
            return true;
        };
    });
}

std::unique_ptr<workload> counting(unsigned steps, unsigned threads, bool shared) {
    switch (steps) {
        case 2: return counting<2>(threads, shared);
        case 3: return counting<3>(threads, shared);
        case 4: return counting<4>(threads, shared);
        case 5: return counting<5>(threads, shared);
        default: throw std::invalid_argument("the floor has 2 to 5 steps");
    }
}

}  // namespace

std::unique_ptr<workload> steps_on_separate_lines(unsigned steps, unsigned threads) {
    return counting(steps, threads, false);
}

std::unique_ptr<workload> steps_on_shared_lines(unsigned steps, unsigned threads) {
    return counting(steps, threads, true);
}

void add_floor(catalog& all) {
    for (unsigned steps = 2; steps <= max_steps; ++steps) {
        all.rows.push_back({fmt::format("floor{}", steps), systems::steps, 1,
                            fmt::format("floor: {} atomic steps on as many lines", steps),
                            [steps] { return steps_on_separate_lines(steps, 1); }});
    }
    all.rows.push_back({"floor5", systems::steps, 2, "floor: 5 atomic steps on as many lines",
                        [] { return steps_on_separate_lines(5, 2); }});
    all.rows.push_back({"floor5-shared", systems::steps, 2,
                        "floor: 5 atomic steps on the same lines",
                        [] { return steps_on_shared_lines(5, 2); }});
}

}  // namespace admit::bench
