// SPDX-License-Identifier: BSL-1.0
#include "load/drive/file_scenario.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/build_info.hpp"
#include "load/drive/file_users.hpp"
#include "load/file/read_file.hpp"

namespace admit::load {
namespace {

admit::limits limits_of(const file_limits& from) {
    return {.max_concurrent = from.max_concurrent,
            .max_per_user = from.max_per_user,
            .idle_timeout = from_seconds(from.idle_timeout_s),
            .max_duration = from_seconds(from.max_duration_s),
            .max_waiting = from.max_waiting,
            .max_waiting_per_user = from.max_waiting_per_user};
}

/// How long the run may go on after its last start, in seconds. A conversation without a bound on
/// its length counts with four times its mean; the engine ends none later than its longest one.
double tail_s(const scenario_file& file) {
    double longest = 0;
    for (const user_kind& kind : file.users) {
        const double step_ms = std::min(kind.step_ms.longest_ms(), 4 * kind.step_ms.mean_ms());
        double last = static_cast<double>(kind.steps) * step_ms / 1000;
        if (kind.never_end_percent > 0)
            last += std::min(file.limits.idle_timeout_s, file.limits.max_duration_s);
        longest = std::max(longest, last + kind.wait_s + kind.think_ms.mean_ms() / 1000);
    }
    return longest;
}

std::size_t highest_limit_of_a_user(const scenario_file& file) {
    std::size_t highest = 0;
    for (const user_kind& kind : file.users)
        highest = std::max(highest, kind.max_per_user.value_or(file.limits.max_per_user));
    return highest;
}

double expected_length_s(const scenario_file& file) {
    const std::size_t each = file.arrival.conversations_per_user;
    return each == 0 ? length_s(file) : static_cast<double>(each) * tail_s(file);
}

plan prepare(const scenario_file& file, const settings& wanted, std::size_t threads) {
    plan numbers;
    numbers.scenario = file.name;
    numbers.threads = threads;
    numbers.limits = limits_of(file.limits);
    numbers.distinct_users = file.distinct_users();
    numbers.users = numbers.distinct_users;
    numbers.max_of_a_user = highest_limit_of_a_user(file);
    numbers.duration = from_seconds(length_s(file));
    numbers.expected_time = from_seconds(expected_length_s(file) + tail_s(file));
    numbers.kinds.clear();
    for (const user_kind& kind : file.users) {
        numbers.kinds.push_back(kind.name);
        numbers.wait = std::max(numbers.wait, from_seconds(kind.wait_s));
    }
    numbers.from_file = true;
    numbers.seed = file.seed;
    numbers.late_arrivals_percent = file.arrival.late_arrivals_percent;
    numbers.checks_speed = !tools::sanitized_build;
    numbers.planted = wanted.planted;
    return numbers;
}

}  // namespace

scenario make_scenario(scenario_file file) {
    const auto held = std::make_shared<const scenario_file>(std::move(file));
    return {held->name, held->summary,
            [held](const settings& wanted, std::size_t threads) {
                return prepare(*held, wanted, threads);
            },
            [held](scenario_run& run) { return run_users(run, *held); },
            [held](const plan& numbers, const metrics& seen, checklist& checks) {
                check_thresholds(held->thresholds, numbers, seen, checks);
            }};
}

}  // namespace admit::load
