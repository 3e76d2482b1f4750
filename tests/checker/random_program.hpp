#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <random>
#include <vector>

#include "checker/atomic.hpp"
#include "checker/search_helpers.hpp"
#include "checker/thread.hpp"

// Small programs for the tests of the checker. Each store and addition has a value of its own, so
// that what was read tells from where.

namespace admit::model {

inline constexpr std::size_t memory_kinds = 9;  ///< loads, stores, additions
inline constexpr std::size_t all_kinds = 12;    ///< compare_exchange_weak, unpark, park_until too

inline constexpr std::size_t program_locations = 2;

/// One step of a random program.
struct instruction {
    enum { load, store, add, exchange_if_zero, unpark, park_briefly } what;
    std::size_t location;
    std::memory_order order;
    int value;
};

using thread_program = std::vector<instruction>;
using program = std::vector<thread_program>;

inline std::memory_order order_for_load(std::memory_order order) {
    return order == release || order == acq_rel ? acquire : order;
}

inline std::memory_order order_for_store(std::memory_order order) {
    return order == acquire || order == acq_rel ? release : order;
}

/// Two or three threads of one to four steps; the first `kinds` of the twelve slots of the table
/// below occur.
inline program random_program(std::mt19937& random, std::size_t kinds) {
    constexpr std::array orders{relaxed, acquire, release, acq_rel, seq_cst, seq_cst};
    const auto below = [&](std::size_t limit) { return random() % limit; };
    program made(2 + below(2));
    int value = 1;
    for (auto& thread : made) {
        thread.resize(made.size() == 2 ? 2 + below(3) : 1 + below(3));
        for (auto& step : thread) {
            const std::size_t kind = below(kinds);
            step.what = kind < 4    ? instruction::load
                        : kind < 7  ? instruction::store
                        : kind < 9  ? instruction::add
                        : kind < 10 ? instruction::exchange_if_zero
                        : kind < 11 ? instruction::unpark
                                    : instruction::park_briefly;
            step.location = below(program_locations);
            step.order = orders[below(orders.size())];
            step.value = value;
            value *= 3;
        }
    }
    return made;
}

/// Everything that the execution read, and what was there in the end.
inline std::vector<int> execute(const program& of) {
    std::array<atomic<int>, program_locations> memory;
    std::vector<std::vector<int>> read(of.size());
    const auto run_thread = [&](std::size_t index) {
        for (const instruction& step : of[index]) {
            auto& at = memory[step.location];
            int found = 0;
            switch (step.what) {
                case instruction::load: found = at.load(order_for_load(step.order)); break;
                case instruction::store: at.store(step.value, order_for_store(step.order)); break;
                case instruction::add: found = at.fetch_add(step.value, step.order); break;
                case instruction::exchange_if_zero:
                    at.compare_exchange_weak(found, step.value, step.order);
                    break;
                case instruction::unpark:
                    unpark(static_cast<thread_id>(1 + (index + 1) % of.size()));
                    break;
                case instruction::park_briefly:
                    found = park_until(std::chrono::nanoseconds{1}) ? 1 : 0;
                    break;
            }
            read[index].push_back(found);
        }
    };
    if (of.size() == 2) {
        run({[&] { run_thread(0); }, [&] { run_thread(1); }});
    } else {
        run({[&] { run_thread(0); }, [&] { run_thread(1); }, [&] { run_thread(2); }});
    }
    std::vector<int> outcome;
    for (const auto& values : read) {
        outcome.insert(outcome.end(), values.begin(), values.end());
    }
    for (const auto& at : memory) {
        outcome.push_back(at.load(relaxed));
    }
    return outcome;
}

}  // namespace admit::model
