// SPDX-License-Identifier: BSL-1.0
// A workload is an operation to measure, with the state that each thread needs for it.
// Used by thread_team, which runs it, and by the files in rows/, which make one for each row.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace admit::bench {

/// All threads of a measurement run it at the same time, each with its own number.
class workload {
public:
    virtual ~workload() = default;

    /// Thread `thread` does `n` operations. Returns how long they took.
    virtual std::chrono::nanoseconds run(unsigned thread, std::uint64_t n) noexcept = 0;

    /// Operations so far that had another outcome than the expected one. Call it while no thread
    /// runs the workload.
    virtual std::uint64_t unexpected() const noexcept = 0;
};

/// Calls a function object of each thread in a loop. The object returns whether the outcome was the
/// expected one.
template <class Operation>
class loop final : public workload {
public:
    template <class Make>
    loop(unsigned threads, const Make& make) {
        states_.reserve(threads);
        for (unsigned thread = 0; thread < threads; ++thread) states_.emplace_back(make(thread));
    }

    std::chrono::nanoseconds run(unsigned thread, std::uint64_t n) noexcept override {
        thread_state& state = states_[thread];
        std::uint64_t unexpected = 0;
        const auto start = std::chrono::steady_clock::now();
        for (; n > 0; --n) unexpected += state.operation() ? 0U : 1U;
        const auto took = std::chrono::steady_clock::now() - start;
        state.unexpected += unexpected;
        return took;
    }

    std::uint64_t unexpected() const noexcept override {
        std::uint64_t sum = 0;
        for (const thread_state& state : states_) sum += state.unexpected;
        return sum;
    }

private:
    // Two cache lines, because the hardware fetches adjacent lines in pairs.
    struct alignas(128) thread_state {
        explicit thread_state(Operation made) : operation(std::move(made)) {}
        Operation operation;
        std::uint64_t unexpected = 0;
    };

    std::vector<thread_state> states_;
};

/// `make(thread)` makes the operation of each thread.
template <class Make>
std::unique_ptr<workload> loop_of(unsigned threads, const Make& make) {
    using operation = std::invoke_result_t<const Make&, unsigned>;
    return std::make_unique<loop<operation>>(threads, make);
}

}  // namespace admit::bench
