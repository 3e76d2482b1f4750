// SPDX-License-Identifier: BSL-1.0
// The queue of a configuration: its lines, and which requests lack only a slot.
#include <bit>

#include "history/specification.hpp"

namespace history {

int specification::active_of(const configuration& now, std::uint8_t user) const {
    return std::popcount(now.active & conversations_of_[user]);
}

int specification::waiting_of(const configuration& now, std::uint8_t user) const {
    int count = 0;
    for (std::uint8_t w = 0; w < max_waiters; ++w)
        if (now.waits(w) && requests_[w]->user == user) ++count;
    return count;
}

/// Granted requests of a user, or of all, before their handlers have run.
int specification::granted(const configuration& now, std::optional<std::uint8_t> user) const {
    int count = 0;
    for (std::uint8_t w = 0; w < max_waiters; ++w)
        if (now.requests[w].state == phase::granted && (!user || requests_[w]->user == *user))
            ++count;
    return count;
}

/// Whether one request of a user comes before another: by priority, then in order of arrival.
bool specification::before(const configuration& now, std::uint8_t a, std::uint8_t b) const {
    const std::uint8_t first = requests_[a]->priority;
    const std::uint8_t second = requests_[b]->priority;
    return first != second ? first > second : now.requests[a].stamp < now.requests[b].stamp;
}

specification::line specification::line_of(const configuration& now, std::uint8_t user) const {
    line result;
    for (std::uint8_t w = 0; w < max_waiters; ++w) {
        if (!now.waits(w) || requests_[w]->user != user) continue;
        unsigned place = result.length++;
        for (; place > 0 && before(now, w, result.waiters[place - 1]); --place)
            result.waiters[place] = result.waiters[place - 1];
        result.waiters[place] = w;
    }
    return result;
}

unsigned specification::limit_of(std::uint8_t waiter, unsigned per_user) const {
    const std::uint8_t own = requests_[waiter]->own_limit;
    return own == no_own_limit ? per_user : own;
}

/// The requests of a user that lack only a slot, a bit for each.
std::uint8_t specification::ready_of(const configuration& now, std::uint8_t user,
                                     unsigned per_user) const {
    const line queue = line_of(now, user);
    unsigned count = static_cast<unsigned>(active_of(now, user));
    unsigned found = 0;
    for (unsigned i = 0; i < queue.length; ++i) {
        if (count++ >= limit_of(queue.waiters[i], per_user)) break;
        found |= 1U << queue.waiters[i];
    }
    return static_cast<std::uint8_t>(found);
}

std::uint8_t specification::ready(const configuration& now, unsigned per_user) const {
    if (now.queue_length() == 0) return 0;
    unsigned found = 0;
    for (std::uint8_t user = 0; user < max_waiting_users; ++user)
        found |= ready_of(now, user, per_user);
    return static_cast<std::uint8_t>(found);
}

/// The ready requests that have a claim to a slot in any case.
int specification::ready_with_claim(const configuration& now) const {
    unsigned claims = ready(now);
    for (std::uint8_t w = 0; w < max_waiters; ++w)
        if (now.requests[w].unclaimed) claims &= ~(1U << w);
    if (allowed_.turn && claims != 0)
        for_each_in_progress([&](const operation& each) {
            if (each.kind == action::wait) claims &= ~(1U << each.waiter);
        });
    return std::popcount(claims);
}

/// An attempt of the user in progress.
const operation* specification::attempt_of(const configuration& now, std::uint8_t user) const {
    const operation* found = nullptr;
    for_each_in_progress([&](const operation& each) {
        if (each.user == user && is_attempt(now, each)) found = &each;
    });
    return found;
}

bool specification::eligible(const configuration& now, std::uint8_t user) const {
    return ready_of(now, user, now.in_force.per_user) != 0;
}

/// Whether a grant may overlook that a user is eligible.
bool specification::overlooked(const configuration& now, std::uint8_t user) const {
    if (allowed_.turn && !now.requests[line_of(now, user).waiters[0]].fresh.over()) return true;
    return allowed_.room_hidden && attempt_of(now, user) != nullptr;
}

}  // namespace history
