// SPDX-License-Identifier: BSL-1.0
// The answer to a request: what lifecycle/starting.hpp returns and what a waiter is woken with.
#pragma once

#include <admit/error.hpp>
#include <cstdint>

#include "slots/slot_group.hpp"

namespace admit::core {

/// A conversation that has begun, or the reason why none has.
struct verdict {
    slot_ref slot;
    std::uint64_t generation = 0;
    errc reason{};

    explicit operator bool() const noexcept { return static_cast<bool>(slot); }
};

}  // namespace admit::core
