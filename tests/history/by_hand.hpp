// SPDX-License-Identifier: BSL-1.0
// Short forms to write histories by hand, for checker.cpp and waiting_checker.cpp.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include "history/linearizability.hpp"
#include "history/operation.hpp"

namespace history::by_hand {

using operations = std::vector<operation>;

/// The operations with more behind them.
inline operations with(operations first, const operations& more) {
    first.insert(first.end(), more.begin(), more.end());
    return first;
}

/// The times at which a call begins and returns.
struct span {
    unsigned from;
    unsigned to;
};

inline operation call(action kind, unsigned thread, span when) {
    operation made;
    made.kind = kind;
    made.thread = static_cast<std::uint8_t>(thread);
    made.invoked = when.from;
    made.returned = when.to;
    return made;
}

inline operation admitted(unsigned thread, span when, unsigned user, unsigned conversation) {
    operation made = call(action::admit, thread, when);
    made.user = static_cast<std::uint8_t>(user);
    made.conversation = static_cast<std::uint8_t>(conversation);
    return made;
}

inline operation refused(unsigned thread, span when, unsigned user, admit::errc reason) {
    operation made = admitted(thread, when, user, 0);
    made.reason = reason;
    return made;
}

inline operation ended(unsigned thread, span when, unsigned conversation, bool really = true) {
    operation made = call(action::end, thread, when);
    made.conversation = static_cast<std::uint8_t>(conversation);
    made.ended = really;
    return made;
}

inline operation new_limits(unsigned thread, span when, std::uint8_t all, std::uint8_t per_user) {
    operation made = call(action::set_limits, thread, when);
    made.new_limits = {.concurrent = all, .per_user = per_user};
    return made;
}

inline operation closed(unsigned thread, span when) { return call(action::close, thread, when); }

/// How a request asks: its user, its priority, its own limit.
struct asks {
    unsigned user = 0;
    unsigned priority = 0;
    unsigned own_limit = no_own_limit;
};

/// The initiating function of a request. Its conversation, if any, has the number of the request
/// and ten.
inline operation waits(unsigned thread, span when, unsigned waiter, const asks& how) {
    operation made = call(action::wait, thread, when);
    made.waiter = static_cast<std::uint8_t>(waiter);
    made.user = static_cast<std::uint8_t>(how.user);
    made.priority = static_cast<std::uint8_t>(how.priority);
    made.own_limit = static_cast<std::uint8_t>(how.own_limit);
    made.conversation = static_cast<std::uint8_t>(10 + waiter);
    return made;
}

/// The same for a request that may time out in a call that is not recorded.
inline operation waits_a_while(unsigned thread, span when, unsigned waiter, const asks& how) {
    operation made = waits(thread, when, waiter, how);
    made.times_out = true;
    return made;
}

inline operation withdrawn(unsigned thread, span when, unsigned waiter, admit::errc verdict) {
    operation made = call(action::withdraw, thread, when);
    made.waiter = static_cast<std::uint8_t>(waiter);
    made.reason = verdict;
    return made;
}

/// The handler of a request runs; zero for a grant.
inline operation answered(unsigned when, unsigned waiter, admit::errc verdict = {}) {
    operation made = call(action::answer, 0, {when, when});
    made.waiter = static_cast<std::uint8_t>(waiter);
    made.conversation = static_cast<std::uint8_t>(10 + waiter);
    made.reason = verdict;
    return made;
}

inline operation rests(unsigned when) { return call(action::rest, 0, {when, when}); }

inline operation rests(unsigned when, int active, int waiting) {
    operation made = rests(when);
    made.counted_active = active;
    made.counted_waiting = waiting;
    return made;
}

inline operation starts_drain(unsigned thread, span when, unsigned drain = 0) {
    operation made = call(action::drain, thread, when);
    made.drain = static_cast<std::uint8_t>(drain);
    return made;
}

inline operation tells(unsigned thread, span when, std::initializer_list<unsigned> conversations,
                       unsigned drain = 0) {
    operation made = call(action::cut, thread, when);
    made.drain = static_cast<std::uint8_t>(drain);
    made.final = true;
    for (const unsigned each : conversations) made.told |= std::uint64_t{1} << each;
    return made;
}

inline operation reports(unsigned when, int completed, unsigned drain = 0,
                         admit::errc result = {}) {
    operation made = call(action::report, 0, {when, when});
    made.drain = static_cast<std::uint8_t>(drain);
    made.completed = completed;
    made.reason = result;
    return made;
}

inline bool explained(limits first, operations seen, const allowances& allowed = {}) {
    return linearizable({.first = first, .operations = std::move(seen)}, allowed);
}

}  // namespace history::by_hand
