// The atomics that the core is built from. The model checker puts its own in their place, so that
// the structures run unchanged under it; nothing else differs.
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

/// Data that some atomic guards. The model checker verifies that it really does.
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
