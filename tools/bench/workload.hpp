// What a figure measures: an operation, and what each thread needs for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace admit::bench {

/// All threads of a measurement run it at once, each with its own number.
class workload {
public:
    virtual ~workload() = default;

    /// Thread `thread` does `n` operations and says how long they took.
    virtual std::chrono::nanoseconds run(unsigned thread, std::uint64_t n) noexcept = 0;

    /// Operations so far whose outcome was not the one that is to be measured. To be asked at rest.
    virtual std::uint64_t unexpected() const noexcept = 0;
};

/// A workload that calls one function object of each thread in a loop. It returns whether the
/// outcome was the expected one.
template <class Operation>
class loop final : public workload {
public:
    template <class Make>
    loop(unsigned threads, const Make& make) {
        own_.reserve(threads);
        for (unsigned thread = 0; thread < threads; ++thread) own_.emplace_back(make(thread));
    }

    std::chrono::nanoseconds run(unsigned thread, std::uint64_t n) noexcept override {
        own& mine = own_[thread];
        std::uint64_t unexpected = 0;
        const auto start = std::chrono::steady_clock::now();
        for (; n > 0; --n) unexpected += mine.operation() ? 0U : 1U;
        const auto took = std::chrono::steady_clock::now() - start;
        mine.unexpected += unexpected;
        return took;
    }

    std::uint64_t unexpected() const noexcept override {
        std::uint64_t sum = 0;
        for (const own& each : own_) sum += each.unexpected;
        return sum;
    }

private:
    // Two lines: the hardware fetches neighbours in pairs.
    struct alignas(128) own {
        explicit own(Operation made) : operation(std::move(made)) {}
        Operation operation;
        std::uint64_t unexpected = 0;
    };

    std::vector<own> own_;
};

/// `make(thread)` makes the operation of each thread.
template <class Make>
std::unique_ptr<workload> loop_of(unsigned threads, const Make& make) {
    using operation = std::invoke_result_t<const Make&, unsigned>;
    return std::make_unique<loop<operation>>(threads, make);
}

}  // namespace admit::bench
