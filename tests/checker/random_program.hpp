// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <random>
#include <vector>

#include "checker/atomic.hpp"
#include "checker/search_helpers.hpp"
#include "checker/thread.hpp"

// Random small programs, for test_axioms.cpp and test_reduction.cpp. Each store and addition has
// another value, so that a value that was read identifies the stores behind it.

namespace admit::model {

inline constexpr std::size_t memory_kinds = 9;  ///< loads, stores, additions
inline constexpr std::size_t all_kinds = 12;    ///< also compare_exchange_weak, unpark, park_until

inline constexpr std::size_t program_locations = 2;

/// One step of a random program.
struct instruction {
    enum operation { load, store, add, exchange_if_zero, unpark, park_briefly };

    operation kind;
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

/// How often a kind occurs here is its weight.
inline constexpr std::array<instruction::operation, all_kinds> kind_of_number{
    instruction::load,   instruction::load,
    instruction::load,   instruction::load,
    instruction::store,  instruction::store,
    instruction::store,  instruction::add,
    instruction::add,    instruction::exchange_if_zero,
    instruction::unpark, instruction::park_briefly};

/// Two or three threads of one to four steps, with the first `kinds` of `kind_of_number`.
inline program random_program(std::mt19937& random, std::size_t kinds) {
    constexpr std::array orders{relaxed, acquire, release, acq_rel, seq_cst, seq_cst};
    const auto below = [&](std::size_t limit) { return random() % limit; };
    program result(2 + below(2));
    int value = 1;
    for (auto& thread : result) {
        thread.resize(result.size() == 2 ? 2 + below(3) : 1 + below(3));
        for (auto& step : thread) {
            step.kind = kind_of_number[below(kinds)];
            step.location = below(program_locations);
            step.order = orders[below(orders.size())];
            step.value = value;
            value *= 3;
        }
    }
    return result;
}

/// The thread that the running thread unparks. The threads of the program are T1 and up.
inline thread_id next_thread(std::size_t thread_count) {
    return static_cast<thread_id>(1 + this_thread() % thread_count);
}

inline int execute_step(const instruction& step, atomic<int>& target, std::size_t thread_count) {
    int found = 0;
    switch (step.kind) {
        case instruction::load: return target.load(order_for_load(step.order));
        case instruction::store: target.store(step.value, order_for_store(step.order)); break;
        case instruction::add: return target.fetch_add(step.value, step.order);
        case instruction::exchange_if_zero:
            target.compare_exchange_weak(found, step.value, step.order);
            break;
        case instruction::unpark: unpark(next_thread(thread_count)); break;
        case instruction::park_briefly: return park_until(std::chrono::nanoseconds{1}) ? 1 : 0;
    }
    return found;
}

/// Runs the program. The outcome is the values that its threads read, then the final values.
inline std::vector<int> execute(const program& tested) {
    std::array<atomic<int>, program_locations> memory;
    std::vector<std::vector<int>> read(tested.size());
    const auto run_thread = [&](std::size_t index) {
        for (const instruction& step : tested[index]) {
            read[index].push_back(execute_step(step, memory[step.location], tested.size()));
        }
    };
    if (tested.size() == 2) {
        run({[&] { run_thread(0); }, [&] { run_thread(1); }});
    } else {
        run({[&] { run_thread(0); }, [&] { run_thread(1); }, [&] { run_thread(2); }});
    }
    std::vector<int> outcome;
    for (const auto& values : read) {
        outcome.insert(outcome.end(), values.begin(), values.end());
    }
    for (const auto& location : memory) {
        outcome.push_back(location.load(relaxed));
    }
    return outcome;
}

}  // namespace admit::model
