// The way from the public classes to the core behind them, for src/engine and src/async.
#pragma once

#include <admit/engine.hpp>
#include <admit/permit.hpp>

#include "state/engine_core.hpp"
#include "users/user_ref.hpp"
#include "waiting/verdict.hpp"

namespace admit::detail {

struct access {
    /// The user of a key; none if the key is not of that engine. Borrows the key's bytes.
    static core::user_ref user_of(const user_key& key, std::uint64_t engine) noexcept {
        return key.engine_ == engine ? core::user_ref{key.user_, key.tag_} : core::user_ref{};
    }

    /// The permit of a conversation that has begun in the engine of that number.
    static permit make_permit(const core::verdict& begun, std::uint64_t engine) noexcept {
        return permit{
            begun.slot.group,
            {.engine = engine, .generation = begun.generation, .slot = begun.slot.number()}};
    }

    static core::slot_ref slot(const permit& of) noexcept {
        return core::slot_in(of.group_, of.id_.slot);
    }
};

}  // namespace admit::detail
