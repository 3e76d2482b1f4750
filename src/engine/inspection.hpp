// What there is to know about an engine, gathered by sweeping its slots: nothing is counted on the
// hot path for the sake of these.
#pragma once

#include <admit/stats.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "base/thread_state.hpp"
#include "state/engine_core.hpp"

namespace admit::core {

/// Conversations, and slots that are just being filled or emptied; never above the limit.
std::size_t active_count(const engine_core& core) noexcept;

/// All of `admit::stats` but the times in its limits.
stats read_stats(const engine_core& core) noexcept;

/// The conversations of all users, or of one. Throws `std::bad_alloc`.
std::vector<conversation> list(const engine_core& core, std::optional<std::string_view> user);

/// The earliest instant at which one of the conversations that keep `who` out is due: 0 if none
/// does, the end of time if none of them ever is.
nanos earliest_room(engine_core& core, user_tag who, const thread_state& thread) noexcept;

}  // namespace admit::core
