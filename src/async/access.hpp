// The way from the public classes to what is behind them, for the operations.
#pragma once

#include <admit/detail/async.hpp>

#include "admission/conversations.hpp"

namespace admit::detail {

struct access {
    static core::user_tag tag(const user_key& user) noexcept { return user.tag_; }
    static std::uint64_t engine(const user_key& user) noexcept { return user.engine_; }

    static permit make_permit(const admission::admission& begun) noexcept {
        if (!begun) return {};
        // relaxed: the engine has admitted, so its number is known.
        const std::uint64_t engine =
            begun.slot.group->core->number.load(core::memory_order_relaxed);
        return permit{
            begun.slot.group,
            {.engine = engine, .generation = begun.generation, .slot = begun.slot.number()}};
    }

    static core::slot_ref slot(const permit& of) noexcept {
        return {of.group_, of.id_.slot % core::slots_per_group};
    }
};

}  // namespace admit::detail
