// SPDX-License-Identifier: BSL-1.0
// One possible state of the engine after some of the calls of a history have taken effect.
// specification.hpp says how one leads to the next; the search keeps sets of them.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>

#include "history/operation.hpp"

namespace history {

constexpr std::uint64_t bit(std::uint8_t conversation) { return std::uint64_t{1} << conversation; }

/// A set of callers, a bit for each: the threads, then the timers of requests, which make calls
/// that no recorder sees.
using callers = std::uint16_t;

constexpr std::uint8_t timer_of(std::uint8_t waiter) {
    return static_cast<std::uint8_t>(max_threads + waiter);
}
inline constexpr std::uint8_t no_caller = max_threads + max_waiters;

/// The calls that overlapped the call behind an event, and have not returned.
struct overlap {
    callers in_progress = 0;
    std::uint8_t cause = 0;  // the caller behind the event

    auto operator<=>(const overlap&) const = default;

    bool over() const { return in_progress == 0; }
    /// Whether the call behind the event lasts, so that calls that begin now overlap it.
    bool cause_in_progress() const { return (in_progress >> cause & 1) != 0; }
    void add(std::uint8_t caller) {
        if (cause_in_progress()) in_progress = static_cast<callers>(in_progress | 1U << caller);
    }
    void remove(std::uint8_t caller) {
        in_progress = static_cast<callers>(in_progress & ~(1U << caller));
        if (caller == cause) cause = no_caller;
        if (over()) cause = 0;
    }
};

/// The limits on the requests that wait, of one user and in all.
struct queue_limits {
    std::uint8_t all = 0;
    std::uint8_t of_user = 0;

    auto operator<=>(const queue_limits&) const = default;
};

/// The knowledge about a call in progress.
struct call {
    bool placed = false;           // the call has taken effect
    std::uint8_t user_limits = 0;  // bit n: the limit per user was n at some instant
    bool saw_open = false;         // the engine was open when the call began
    bool saw_room = false;         // the engine was not full at some instant
    bool saw_free_slot = false;    // a slot was free while a request had a claim to it
    bool may_shrink = false;       // a limit was going down at some instant
    bool saw_limit = false;        // wait: a limit kept the request out at some instant
    bool saw_queue_room = false;   // wait: the queue was not full at some instant
    std::uint8_t came = 0;         // waiting requests of its user that came since it began
    queue_limits least{};          // wait: the lowest limits of the queue by which it may go
    queue_limits most{};           // and the highest
    bool may_mix = false;          // another `set_limits` overlaps this one
    bool holds_slot = false;       // an attempt of global_limit that has kept out another call

    auto operator<=>(const call&) const = default;
};

enum class phase : std::uint8_t {
    absent,   // the initiating function has not taken effect
    waits,    // in the queue
    granted,  // after a wait; the handler has not run
    decided,  // another verdict, or admitted without a wait; the handler has not run
    timed,    // timed out in a call that is not recorded, which lasts until the handler runs
    over,
};

struct request {
    phase state = phase::absent;
    std::uint8_t stamp = 0;  // the place among the arrivals
    bool unclaimed = false;  // it may have no claim to a slot as long as it is fresh
    overlap fresh;  // of the event that brought the request, made it ready, or hid its room

    auto operator<=>(const request&) const = default;
};

struct drain_state {
    bool started = false;
    bool final = false;  // has told all that it will ever tell
    bool finished = false;
    bool reported = false;
    std::uint64_t members = 0;  // active at the start, or admitted later

    auto operator<=>(const drain_state&) const = default;
};

struct configuration {
    std::uint64_t active = 0;  // a bit for each conversation
    std::uint64_t told = 0;    // by a drain
    limits in_force;
    std::uint8_t lowest_concurrent = 1;  // in force during a `set_limits` in progress
    std::uint8_t highest_concurrent = 1;
    bool closed = false;
    std::array<call, max_threads> calls{};

    std::uint8_t arrivals = 0;
    std::array<request, max_waiters> requests{};
    /// For each user those that were served while the user was ready, and have to give way.
    std::array<std::uint8_t, max_waiting_users> passed{};
    /// Slots that may count as taken though they are no conversation's any more.
    std::array<overlap, 12> held{};
    std::array<drain_state, max_drains> drains{};

    auto operator<=>(const configuration&) const = default;

    queue_limits of_queue() const { return {in_force.waiting, in_force.waiting_per_user}; }
    int active_count() const { return std::popcount(active); }
    bool waits(std::uint8_t waiter) const { return requests[waiter].state == phase::waits; }
    int queue_length() const {
        int length = 0;
        for (const request& each : requests) length += each.state == phase::waits ? 1 : 0;
        return length;
    }

    /// A slot counts as taken until the calls that overlapped the event have returned.
    void hold_slot(const overlap& until);
    /// A call begins, or returns: what waits for the calls that overlapped an event sees this.
    void add_caller(std::uint8_t caller);
    void remove_caller(std::uint8_t caller);
};

}  // namespace history
