// SPDX-License-Identifier: BSL-1.0
// The third baseline: users spread over 64 mutexes that keep a count of each user and nothing else:
// no conversation, no clock, no listing. The least that exact counts cost with mutexes. Used by
// rows/cold.cpp.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <utility>

#include "common/baseline/mutex_maps.hpp"

namespace admit::baseline {

class sharded_counts {
    struct shard;

public:
    class permit {
    public:
        permit(sharded_counts& system, shard& home, std::string_view user) noexcept
            : system_(&system), home_(&home), user_(user) {}
        permit(permit&& other) noexcept
            : system_(std::exchange(other.system_, nullptr)),
              home_(other.home_),
              user_(other.user_) {}
        permit& operator=(permit&&) = delete;
        ~permit() {
            if (system_ != nullptr) system_->end(*home_, user_);
        }

    private:
        sharded_counts* system_;
        shard* home_;
        std::string_view user_;  ///< bytes of the caller, which outlive the permit
    };

    explicit sharded_counts(const admit::limits& limits) : limits_(limits) {
        for (shard& part : shards_) part.users.reserve(limits.max_concurrent / shard_count + 1);
    }

    boost::system::result<permit> try_admit(std::string_view user) {
        shard& home = shards_[text_hash{}(user) % shard_count];
        const std::scoped_lock lock(home.mutex);
        auto found = home.users.find(user);
        if (found != home.users.end() && found->second >= limits_.max_per_user)
            return errc::user_limit;
        if (active_.fetch_add(1) >= limits_.max_concurrent) {
            active_.fetch_sub(1);
            return errc::global_limit;
        }
        if (found == home.users.end()) found = home.users.emplace(user, 0).first;
        ++found->second;
        return permit{*this, home, user};
    }

private:
    static constexpr std::size_t shard_count = 64;

    struct alignas(128) shard {
        std::mutex mutex;
        counts_by_user users;
    };

    void end(shard& home, std::string_view user) {
        const std::scoped_lock lock(home.mutex);
        const auto found = home.users.find(user);
        if (--found->second == 0) home.users.erase(found);
        active_.fetch_sub(1);
    }

    const admit::limits limits_;
    std::array<shard, shard_count> shards_;
    alignas(128) std::atomic<std::size_t> active_{0};
};

}  // namespace admit::baseline
