// SPDX-License-Identifier: BSL-1.0
#include "load/drive/file_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "common/build_info.hpp"
#include "load/drive/file_users.hpp"
#include "load/file/check_file.hpp"
#include "load/file/named_check.hpp"
#include "load/file/overrides.hpp"
#include "load/file/read_file.hpp"
#include "load/file/script_counts.hpp"

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
    const file_arrival& arrival = file.arrival;
    if (arrival.model == "together")
        return static_cast<double>(arrival.bursts) * (tail_s(file) + arrival.pause_ms / 1000);
    if (arrival.model == "script") return tail_s(file);
    const std::size_t each = arrival.conversations_per_user;
    return each == 0 ? length_s(file) : static_cast<double>(each) * tail_s(file);
}

admit::duration from_ms(double length) { return from_seconds(length / 1000); }

/// By their means, so that a few long ones do not count.
admit::duration longest_conversation(const scenario_file& file) {
    double longest = 0;
    for (const user_kind& kind : file.users)
        longest = std::max(longest, static_cast<double>(kind.steps) * kind.step_ms.mean_ms());
    return from_ms(longest);
}

admit::duration longest_step(const scenario_file& file) {
    double longest = 0;
    for (const user_kind& kind : file.users) longest = std::max(longest, kind.step_ms.mean_ms());
    return from_ms(longest);
}

std::uint64_t cycles_of(const scenario_file& file) {
    constexpr std::size_t slower = 50;  // under a sanitizer
    return tools::sanitized_build ? file.arrival.rapid_cycles / slower : file.arrival.rapid_cycles;
}

bool takes_its_duration(const scenario_file& file) {
    return file.arrival.open() ||
           (file.arrival.model == "closed" && file.arrival.conversations_per_user == 0);
}

/// 0 if it depends on the time.
std::uint64_t expected_completions(const plan& numbers, const scenario_file& file) {
    if (takes_its_duration(file)) return 0;
    if (!file.steps.empty()) return counts_of(file, numbers.limits).admitted;
    return numbers.rounds * admitted_in_all(numbers) + numbers.cycles;
}

plan plan_of(std::shared_ptr<const scenario_file> held, const settings& wanted,
             std::size_t threads) {
    const scenario_file& file = *held;
    plan numbers;
    numbers.file = std::move(held);
    numbers.scenario = file.name;
    numbers.threads = threads;
    numbers.limits = limits_of(file.limits);
    numbers.distinct_users = file.distinct_users();
    numbers.users = counted_users(file);
    numbers.rounds = std::max(file.arrival.bursts, file.arrival.conversations_per_user);
    numbers.cycles = cycles_of(file);
    numbers.max_conversation = longest_conversation(file);
    numbers.max_of_a_user = highest_limit_of_a_user(file);
    if (takes_its_duration(file)) numbers.duration = from_seconds(length_s(file));
    for (const user_kind& kind : file.users) {
        numbers.kinds.push_back(kind.name);
        numbers.wait = std::max(numbers.wait, from_seconds(kind.wait_s));
    }
    if (numbers.cycles > 0) numbers.kinds.push_back("rapid cycles");
    constexpr double cycles_per_s = 1e6;  // fewer are usual
    numbers.expected_time = from_seconds(expected_length_s(file) + tail_s(file) +
                                         static_cast<double>(numbers.cycles) / cycles_per_s);
    numbers.expected_completions = expected_completions(numbers, file);
    numbers.seed = file.seed;
    numbers.late_arrivals_percent = file.arrival.late_arrivals_percent;
    numbers.checks_speed = !tools::sanitized_build;
    numbers.planted = wanted.planted;
    return numbers;
}

double rapid_memory_mib(const plan& numbers) {
    if (numbers.cycles == 0) return 0;
    const std::size_t held = numbers.threads * max_open_rapid(numbers.limits.max_concurrent);
    return static_cast<double>(held * sizeof(watched_permit) * 2) / (1024 * 1024);
}

