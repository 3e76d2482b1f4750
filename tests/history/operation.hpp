// What a history consists of: calls of an engine, with what they were given, what they answered,
// and when they began and returned.
#pragma once

#include <admit/error.hpp>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace history {

enum class action : std::uint8_t { admit, end, set_limits, close };

/// At most this many calls are in progress at once: one for each thread.
inline constexpr unsigned most_threads = 8;

/// At most this many conversations are admitted in one history.
inline constexpr unsigned most_conversations = 64;

/// The user whose id is none.
inline constexpr std::uint8_t no_user = 255;

struct limits {
    std::uint8_t concurrent = 1;
    std::uint8_t per_user = 1;  // at most 7

    auto operator<=>(const limits&) const = default;
};

struct operation {
    action what = action::admit;
    std::uint8_t thread = 0;
    std::uint8_t user = 0;          // admit
    std::uint8_t conversation = 0;  // admit: the one that began; end: the one meant
    limits wanted;                  // set_limits
    admit::errc reason{};           // admit: why not; zero when it was admitted
    bool ended = false;             // end: what it returned
    std::uint32_t invoked = 0;      // instants: no two events have the same
    std::uint32_t returned = 0;

    bool admitted() const { return what == action::admit && reason == admit::errc{}; }
};

struct recording {
    limits first;
    std::vector<operation> operations;
};

/// For people, one line for each operation.
std::string to_string(const recording&);

}  // namespace history
