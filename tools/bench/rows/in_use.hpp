// An engine or a baseline of which a part is in use by others.
#pragma once

#include <admit/engine.hpp>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "bench/baseline/mutex_maps.hpp"
#include "bench/baseline/sharded_mutexes.hpp"
#include "bench/catalog.hpp"
#include "bench/users.hpp"

namespace admit::bench {

/// The name of a system under measurement.
template <class System>
constexpr std::string_view system_name = std::is_same_v<System, admit::engine> ? systems::admit
                                         : std::is_same_v<System, mutex_maps>  ? systems::mutex
                                                                               : systems::sharded;

template <class System>
using permit_of = std::decay_t<decltype(*std::declval<System&>().try_admit(std::string_view{}))>;

/// A random part of the slots is in use, as after some hours of work: all were taken, and some
/// given back.
template <class System>
struct in_use {
    in_use(const admit::limits& limits, std::size_t by_others) : system(limits) {
        held.reserve(limits.max_concurrent);
        for (std::size_t other = 0; other < limits.max_concurrent; ++other)
            hold(first_other_user + other);
        random_numbers random{1};
        while (held.size() > by_others) {
            std::swap(held[random.below(held.size())], held.back());
            held.pop_back();
        }
    }

    void hold(std::uint64_t user) {
        auto permit = system.try_admit(user_id{user}.view());
        if (!permit) throw std::logic_error("no room for what should be in use");
        held.push_back(std::move(*permit));
    }

    System system;
    std::vector<permit_of<System>> held;
};

/// Half of the slots are in use by as many users, unless said otherwise.
template <class System>
std::shared_ptr<in_use<System>> half_in_use(std::size_t slots) {
    return std::make_shared<in_use<System>>(admit::limits{.max_concurrent = slots}, slots / 2);
}

/// `add.operator()<System>()` for the engine and both baselines.
template <class Add>
void for_each_system(Add add) {
    add.template operator()<admit::engine>();
    add.template operator()<mutex_maps>();
    add.template operator()<sharded_mutexes>();
}

/// One user admitted and ended, from the string.
template <class System>
auto admit_and_end(std::shared_ptr<in_use<System>> where, std::uint64_t user) {
    return [where = std::move(where), id = user_id{user}] {
        return static_cast<bool>(where->system.try_admit(id.view()));
    };
}

/// A random one of `users` admitted and ended, from the string.
template <class System>
auto admit_and_end_any(std::shared_ptr<in_use<System>> where, std::uint64_t users,
                       std::uint64_t seed) {
    return
        [where = std::move(where), users, random = random_numbers{seed}, id = user_id{}]() mutable {
            id.set(random.below(users));
            return static_cast<bool>(where->system.try_admit(id.view()));
        };
}

}  // namespace admit::bench