/// What a shipped scenario promises of time and memory, with this many users.
void set_bounds(plan& numbers, std::size_t standard_users, bool waits) {
    numbers.growth =
        std::max(1.0, static_cast<double>(numbers.users) /
                          static_cast<double>(std::max<std::size_t>(standard_users, 1)));
    const std::size_t slots = numbers.limits.max_concurrent;
    const std::size_t coroutines = numbers.file->steps.empty() ? numbers.users : slots;
    numbers.memory_limit_mib = expected_memory_mib(coroutines, slots) + rapid_memory_mib(numbers);
    const bool large = numbers.users > 1000;
    numbers.checks_speed = !tools::sanitized_build && !large;
    // Measured: a coroutine takes 2 us without its sleeps, and 20 to 30 us with a wait and its
    // timer.
    const double each_ms = waits ? 0.05 : 0.01;
    if (large) numbers.allowance_ms = static_cast<double>(numbers.users) * each_ms;
    if (tools::sanitized_build)
        numbers.allowance_ms = 200 + static_cast<double>(numbers.users) * 0.2;
}

std::vector<variant> variants_of(const settings& wanted) {
    std::vector<variant> variants;
    if (wanted.pace == pace::quick) variants.push_back(variant::quick);
    if (wanted.pace == pace::full) variants.push_back(variant::full);
    if (wanted.wait) variants.push_back(variant::waiting);
    return variants;
}

plan prepare_shipped(const std::string& name, const std::string& text, const settings& wanted,
                     std::size_t threads) {
    scenario_file file = parse_scenario_file(text, name, variants_of(wanted));
    const std::size_t standard_users = counted_users(file);
    const auto fitted =
        std::make_shared<const scenario_file>(with_settings(std::move(file), wanted));
    plan numbers = plan_of(fitted, wanted, threads);
    fit_times(numbers, wanted, longest_step(*fitted));
    set_bounds(numbers, standard_users, wanted.wait.has_value());
    return numbers;
}

/// A baseline keeps two counts and nothing else.
void refuse_for_baselines(const scenario_file& file, const std::string& path) {
    const auto refuse = [&](std::string_view key, std::string_view given) {
        throw file_error(path, 0, key, given, "nothing of it with --engine, but with admit alone");
    };
    if (!file.steps.empty()) refuse("steps", fmt::format("{} steps", file.steps.size()));
    for (const user_kind& kind : file.users) {
        if (kind.wait_s > 0) refuse("users.wait_s", fmt::format("{:g}", kind.wait_s));
        if (kind.max_per_user) refuse("users.max_per_user", fmt::to_string(*kind.max_per_user));
        if (kind.never_end_percent > 0)
            refuse("users.never_end_percent", fmt::format("{:g}", kind.never_end_percent));
    }
}

boost::asio::awaitable<void> execute(scenario_run& run) {
    return run_users(run, *run.numbers().file);
}

}  // namespace

scenario make_scenario(scenario_file file) {
    const auto held = std::make_shared<const scenario_file>(std::move(file));
    return {held->name, held->summary,
            [held](const settings& wanted, std::size_t threads) {
                plan numbers = plan_of(held, wanted, threads);
                numbers.from_file = true;
                numbers.system = wanted.system;
                return numbers;
            },
            execute, check_file_of};
}

scenario make_scenario(const std::string& path, const settings& wanted) {
    scenario_file file = read_scenario_file(path, variants_of(wanted));
    if (wanted.wait) set_wait(file, *wanted.wait);
    if (wanted.system != system_kind::admit) {
        refuse_for_baselines(file, path);
        file.name += wanted.system == system_kind::mutex ? " on mutex" : " on sharded";
    }
    return make_scenario(std::move(file));
}

scenario make_shipped_scenario(std::string name, std::string text) {
    const std::string summary = parse_scenario_file(text, name).summary;
    return {name, summary,
            [name, text](const settings& wanted, std::size_t threads) {
                return prepare_shipped(name, text, wanted, threads);
            },
            execute, check_file_of};
}

}  // namespace admit::load
