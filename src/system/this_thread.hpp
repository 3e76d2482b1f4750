// SPDX-License-Identifier: BSL-1.0
// The state that each thread brings along to the engines. Every public call asks for it first.
#pragma once

#include "base/thread_state.hpp"

namespace admit::system {

namespace detail {
// initial-exec: one instruction to find it, also in position-independent code.
[[gnu::tls_model("initial-exec")]] inline constinit thread_local core::thread_state state;
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

}  // namespace admit::system
