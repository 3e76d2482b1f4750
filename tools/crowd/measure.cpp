// SPDX-License-Identifier: BSL-1.0
#include "crowd/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "common/build_info.hpp"
#include "crowd/child_process.hpp"

namespace admit::crowd {
namespace {

/// The first start delay. It grows if the users do not all arrive in time.
constexpr std::int64_t start_delay_fixed = 200'000'000;
constexpr std::int64_t start_delay_per_user = tools::sanitized_build ? 100'000 : 8'000;
constexpr int max_attempts = 6;

crowd_plan plan_of(const command& wanted, std::size_t limit, timer_kind kind, bool admitted) {
    crowd_plan plan;
    plan.admitted = admitted;
    plan.timers = kind;
    plan.users = wanted.users;
    plan.threads = wanted.threads;
    plan.max_concurrent = limit;
    plan.max_per_user = wanted.max_per_user;
    plan.steps = wanted.steps;
    plan.step = wanted.step.count();
    plan.wait_at_most = wanted.wait ? wanted.wait->count() : without_limit;
    plan.start_delay =
        start_delay_fixed + start_delay_per_user * static_cast<std::int64_t>(wanted.users);
    return plan;
}

/// The delay that the missing users should need, and a third more.
std::int64_t longer(std::int64_t start_delay, const crowd_result& too_short, std::size_t users) {
    const double needed =
        1.33 * static_cast<double>(users) / static_cast<double>(too_short.arrived + 1);
    return static_cast<std::int64_t>(static_cast<double>(start_delay) *
                                     std::clamp(needed, 2.0, 10.0));
}

/// Keeps the last start delay in the plan, for the next rounds.
crowd_result run_until_all_alive(crowd_case& subject, const runner& run) {
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
        crowd_result result = run(subject);
        if (result.all_alive) return result;
        subject.plan.start_delay = longer(subject.plan.start_delay, result, subject.plan.users);
    }
    throw std::runtime_error(fmt::format(
        "{} users could not all be alive at once: they arrive too slowly", subject.plan.users));
}

double median(const std::vector<crowd_result>& runs, double crowd_result::*figure) {
    std::vector<double> values;
    for (const crowd_result& run : runs) values.push_back(run.*figure);
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

measured summary(const crowd_case& subject, const std::vector<crowd_result>& runs) {
    measured made{subject, runs.front(), runs.size()};
    for (const auto figure :
         {&crowd_result::bytes_per_user, &crowd_result::engine_per_user, &crowd_result::arriving_s,
          &crowd_result::leaving_s, &crowd_result::cpu_s}) {
        made.median.*figure = median(runs, figure);
    }
    return made;
}

/// Weighted by the shares of active and waiting users.
double max_bytes(const crowd_plan& plan) {
    const auto all = static_cast<double>(plan.users);
    const double active = static_cast<double>(std::min(plan.max_concurrent, plan.users)) / all;
    return active * max_bytes_active + (1 - active) * max_bytes_waiting;
}

}  // namespace

double comparison::more_bytes() const noexcept {
    return admitted->median.bytes_per_user - baseline->median.bytes_per_user;
}
double comparison::times_busy() const noexcept {
    return admitted->median.busy_s() / baseline->median.busy_s();
}
double comparison::times_cpu() const noexcept {
    return admitted->median.cpu_s / baseline->median.cpu_s;
}
bool comparison::busy_met() const noexcept { return times_busy() <= max_ratio; }
bool comparison::cpu_met() const noexcept { return times_cpu() <= max_ratio; }

std::vector<crowd_case> cases_of(const command& wanted) {
    std::vector<crowd_case> cases;
    for (const std::size_t limit : wanted.limits)
        for (const timer_kind kind : wanted.timers)
            for (const allocator_kind from : wanted.allocators)
                for (const bool admitted : {false, true})
                    cases.push_back({plan_of(wanted, limit, kind, admitted), from});
    return cases;
}

crowd_result run_in_child(const crowd_case& subject) {
    const auto name = nlohmann::json(subject.allocator).get<std::string>();
    const nlohmann::json plan = subject.plan;
    const std::string output = output_of(beside_this_program("admit-crowd-" + name), plan.dump());
    return nlohmann::json::parse(output).get<crowd_result>();
}

std::vector<measured> measure(const command& wanted, const runner& run,
                              const progress_callback& watch) {
    std::vector<crowd_case> cases = cases_of(wanted);
    std::vector<std::vector<crowd_result>> results(cases.size());
    for (std::size_t round = 0; round < wanted.repetitions; ++round) {
        for (std::size_t number = 0; number < cases.size(); ++number) {
            watch(cases[number], round * cases.size() + number, wanted.repetitions * cases.size());
            results[number].push_back(run_until_all_alive(cases[number], run));
        }
    }
    std::vector<measured> all;
    for (std::size_t number = 0; number < cases.size(); ++number)
        all.push_back(summary(cases[number], results[number]));
    return all;
}

std::vector<comparison> compare(const std::vector<measured>& all) {
    std::vector<comparison> made;
    for (std::size_t pair = 0; pair + 1 < all.size(); pair += 2)
        made.push_back({&all[pair + 1], &all[pair], max_bytes(all[pair].subject.plan)});
    return made;
}

}  // namespace admit::crowd
