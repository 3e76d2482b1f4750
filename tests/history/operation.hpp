// SPDX-License-Identifier: BSL-1.0
// The contents of a history: calls of an engine with their arguments, their results, and the
// instants at which they began and returned. The recorders write them, the checker reads them.
#pragma once

#include <admit/error.hpp>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace history {

/// `answer`, `report` and `rest` happen at one instant, the others between two.
enum class action : std::uint8_t {
    admit,       ///< an attempt that does not wait
    end,         ///< of a conversation
    set_limits,  ///< all limits
    close,       ///< of the engine
    wait,        ///< the function that initiates a waiting request
    withdraw,    ///< takes a request back: a cancellation, a recorded time-out, or a drop
    answer,      ///< the handler of a request runs
    drain,       ///< the function that starts a drain
    cut,         ///< after its deadline a drain tells conversations to end
    report,      ///< the handler of a drain runs
    rest,        ///< no call is in progress, and all handlers that can run have run
};

/// At most so many calls are in progress at once: one for each thread.
inline constexpr unsigned max_threads = 8;

/// At most so many conversations are admitted in one history.
inline constexpr unsigned max_conversations = 64;

/// At most so many requests wait in one history, of users below `max_waiting_users`.
inline constexpr unsigned max_waiters = 4;
inline constexpr unsigned max_waiting_users = 3;

/// At most so many drains are started in one history.
inline constexpr unsigned max_drains = 2;

/// The user with an invalid id.
inline constexpr std::uint8_t no_user = 255;

/// The limit of a call that is under the limits of the engine alone.
inline constexpr std::uint8_t no_own_limit = 255;

/// The verdict on a request that was cancelled, or that was dropped with its context.
inline constexpr admit::errc aborted{100};
inline constexpr admit::errc dropped{101};

struct limits {
    std::uint8_t concurrent = 1;
    std::uint8_t per_user = 1;  // at most 7
    std::uint8_t waiting = 255;
    std::uint8_t waiting_per_user = 255;

    auto operator<=>(const limits&) const = default;
};

struct operation {
    action kind = action::admit;
    std::uint8_t thread = 0;
    std::uint8_t user = 0;                  // admit, wait
    std::uint8_t own_limit = no_own_limit;  // admit, wait
    std::uint8_t conversation = 0;          // admit, wait: that begins; end: to be ended
    limits new_limits;                      // set_limits
    admit::errc
        reason{};        // admit, answer, report: zero for success; withdraw: the verdict it gives
    bool ended = false;  // end: its result

    std::uint8_t waiter = 0;    // wait, withdraw, answer: the number of the request
    std::uint8_t priority = 0;  // wait
    bool times_out = false;     // wait: may time out in a call that is not recorded

    std::uint8_t drain = 0;   // drain, cut, report: the number of the drain
    std::uint64_t told = 0;   // cut: a bit for each conversation that was told to end
    bool ends_told = true;    // cut: what is told ends at that instant, as it has no supervisor
    bool final = false;       // cut: the drain will not look again
    int completed = unknown;  // report

    int counted_active = unknown;  // rest: as the engine counts
    int counted_waiting = unknown;

    std::uint32_t invoked = 0;   // no two events have the same instant
    std::uint32_t returned = 0;  // equal to `invoked` for what happens at one instant

    static constexpr int unknown = -1;

    bool admitted() const { return kind == action::admit && reason == admit::errc{}; }
    /// Whether the operation may begin a conversation.
    bool begins_conversation() const { return admitted() || kind == action::wait; }
};

struct recording {
    limits first;
    std::vector<operation> operations;
};

/// One line for each operation, for the messages of a failed test.
std::string to_string(const recording&);

}  // namespace history
