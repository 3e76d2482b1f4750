// SPDX-License-Identifier: BSL-1.0
// Replaces src/base/atomic.hpp in the scenarios. GenMC gives a compare-and-swap that fails the
// order of success. So this one reads first, in the order of failure, and stops if the value is
// another.
#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>

#define ADMIT_ASSERT(condition) assert(condition)

namespace admit::core {

inline void step(const char*) noexcept {}

inline constexpr std::size_t cache_line = 64;

template <class T>
class atomic : public std::atomic<T> {
public:
    using std::atomic<T>::atomic;

    bool compare_exchange_strong(T& expected, T wanted, std::memory_order success,
                                 std::memory_order failure) noexcept {
        const T seen = this->load(failure);
        if (seen == expected)
            return std::atomic<T>::compare_exchange_strong(expected, wanted, success, failure);
        expected = seen;
        return false;
    }
    bool compare_exchange_weak(T& expected, T wanted, std::memory_order success,
                               std::memory_order failure) noexcept {
        return compare_exchange_strong(expected, wanted, success, failure);
    }
};

/// Data that an atomic guards.
template <class T>
class plain {
public:
    T get() const noexcept { return value_; }
    void set(T value) noexcept { value_ = value; }

private:
    T value_{};
};

using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;

}  // namespace admit::core
