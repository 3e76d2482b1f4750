// Counts active conversations without asking the engine.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace admit::load {

/// A lower bound of the truth, for all users and for each one: a conversation is counted after its
/// admission returned and until just before its end is asked for. So whatever number is seen here
/// was active in the engine at one instant, and one above a limit convicts the engine.
///
/// Any thread may call anything. Every step is sequentially consistent, so that no count can be
/// reordered into the engine's own operations.
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
        std::int64_t most = 0;
        for (const counter& user : users_) most = std::max(most, user.highest.load());
        return most;
    }

private:
    // On a line of its own: the users of different threads do not slow each other down.
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
