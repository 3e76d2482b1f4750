// SPDX-License-Identifier: BSL-1.0
// A waiter as the engine sees it: the operations of src/async derive from it, the passes of
// src/waiting and the supervision of src/lifecycle call it. Not for users.
#pragma once

#include <cstdint>
#include <string_view>

namespace admit::core {

struct verdict;

/// What an enqueued waiter waits for: a slot, or the end of the last conversation.
enum class wait_kind : std::uint8_t { for_slot, for_idle };

class waiter_base {
public:
    /// Arranges that the waiter goes on elsewhere and later with that verdict, or that a supervisor
    /// ends its conversation. Called by the thread that claimed the waiter's cell. True: done, and
    /// the waiter may be gone. False: impossible now. The waiter keeps the verdict, and a later
    /// call with an empty verdict wakes it.
    virtual bool wake(const verdict& verdict) noexcept = 0;

    /// Destroys the waiter without waking it: its execution context is being destroyed, or it is a
    /// supervisor that departed while it was being woken.
    virtual void abandon() noexcept = 0;

    /// The user id of a waiter for a slot.
    virtual std::string_view user() const noexcept { return {}; }

protected:
    ~waiter_base() = default;
};

}  // namespace admit::core
