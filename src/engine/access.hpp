// SPDX-License-Identifier: BSL-1.0
// Reaches the private parts of the public classes `user_key` and `permit`, for src/engine and
// src/async.
#pragma once

#include <admit/engine.hpp>

#include "users/user_ref.hpp"
#include "waiting/verdict.hpp"

namespace admit::detail {

struct access {
    /// The user of a key; no user if the key is of another engine. Borrows the key's bytes.
    static core::user_ref user_of(const user_key& key, std::uint64_t engine) noexcept {
        return key.engine_ == engine ? core::user_ref{key.user_, key.tag_} : core::user_ref{};
    }

    /// The permit of a conversation that has begun in the engine with that number.
    static permit make_permit(const core::verdict& begun, std::uint64_t engine) noexcept {
        return permit{
            begun.slot.group,
            {.engine = engine, .generation = begun.generation, .slot = begun.slot.number()}};
    }

    /// What the permit's own `end` ended the conversation as, if it did.
    static status ended_as(const permit& permit) noexcept { return permit.ended_; }

    static core::engine_core& core(const engine& engine) noexcept { return *engine.core_; }

    static core::slot_ref slot(const permit& permit) noexcept {
        return core::slot_in(permit.group_, permit.id_.slot);
    }
};

}  // namespace admit::detail
