// SPDX-License-Identifier: BSL-1.0
// How a limit is shared among members: max-min by what each wants, and what one request is granted.
// The script in Redis does the same; the model calls these. docs/fleet-protocol.md#shares
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

namespace admit::fleet {

/// A record as the shares see it.
struct claim {
    std::uint32_t block = 0;  ///< what its member may hold
    std::uint32_t wants = 0;  ///< active, users who wait, and headroom
    bool quiet = false;       ///< its member starts nothing more: it has a block and no wants
};

/// The largest level at which all wants, each cut off at the level, fit into `room`.
inline std::uint32_t fair_level(std::uint64_t room, std::span<const claim> claims) noexcept {
    std::uint32_t level = 0;
    std::uint32_t above = std::numeric_limits<std::uint32_t>::max();
    while (above - level > 1) {
        const std::uint32_t middle = level + (above - level) / 2;
        std::uint64_t sum = 0;
        for (const claim& c : claims)
            if (!c.quiet) sum += std::min(c.wants, middle);
        (sum <= room ? level : above) = middle;
    }
    return level;
}

/// The share of claim `self`: max-min, and what does not divide goes to the first claims in order.
inline std::uint32_t share_of(std::uint32_t limit, std::span<const claim> claims,
                              std::size_t self) noexcept {
    std::uint64_t kept = 0;
    for (const claim& c : claims)
        if (c.quiet) kept += c.block;
    const std::uint64_t room = limit - std::min<std::uint64_t>(limit, kept);
    const std::uint32_t level = fair_level(room, claims);
    std::uint64_t rest = room;
    for (const claim& c : claims)
        if (!c.quiet) rest -= std::min(c.wants, level);
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const claim& c = claims[i];
        const bool more = !c.quiet && c.wants > level && rest > 0;
        if (i == self) return std::min(c.wants, level) + (more ? 1 : 0);
        if (more) --rest;
    }
    return 0;
}

/// What claim `self`, which holds claims[self].block, is granted: at most what is free beyond it. A
/// claim above its share is lowered to it, unless no other claim lacks anything (hysteresis).
inline std::uint32_t grant_to(std::uint32_t limit, std::span<const claim> claims,
                              std::size_t self) noexcept {
    const std::uint32_t held = claims[self].block;
    const std::uint32_t share = share_of(limit, claims, self);
    std::uint64_t blocks = 0;
    bool lacking = false;
    for (std::size_t i = 0; i < claims.size(); ++i) {
        blocks += claims[i].block;
        lacking |= i != self && !claims[i].quiet && claims[i].wants > claims[i].block;
    }
    const std::uint64_t free = limit - std::min<std::uint64_t>(limit, blocks);
    if (share > held)
        return held + static_cast<std::uint32_t>(std::min<std::uint64_t>(share - held, free));
    return lacking || blocks > limit ? share : held;
}

}  // namespace admit::fleet
