// SPDX-License-Identifier: BSL-1.0
// What one member may do with its block, and what it says of itself. The rules are pure functions
// of the member's own clock. Member and model use them. docs/fleet-protocol.md#the-member
#pragma once

#include <algorithm>
#include <cstdint>

#include "fleet/lease.hpp"

namespace admit::fleet {

struct holding {
    std::uint32_t target = 0;  ///< limit of the local engine: starts stay below it
    std::uint32_t held = 0;    ///< conversations that may be active: the target, or more before it
    ticks starts_until = 0;    ///< by this member's clock, as all times here

    bool may_start(ticks now) const noexcept { return target > 0 && now < starts_until; }

    bool may_run(ticks now, const lease_terms& terms) const noexcept {
        return held > 0 && now < starts_until + terms.longest;
    }

    /// To be called before anything else after each pause: takes away what the time took away.
    void look(ticks now, const lease_terms& terms) noexcept {
        if (now >= starts_until) target = 0;
        if (!may_run(now, terms)) held = 0;
    }

    /// What the next request says is held. The engine's limit is `target` already, so `active` can
    /// only fall meanwhile: the member lowers itself first, and reports second.
    std::uint32_t report(std::uint32_t active) noexcept {
        held = std::min(held, std::max(target, active));
        return held;
    }

    /// The answer to the latest request, which was sent at `sent`. Too late an answer grants
    /// nothing: an earlier lease is then over as well.
    void accept(std::uint32_t granted, ticks sent, ticks now, const lease_terms& terms) noexcept {
        const ticks until = sent + terms.starts_for();
        if (until <= now) return;
        starts_until = until;
        target = granted;
        held = std::max(held, granted);
    }

    /// The answer while Redis learns: no more than is still held, which may be less than was asked
    /// for. An answer never brings back what the time took away meanwhile.
    void confirm(std::uint32_t granted, ticks sent, ticks now, const lease_terms& terms) noexcept {
        const ticks until = sent + terms.starts_for();
        if (until <= now || held == 0) return;
        starts_until = until;
        target = std::min(target, granted);
    }

    /// Another process has this member's name, or the record is gone: nothing starts any more.
    void stop() noexcept { target = 0; }
};

}  // namespace admit::fleet
