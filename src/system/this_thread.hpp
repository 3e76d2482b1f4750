// SPDX-License-Identifier: BSL-1.0
// The state that each thread brings along to the engines. Every public call asks for it first.
#pragma once

#include <exception>

#include "base/thread_state.hpp"

// GCC's library declares the record that counts a thread's exceptions. LLVM's does not; on 32-bit
// ARM another document than the Itanium C++ ABI fixes the record.
#if defined(__GLIBCXX__) && !defined(__ARM_EABI__) && !defined(ADMIT_PORTABLE)
#define ADMIT_ITANIUM_EXCEPTIONS
#endif

namespace admit::system {

namespace detail {
#ifdef __ELF__
// initial-exec: one instruction to find it, also in position-independent code.
[[gnu::tls_model("initial-exec")]]
#endif
inline constinit thread_local core::thread_state state;
void prepare(core::thread_state& thread) noexcept;
}  // namespace detail

/// Called once before the first `this_thread`, where waiting for another caller is allowed.
void prepare_threads() noexcept;

/// The state of the calling thread. The first call claims a stripe, which is returned when the
/// thread ends; when all are claimed, the thread uses the shared stripe. Lock-free, allocates
/// nothing.
inline core::thread_state& this_thread() noexcept {
    if (detail::state.stripe == core::thread_state::unclaimed) [[unlikely]]
        detail::prepare(detail::state);
    return detail::state;
}

/// Whether an exception unwinds the stack of the calling thread. `thread` is its state.
inline bool unwinding([[maybe_unused]] const core::thread_state& thread) noexcept {
#ifdef ADMIT_ITANIUM_EXCEPTIONS
    return *thread.uncaught > 0;
#else
    return std::uncaught_exceptions() > 0;
#endif
}

}  // namespace admit::system
