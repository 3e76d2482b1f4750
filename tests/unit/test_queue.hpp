// SPDX-License-Identifier: BSL-1.0
// A fair queue with waiters in it, for fair_queue.cpp and fair_queue_limits.cpp.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <vector>

#include "waiting/fair_queue.hpp"

namespace unit {

using admit::core::fair_queue;
using admit::core::lane;
using admit::core::user_queue;
using admit::core::user_tag;

/// A waiter with the line that it brings along.
struct test_waiter : admit::core::queued_waiter {
    int number = 0;
    user_tag user = 0;
    user_queue queue;
};

/// A queue with waiters in it, of whom all are ready unless a test says otherwise.
class test_queue {
public:
    test_queue() = default;
    test_queue(const test_queue&) = delete;
    test_queue& operator=(const test_queue&) = delete;
    ~test_queue() {
        for (test_waiter& each : waiters_)
            if (each.queued) leave(each);
    }

    test_waiter& come(user_tag user, unsigned priority = 0) {
        test_waiter& newcomer = waiters_.emplace_back();
        newcomer.number = static_cast<int>(waiters_.size());
        newcomer.user = user;
        newcomer.priority = static_cast<std::uint8_t>(priority);
        policy.add_spare(newcomer.queue);
        refresh(policy.append(newcomer, user, lanes_[user]));
        return newcomer;
    }

    /// From now on the user may have that many conversations, those served so far among them.
    void set_limit(user_tag user, unsigned limit) {
        limits_[user] = limit;
        user_queue* const queue = policy.find(user);
        if (queue == nullptr) return;
        policy.block_from(*queue, queue->first());
        refresh(*queue);
    }

    /// As `set_limit`, for a limit that is not lower: what is ready stays so.
    void raise_limit(user_tag user, unsigned limit) {
        limits_[user] = limit;
        refresh(*policy.find(user));
    }

    /// Serves the first waiter of the queue in turn; null if no waiter is ready.
    test_waiter* serve() {
        user_queue* const queue = policy.next();
        if (queue == nullptr) return nullptr;
        auto& first = static_cast<test_waiter&>(queue->first());
        CHECK(first.ready);
        policy.remove(*queue, first);
        policy.pass_turn(*queue);
        ++served_[queue->user];
        refresh(*queue);
        return &first;
    }

    void leave(test_waiter& waiter) {
        user_queue& queue = *policy.find(waiter.user);
        policy.remove(queue, waiter);
        refresh(queue);
    }

    std::size_t waiting() const {
        return static_cast<std::size_t>(std::count_if(
            waiters_.begin(), waiters_.end(), [](const test_waiter& each) { return each.queued; }));
    }

    /// The users that are served from now on, in order.
    std::vector<user_tag> serve_all() {
        std::vector<user_tag> served;
        while (const test_waiter* const next = serve()) served.push_back(next->user);
        return served;
    }

private:
    void refresh(user_queue& queue) {
        const auto limit = limits_.find(queue.user);
        policy.refresh(queue, served_[queue.user],
                       limit == limits_.end() ? lane::no_limit : limit->second);
    }

    std::deque<test_waiter> waiters_;
    std::map<user_tag, lane> lanes_;
    std::map<user_tag, unsigned> limits_;
    std::map<user_tag, unsigned> served_;

public:
    fair_queue policy;  // goes before the waiters
};

}  // namespace unit
