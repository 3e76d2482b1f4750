#include "load/million/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "load/build_info.hpp"
#include "load/million/child.hpp"

namespace admit::load::million {
namespace {

/// How long nobody goes on at first, so that all can arrive: longer where it was too short.
constexpr std::int64_t opening_fixed = 200'000'000;
constexpr std::int64_t opening_per_user = sanitized_build ? 100'000 : 8'000;
constexpr int most_attempts = 6;

crowd_plan plan_of(const command& wanted, std::size_t limit, timers with, bool admitted) {
    crowd_plan plan;
    plan.admitted = admitted;
    plan.timers = with;
    plan.users = wanted.users;
    plan.threads = wanted.threads;
    plan.max_concurrent = limit;
    plan.max_per_user = wanted.max_per_user;
    plan.steps = wanted.steps;
    plan.step = wanted.step.count();
    plan.wait_at_most = wanted.wait ? wanted.wait->count() : without_limit;
    plan.opening = opening_fixed + opening_per_user * static_cast<std::int64_t>(wanted.users);
    return plan;
}

/// As much longer as those who have yet to come should need, and a third more.
std::int64_t longer(std::int64_t opening, const crowd_result& too_short, std::size_t users) {
    const double needed =
        1.33 * static_cast<double>(users) / static_cast<double>(too_short.arrived + 1);
    return static_cast<std::int64_t>(static_cast<double>(opening) * std::clamp(needed, 2.0, 10.0));
}

/// Remembers in the plan how long it took.
crowd_result run_until_all_alive(crowd_case& what, const runner& run) {
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        crowd_result result = run(what);
        if (result.all_alive) return result;
        what.plan.opening = longer(what.plan.opening, result, what.plan.users);
    }
    throw std::runtime_error(fmt::format(
        "{} users could not all be there at once: they arrive too slowly", what.plan.users));
}

double median(const std::vector<crowd_result>& runs, double crowd_result::*figure) {
    std::vector<double> values;
    for (const crowd_result& run : runs) values.push_back(run.*figure);
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

measured summary(const crowd_case& what, const std::vector<crowd_result>& runs) {
    measured made{what, runs.front(), runs.size()};
    for (const auto figure :
         {&crowd_result::bytes_per_user, &crowd_result::engine_per_user, &crowd_result::arriving_s,
          &crowd_result::leaving_s, &crowd_result::cpu_s}) {
        made.median.*figure = median(runs, figure);
    }
    return made;
}

/// By the shares of those who have a slot and those who wait.
double most_bytes(const crowd_plan& plan) {
    const auto all = static_cast<double>(plan.users);
    const double active = static_cast<double>(std::min(plan.max_concurrent, plan.users)) / all;
    return active * most_bytes_active + (1 - active) * most_bytes_waiting;
}

}  // namespace

double comparison::more_bytes() const noexcept {
    return admitted->median.bytes_per_user - bare->median.bytes_per_user;
}
double comparison::times_busy() const noexcept {
    return admitted->median.busy_s() / bare->median.busy_s();
}
double comparison::times_cpu() const noexcept {
    return admitted->median.cpu_s / bare->median.cpu_s;
}
bool comparison::busy_met() const noexcept { return times_busy() <= most_times; }
bool comparison::cpu_met() const noexcept { return times_cpu() <= most_times; }

std::vector<crowd_case> cases_of(const command& wanted) {
    std::vector<crowd_case> cases;
    for (const std::size_t limit : wanted.limits)
        for (const timers with : wanted.timers)
            for (const allocator from : wanted.allocators)
                for (const bool admitted : {false, true})
                    cases.push_back({plan_of(wanted, limit, with, admitted), from});
    return cases;
}

crowd_result run_in_child(const crowd_case& what) {
    const auto name = nlohmann::json(what.allocator).get<std::string>();
    const nlohmann::json plan = what.plan;
    const std::string said = output_of(beside_this_program("admit-crowd-" + name), plan.dump());
    return nlohmann::json::parse(said).get<crowd_result>();
}

std::vector<measured> measure(const command& wanted, const runner& run, const watcher& watch) {
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
        made.push_back({&all[pair + 1], &all[pair], most_bytes(all[pair].what.plan)});
    return made;
}

}  // namespace admit::load::million
