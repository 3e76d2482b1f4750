// SPDX-License-Identifier: BSL-1.0
// What the model checker replaces: atomics, data that they guard, assertions, and named steps. So
// the structures run unchanged under it. Brings the integer types too: each word needs them.
#pragma once

#include <cstddef>
#include <cstdint>

// ADMIT_ASSERT states an invariant of a word or a queue. Debug, sanitizer and model builds check
// it; release builds compile it out. docs/invariants.md lists what the assertions show.
#ifdef ADMIT_MODEL
#include "checker/atomic.hpp"
#include "checker/thread.hpp"
#define ADMIT_ASSERT(condition) ::admit::model::check((condition), #condition)
#else
#include <atomic>
#include <cassert>
#define ADMIT_ASSERT(condition) assert(condition)
#endif

namespace admit::core {

/// What processors pass to each other as a whole: data of different threads is that far apart.
#if defined(__s390x__)
inline constexpr std::size_t cache_line = 256;
#elif defined(__powerpc64__) || (defined(__aarch64__) && defined(__APPLE__))
inline constexpr std::size_t cache_line = 128;
#else
inline constexpr std::size_t cache_line = 64;
#endif

#ifdef ADMIT_MODEL
using model::atomic;
using model::plain;
using model::step;
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

/// A named place in a protocol, for the interleavings that the model checker prints.
inline void step(const char*) noexcept {}
#endif

using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;

}  // namespace admit::core
