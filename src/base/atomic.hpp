// SPDX-License-Identifier: BSL-1.0
// The atomics of the core. In a model build the atomics of the model checker take their place, so
// that the structures run unchanged under it.
#pragma once

#ifdef ADMIT_MODEL
#include "checker/atomic.hpp"
#else
#include <atomic>
#endif

#include <cstddef>

namespace admit::core {

inline constexpr std::size_t cache_line = 64;

#ifdef ADMIT_MODEL
using model::atomic;
using model::plain;
#else
using std::atomic;

/// Data that an atomic guards. The model checker reports an access that races.
template <class T>
class plain {
public:
    T get() const noexcept { return value_; }
    void set(T value) noexcept { value_ = value; }

private:
    T value_{};
};
#endif

using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;

}  // namespace admit::core
