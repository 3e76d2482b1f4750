// SPDX-License-Identifier: BSL-1.0
// The arithmetic of a lease: how long a member may start and run conversations, and after how long
// another member may say so. Member and model use it. docs/fleet-protocol.md#time
#pragma once

#include <cstdint>

namespace admit::fleet {

/// Nanoseconds in the library, steps of the clock in the model.
using ticks = std::int64_t;

/// The times that all members of a fleet have in common.
struct lease_terms {
    ticks lease;    ///< from the sending of a request that was granted
    ticks margin;   ///< what two clocks may differ by within `gone_after()`, and a late look
    ticks longest;  ///< of a conversation with its grace; 0: conversations end with the lease

    /// How long after sending its request a member may start conversations, by its own clock.
    constexpr ticks starts_for() const noexcept { return lease - margin; }

    /// A record that did not change for so long, by any clock: its member starts nothing more.
    constexpr ticks quiet_after() const noexcept { return lease; }

    /// A record that did not change for so long, by any clock: nothing of its member is active.
    constexpr ticks gone_after() const noexcept { return lease + longest; }
};

}  // namespace admit::fleet
