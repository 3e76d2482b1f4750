// SPDX-License-Identifier: BSL-1.0
// The contents of a history: calls of an engine with their arguments, their results, and the
// instants at which they began and returned. The recorder writes them, the checker reads them.
#pragma once

#include <admit/error.hpp>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace history {

enum class action : std::uint8_t { admit, end, set_limits, close };

/// At most so many calls are in progress at once: one for each thread.
inline constexpr unsigned max_threads = 8;

/// At most so many conversations are admitted in one history.
inline constexpr unsigned max_conversations = 64;

/// The user with an invalid id.
inline constexpr std::uint8_t no_user = 255;

struct limits {
    std::uint8_t concurrent = 1;
    std::uint8_t per_user = 1;  // at most 7

    auto operator<=>(const limits&) const = default;
};

struct operation {
    action kind = action::admit;
    std::uint8_t thread = 0;
    std::uint8_t user = 0;          // admit
    std::uint8_t conversation = 0;  // admit: began; end: to be ended
    limits new_limits;              // set_limits
    admit::errc reason{};           // admit: reason of the rejection, or zero
    bool ended = false;             // end: its result
    std::uint32_t invoked = 0;      // no two events have the same instant
    std::uint32_t returned = 0;

    bool admitted() const { return kind == action::admit && reason == admit::errc{}; }
};

struct recording {
    limits first;
    std::vector<operation> operations;
};

/// One line for each operation, for the messages of a failed test.
std::string to_string(const recording&);

}  // namespace history
