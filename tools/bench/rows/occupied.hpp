// SPDX-License-Identifier: BSL-1.0
// The engine or a baseline with a part of its slots occupied. Used by the files in rows/.
#pragma once

#include <admit/engine.hpp>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "bench/catalog.hpp"
#include "bench/users.hpp"
#include "common/baseline/mutex_maps.hpp"
#include "common/baseline/sharded_mutexes.hpp"

namespace admit::bench {

/// The name of a system under measurement.
template <class System>
constexpr std::string_view system_name =
    std::is_same_v<System, admit::engine>          ? systems::admit
    : std::is_same_v<System, baseline::mutex_maps> ? systems::mutex
                                                   : systems::sharded;

template <class System>
using permit_of = std::decay_t<decltype(*std::declval<System&>().try_admit(std::string_view{}))>;

/// A system with random slots occupied, as after hours of work: all slots were taken, and random
/// ones were given back.
template <class System>
struct occupied {
    occupied(const admit::limits& limits, std::size_t slots) : system(limits) {
        permits.reserve(limits.max_concurrent);
        for (std::size_t user = 0; user < limits.max_concurrent; ++user)
            occupy(first_occupying_user + user);
        random_numbers random{1};
        while (permits.size() > slots) {
            std::swap(permits[random.below(permits.size())], permits.back());
            permits.pop_back();
        }
    }

    void occupy(std::uint64_t user) {
        auto permit = system.try_admit(user_id{user}.view());
        if (!permit) throw std::logic_error("a slot that the benchmark occupies is not free");
        permits.push_back(std::move(*permit));
    }

    System system;
    std::vector<permit_of<System>> permits;
};

/// Half of the slots are occupied, by as many users.
template <class System>
std::shared_ptr<occupied<System>> half_occupied(std::size_t slots) {
    return std::make_shared<occupied<System>>(admit::limits{.max_concurrent = slots}, slots / 2);
}

/// Calls `add.operator()<System>()` for the engine and both baselines.
template <class Add>
void for_each_system(Add add) {
    add.template operator()<admit::engine>();
    add.template operator()<baseline::mutex_maps>();
    add.template operator()<baseline::sharded_mutexes>();
}

/// Admits one user from the string, and ends the conversation.
template <class System>
auto admit_and_end(std::shared_ptr<occupied<System>> tested, std::uint64_t user) {
    return [tested = std::move(tested), id = user_id{user}] {
        return static_cast<bool>(tested->system.try_admit(id.view()));
    };
}

/// Admits a random one of `users` users from the string, and ends the conversation.
template <class System>
auto admit_and_end_random(std::shared_ptr<occupied<System>> tested, std::uint64_t users,
                          std::uint64_t seed) {
    return [tested = std::move(tested), users, random = random_numbers{seed},
            id = user_id{}]() mutable {
        id.set(random.below(users));
        return static_cast<bool>(tested->system.try_admit(id.view()));
    };
}

}  // namespace admit::bench
