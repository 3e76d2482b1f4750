// The answer to one who wants to start a conversation.
#pragma once

#include <admit/error.hpp>
#include <cstdint>

#include "slots/slot_group.hpp"

namespace admit::core {

/// A conversation that has begun, or the reason why not.
struct verdict {
    slot_ref slot;
    std::uint64_t generation = 0;
    errc reason{};

    explicit operator bool() const noexcept { return static_cast<bool>(slot); }
};

}  // namespace admit::core
