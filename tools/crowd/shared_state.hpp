// SPDX-License-Identifier: BSL-1.0
// The state that all users of one crowd share. Used by context_thread.cpp and crowd.cpp.
#pragma once

#include <fmt/format.h>

#include <admit/async.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "crowd/crowd_plan.hpp"
#include "crowd/sleepers.hpp"

namespace admit::crowd {

struct shared_state {
    explicit shared_state(const crowd_plan& given) : plan(given), names(given.users) {
        for (std::size_t user = 0; user < plan.users; ++user)
            names[user] = fmt::format("@user{:07}:example.org", user);
    }

    duration wait_at_most() const {
        if (plan.wait_at_most == without_limit) return forever;
        return std::chrono::nanoseconds{plan.wait_at_most};
    }
    steady::duration step() const { return std::chrono::nanoseconds{plan.step}; }

    /// The instant of the admission of a waiting user, if only the steps took time.
    steady::time_point turn_of(std::size_t user) const {
        const std::size_t round = user / plan.max_concurrent;
        return start + static_cast<steady::rep>(round * plan.steps) * step();
    }

    const crowd_plan& plan;
    std::vector<std::string> names;
    std::optional<admit::engine> engine;
    steady::time_point start;  ///< before this instant no user goes on, so that all can arrive
};

}  // namespace admit::crowd
