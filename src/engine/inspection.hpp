// SPDX-License-Identifier: BSL-1.0
// Counts, statistics and listings of an engine, gathered by sweeping its slots, so that the fast
// paths count nothing for them. The public engine and draining.cpp use it.
#pragma once

#include <admit/stats.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "base/thread_state.hpp"
#include "state/engine_core.hpp"

namespace admit::core {

/// Active conversations, and slots that are being filled or emptied; never above the limit.
std::size_t active_count(const engine_core& core) noexcept;

/// All of `admit::stats` but its `limits`.
stats read_stats(const engine_core& core) noexcept;

/// The conversations of all users, or of one. Throws `std::bad_alloc`.
std::vector<conversation> list(const engine_core& core, std::optional<std::string_view> user);

/// The earliest instant at which one of the conversations in the way of the user is due. 0 if there
/// is room now; the end of time if no ending makes room, because a limit is 0 or none has a
/// timeout.
nanos earliest_room(engine_core& core, user_tag tag, const thread_state& thread) noexcept;

}  // namespace admit::core
