// SPDX-License-Identifier: BSL-1.0
// The second baseline: users spread over 64 mutexes, and one atomic count of all conversations. The
// limit is exact, because the count is raised by compare-and-swap. Used through rows/occupied.hpp.
#pragma once

#include <admit/engine.hpp>
#include <array>
#include <atomic>
#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "common/baseline/mutex_maps.hpp"

namespace admit::baseline {

class sharded_mutexes {
    struct shard;

public:
    class permit {
    public:
        permit(sharded_mutexes& system, shard& home, std::uint64_t id) noexcept
            : system_(&system), home_(&home), id_(id) {}
        permit(permit&& other) noexcept
            : system_(std::exchange(other.system_, nullptr)), home_(other.home_), id_(other.id_) {}
        permit& operator=(permit&& other) noexcept {
            std::swap(system_, other.system_);
            std::swap(home_, other.home_);
            std::swap(id_, other.id_);
            return *this;
        }
        ~permit() {
            if (system_ != nullptr) system_->end(*home_, id_);
        }

    private:
        sharded_mutexes* system_;
        shard* home_;
        std::uint64_t id_;
    };

    explicit sharded_mutexes(const admit::limits& limits) : limits_(limits) {
        for (shard& part : shards_) {
            part.conversations.reserve(limits.max_concurrent / shard_count + 1);
            part.users.reserve(limits.max_concurrent / shard_count + 1);
        }
    }

    boost::system::result<permit> try_admit(std::string_view user) {
        if (active_.load(std::memory_order_relaxed) >= limits_.max_concurrent) {
            rejected_full_.fetch_add(1, std::memory_order_relaxed);
            return errc::global_limit;
        }
        const auto now = clock_.now();
        shard& home = shards_[text_hash{}(user) % shard_count];
        const std::scoped_lock lock(home.mutex);
        auto found = home.users.find(user);
        if (found != home.users.end() && found->second >= limits_.max_per_user) {
            ++home.rejected_user;
            return errc::user_limit;
        }
        if (!increment_count()) {
            rejected_full_.fetch_add(1, std::memory_order_relaxed);
            return errc::global_limit;
        }
        if (found == home.users.end()) found = home.users.emplace(user, 0).first;
        ++found->second;
        home.conversations.emplace(++home.last_id, conversation{&*found, now, now});
        return permit{*this, home, home.last_id};
    }

private:
    static constexpr std::size_t shard_count = 64;

    struct conversation {
        counts_by_user::value_type* user;
        time_point started;
        time_point last_activity;
    };

    struct alignas(128) shard {
        std::mutex mutex;
        std::unordered_map<std::uint64_t, conversation> conversations;
        counts_by_user users;
        std::uint64_t last_id = 0;
        std::uint64_t rejected_user = 0;
    };

    bool increment_count() noexcept {
        std::size_t seen = active_.load(std::memory_order_relaxed);
        while (seen < limits_.max_concurrent) {
            if (active_.compare_exchange_weak(seen, seen + 1)) return true;
        }
        return false;
    }

    void end(shard& home, std::uint64_t id) {
        const std::scoped_lock lock(home.mutex);
        const auto found = home.conversations.find(id);
        if (found == home.conversations.end()) return;
        auto& user = *found->second.user;
        if (--user.second == 0) home.users.erase(home.users.find(user.first));
        home.conversations.erase(found);
        active_.fetch_sub(1);
    }

    const admit::limits limits_;
    const time_source clock_ = coarse_clock();
    std::array<shard, shard_count> shards_;
    alignas(128) std::atomic<std::size_t> active_{0};
    alignas(128) std::atomic<std::uint64_t> rejected_full_{0};
};

}  // namespace admit::baseline
