// SPDX-License-Identifier: BSL-1.0
// The first baseline: one mutex around two hash maps, the usual first design of such a limit.
// Used by the benchmark through bench/rows/occupied.hpp, and by admit-load --engine.
#pragma once

#include <admit/engine.hpp>
#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace admit::baseline {

/// Finds a std::string by a string_view without a copy.
struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
};
using counts_by_user = std::unordered_map<std::string, std::size_t, text_hash, std::equal_to<>>;

class mutex_maps {
public:
    class permit {
    public:
        permit(mutex_maps& system, std::uint64_t id) noexcept : system_(&system), id_(id) {}
        permit(permit&& other) noexcept
            : system_(std::exchange(other.system_, nullptr)), id_(other.id_) {}
        permit& operator=(permit&& other) noexcept {
            std::swap(system_, other.system_);
            std::swap(id_, other.id_);
            return *this;
        }
        ~permit() {
            if (system_ != nullptr) system_->end(id_);
        }

    private:
        mutex_maps* system_;
        std::uint64_t id_;
    };

    explicit mutex_maps(const admit::limits& limits) : limits_(limits) {
        conversations_.reserve(limits.max_concurrent);
        users_.reserve(limits.max_concurrent);
    }

    boost::system::result<permit> try_admit(std::string_view user) {
        const auto now = clock_.now();
        const std::scoped_lock lock(mutex_);
        if (conversations_.size() >= limits_.max_concurrent) return reject(errc::global_limit);
        auto found = users_.find(user);
        if (found == users_.end()) found = users_.emplace(user, 0).first;
        if (found->second >= limits_.max_per_user) return reject(errc::user_limit);
        ++found->second;
        conversations_.emplace(++last_id_, conversation{&*found, now, now});
        return permit{*this, last_id_};
    }

    bool end(std::uint64_t id) {
        const std::scoped_lock lock(mutex_);
        const auto found = conversations_.find(id);
        if (found == conversations_.end()) return false;
        if (--found->second.user->second == 0) users_.erase(users_.find(found->second.user->first));
        conversations_.erase(found);
        return true;
    }

private:
    struct conversation {
        counts_by_user::value_type* user;
        time_point started;
        time_point last_activity;
    };

    errc reject(errc reason) {
        ++rejected_[static_cast<std::size_t>(reason)];
        return reason;
    }

    const admit::limits limits_;
    const time_source clock_ = coarse_clock();
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, conversation> conversations_;
    counts_by_user users_;
    std::uint64_t last_id_ = 0;
    std::uint64_t rejected_[5] = {};
};

}  // namespace admit::baseline
