// SPDX-License-Identifier: BSL-1.0
// A waiter or supervisor as the engine sees it: the operations of src/async derive from it,
// src/waiting and src/lifecycle call it. Not for users of the library.
#pragma once

#include <cstdint>

namespace admit::core {

struct verdict;

/// What an enqueued waiter waits for: a slot, or the end of the last conversation.
enum class wait_kind : std::uint8_t { for_slot, for_idle };

class waiter_base {
public:
    /// Remembers what became of a waiter. Called once, before `post`, by the thread that claimed
    /// it.
    virtual void accept(const verdict&) noexcept {}

    /// Arranges that the waiter goes on elsewhere and later, or that a supervisor ends its
    /// conversation. True: done, and the waiter may be gone. False: impossible now; a later call
    /// tries again.
    virtual bool post() noexcept = 0;

    /// Destroys the waiter, and ends what it has accepted, without posting it: its execution
    /// context is being destroyed, or it is a supervisor that departed while it was being posted.
    virtual void abandon() noexcept = 0;

protected:
    ~waiter_base() = default;
};

}  // namespace admit::core
