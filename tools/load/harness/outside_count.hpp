// SPDX-License-Identifier: BSL-1.0
// Counts active conversations independently of the engine.
// Used by scenario_run.cpp; common_checks.cpp compares the highest counts with the limits, and a
// threshold of a scenario file the rejections with what was possible.
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

/// An upper bound of the active conversations of all users: each is counted from before its request
/// until after its end. It shows rejections that no full engine explains.
///
/// Thread-safe, sequentially consistent. The low half of the word is the bound now; the high half
/// counts, modulo 2^32, how often it was raised.
class possible_count {
public:
    /// The word when an attempt began.
    using instant = std::uint64_t;

    instant attempt() noexcept { return word_.fetch_add(raised | 1); }

    /// The attempt was rejected, or its conversation has ended.
    void over() noexcept { word_.fetch_sub(1); }

    /// Whether fewer than `limit` others were active at every instant since the attempt began.
    bool had_room(instant began, std::size_t limit) const noexcept {
        const std::uint64_t others = low(began);
        // The attempt itself raised the bound once.
        const std::uint64_t more = low((word_.load() >> 32) - (began >> 32)) - 1;
        return others + more < limit;
    }

private:
    static constexpr std::uint64_t raised = std::uint64_t{1} << 32;
    static std::uint64_t low(std::uint64_t word) noexcept { return word & (raised - 1); }

    std::atomic<std::uint64_t> word_{0};
};

}  // namespace admit::load
