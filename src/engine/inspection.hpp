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

limits read_limits(const engine_core& core) noexcept;
stats read_stats(const engine_core& core) noexcept;

/// When the active conversation that is due first is due; the end of time if none ever is.
nanos first_due(const engine_core& core) noexcept;

/// How many conversations have ended that no drain cut off, nor the end of the engine. Only
/// differences mean something. What a drain told to end does not count when it has ended.
std::uint64_t ended_uncut(const engine_core& core) noexcept;

/// Reads the conversation in a slot. False if there is none, or if it ended while it was being
/// read. Throws `std::bad_alloc`.
bool describe(const engine_core& core, slot_ref slot, conversation& found);

/// The conversations of all users, or of one. Throws `std::bad_alloc`.
std::vector<conversation> list(const engine_core& core, std::optional<std::string_view> user);

/// The earliest instant at which one of the conversations in the way of the user is due. 0 if there
/// is room now; the end of time if no ending makes room, because a limit is 0 or none has a
/// timeout.
nanos earliest_room(engine_core& core, user_tag tag, const thread_state& thread) noexcept;

/// How long a request of the user that began now would wait, if conversations last as long as of
/// late. Nothing if that is not known, or if a limit is 0.
std::optional<nanos> expected_wait(engine_core& core, user_tag tag,
                                   std::optional<std::uint32_t> own_limit,
                                   const thread_state& thread) noexcept;

}  // namespace admit::core
