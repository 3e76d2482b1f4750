// SPDX-License-Identifier: BSL-1.0
// A call at the end of a thread, by which this_thread.cpp takes back the thread's stripe.
#pragma once

namespace admit::system {

/// Called once before the first `call_at_thread_end`, where waiting for another caller is allowed.
void prepare_thread_end() noexcept;

/// Asks for one call of `thread_ended` when the calling thread ends. False: there will be none. On
/// Linux it allocates nothing; another system may allocate once for each thread.
bool call_at_thread_end(unsigned stripe) noexcept;

/// In this_thread.cpp. If a later destructor of the thread uses an engine, the thread may ask
/// again.
void thread_ended(unsigned stripe) noexcept;

}  // namespace admit::system
