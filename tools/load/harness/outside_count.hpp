// SPDX-License-Identifier: BSL-1.0
// Counts active conversations independently of the engine.
// Used by scenario_run.cpp; common_checks.cpp compares the highest counts with the limits.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace admit::load {

/// A lower bound of the active conversations, of all users and of each user. A conversation is
/// counted from the return of its admission to the call of its end. So this many were active in the
/// engine at one instant, and a count above a limit proves a violation.
///
/// Thread-safe. Every step is sequentially consistent, so that no count is reordered with the
/// operations of the engine.
class outside_count {
public:
    explicit outside_count(std::size_t users) : users_(users) {}

    void started(std::size_t user) noexcept {
        all_.up();
        users_[user].up();
    }

    void ending(std::size_t user) noexcept {
        users_[user].down();
        all_.down();
    }

    std::int64_t active() const noexcept { return all_.now.load(); }
    std::int64_t active(std::size_t user) const noexcept { return users_[user].now.load(); }
    std::int64_t highest() const noexcept { return all_.highest.load(); }

    std::int64_t highest_of_a_user() const noexcept {
        std::int64_t max = 0;
        for (const counter& user : users_) max = std::max(max, user.highest.load());
        return max;
    }

private:
    // On separate cache lines: users on different threads do not slow each other down.
    struct alignas(64) counter {
        void up() noexcept {
            const std::int64_t count = now.fetch_add(1) + 1;
            std::int64_t seen = highest.load();
            while (seen < count && !highest.compare_exchange_weak(seen, count)) {
            }
        }

        void down() noexcept { now.fetch_sub(1); }

        std::atomic<std::int64_t> now{0};
        std::atomic<std::int64_t> highest{0};
    };

    counter all_;
    std::vector<counter> users_;
};

}  // namespace admit::load
