// SPDX-License-Identifier: BSL-1.0
#include "load/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/build_info.hpp"
#include "common/option_values.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;

constexpr admit::duration min_timeout = 1s;

/// Returns value * scale. Throws if that exceeds `max`.
std::size_t scaled(std::size_t value, std::size_t scale, std::size_t max, std::string_view quantity,
                   std::string_view scenario) {
    if (value > max / scale) {
        throw tools::usage_error(fmt::format(
            "--scale {}: {} of {} would be {} x {}; allowed here: a scale of 1 to {}", scale,
            quantity, scenario, value, scale, std::max<std::size_t>(1, max / value)));
    }
    return value * scale;
}

void refuse_below(std::string_view option, std::size_t value, std::size_t min, std::size_t max,
                  std::string_view scenario) {
    if (value < min) {
        throw tools::usage_error(fmt::format("{} {}: not allowed with {}; allowed: {} to {}",
                                             option, value, scenario, min, max));
    }
}

double seconds(admit::duration length) { return std::chrono::duration<double>(length).count(); }

admit::duration load_allowance(const plan& numbers) {
    return static_cast<long>(numbers.users) *
           admit::duration(tools::sanitized_build ? 400us : 20us);
}

/// Refuses a timeout that could end an active conversation, because expected counts would not hold.
/// The factor of 4 is for busy machines, where a sleep may take several times as long.
admit::duration timeout(std::string_view option, std::optional<admit::duration> wanted,
                        admit::duration standard, admit::duration max_active, const plan& numbers) {
    const admit::duration min =
        std::max<admit::duration>(min_timeout, 4 * max_active) + load_allowance(numbers);
    if (!wanted) return std::max(standard, min);
    if (*wanted < min) {
        throw tools::usage_error(fmt::format(
            "{} {}: would end conversations of {} that are still at work; allowed: {:.3f} seconds "
            "and more",
            option, seconds(*wanted), numbers.scenario, seconds(min)));
    }
    return *wanted;
}

/// The default is lowered to fit `--max-concurrent`; a given `--max-per-user` is refused instead.
std::size_t per_user_limit(const settings& wanted, const defaults& standard,
                           std::size_t concurrent) {
    const std::size_t room = concurrent - (standard.min_concurrent - 1);
    if (!wanted.max_per_user) return std::min(standard.max_per_user, room);
    if (*wanted.max_per_user > room) {
        throw tools::usage_error(fmt::format(
            "--max-per-user {}: not allowed with {} and a max_concurrent of {}; allowed: 1 to {}",
            *wanted.max_per_user, standard.scenario, concurrent, room));
    }
    return *wanted.max_per_user;
}

/// Refuses a wait that could time out, because expected counts would not hold.
void refuse_short_wait(const plan& numbers, admit::duration max_conversation) {
    const admit::duration min =
        std::max<admit::duration>(min_timeout, 4 * max_wait(numbers, max_conversation)) +
        load_allowance(numbers);
    if (numbers.wait < min) {
        throw tools::usage_error(fmt::format(
            "--wait {}: shorter than the {} rounds of {} may take; allowed: {:.3f} "
            "seconds and more",
            seconds(numbers.wait), rounds_of_admissions(numbers), numbers.scenario, seconds(min)));
    }
}

void apply_wait(plan& numbers, const settings& wanted, const defaults& standard) {
    if (!wanted.wait) return;
    numbers.wait = *wanted.wait;
    reserve_queue(numbers, numbers.users - admitted_at_once(numbers));
    refuse_short_wait(numbers, standard.max_conversation);
}

}  // namespace

plan derive_plan(const settings& wanted, const defaults& standard, std::size_t threads) {
    plan numbers;
    numbers.scenario = standard.scenario;
    numbers.threads = threads;
    numbers.planted = wanted.planted;
    numbers.kinds = {"conversation"};

    const std::size_t users = wanted.users.value_or(standard.users);
    refuse_below("--users", users, standard.min_users, max_users, standard.scenario);
    numbers.users = scaled(users, wanted.scale, max_users, "the users", standard.scenario);
    numbers.distinct_users = numbers.users;

    const std::size_t concurrent = wanted.max_concurrent.value_or(standard.max_concurrent);
    refuse_below("--max-concurrent", concurrent, standard.min_concurrent,
                 admit::limits::most_concurrent, standard.scenario);
    numbers.limits.max_concurrent = scaled(concurrent, wanted.scale, admit::limits::most_concurrent,
                                           "max_concurrent", standard.scenario);
    numbers.limits.max_per_user = per_user_limit(wanted, standard, concurrent) * wanted.scale;
    numbers.limits.idle_timeout =
        timeout("--idle-timeout", wanted.idle_timeout, 120s, standard.max_quiet, numbers);
    numbers.limits.max_duration =
        timeout("--max-duration", wanted.max_duration, 300s, standard.max_conversation, numbers);
    apply_wait(numbers, wanted, standard);

    const double growth = static_cast<double>(numbers.users) / static_cast<double>(standard.users);
    numbers.baseline_memory_mib = standard.baseline_memory_mib * std::max(1.0, growth);
    numbers.memory_limit_mib = expected_memory_mib(numbers.users, numbers.limits.max_concurrent);
    const bool large = numbers.users > 1000;
    numbers.checks_speed = !tools::sanitized_build && !large;
    // Measured: a coroutine takes 2 us without its sleeps, and 20 to 30 us with a wait and its
    // timer.
    const double each_ms = wanted.wait ? 0.05 : 0.01;
    if (large) numbers.allowance_ms = static_cast<double>(numbers.users) * each_ms;
    if (tools::sanitized_build)
        numbers.allowance_ms = 200 + static_cast<double>(numbers.users) * 0.2;
    return numbers;
}

admit::duration paced(const settings& wanted, admit::duration normal, admit::duration quick) {
    return wanted.pace == pace::quick ? quick : normal;
}

double expected_memory_mib(std::size_t coroutines, std::size_t slots) {
    return 4 + (static_cast<double>(coroutines) * 4 + static_cast<double>(slots) / 4) / 1024;
}

std::size_t admitted_at_once(const plan& numbers) {
    return std::min(numbers.users, numbers.limits.max_concurrent);
}

std::size_t admitted_in_all(const plan& numbers) {
    return numbers.wait.count() > 0 ? numbers.users : admitted_at_once(numbers);
}

std::size_t rounds_of_admissions(const plan& numbers) {
    const std::size_t slots = numbers.limits.max_concurrent;
    return (admitted_in_all(numbers) + slots - 1) / slots;
}

admit::duration max_wait(const plan& numbers, admit::duration conversation) {
    return static_cast<long>(rounds_of_admissions(numbers) - 1) * conversation;
}

admit::duration mean_wait(const plan& numbers, admit::duration conversation) {
    const std::size_t rounds = rounds_of_admissions(numbers);
    const std::size_t slots = numbers.limits.max_concurrent;
    const std::size_t in_last_round = admitted_in_all(numbers) - (rounds - 1) * slots;
    // Round n waits for n conversations; all rounds but the last are full.
    const std::size_t in_full_rounds = (rounds - 1) * (rounds - 2) / 2 * slots;
    const auto waited = static_cast<double>(in_full_rounds + in_last_round * (rounds - 1));
    const auto users = static_cast<double>(admitted_in_all(numbers));
    return admit::duration(
        std::llround(static_cast<double>(conversation.count()) * waited / users));
}

double milliseconds(admit::duration length) {
    return std::chrono::duration<double, std::milli>(length).count();
}

void reserve_queue(plan& numbers, std::size_t waiters) {
    constexpr std::size_t max = admit::limits::most_waiting;
    if (waiters > max) {
        throw tools::usage_error(fmt::format(
            "--wait {}: {} users of {} would wait at once; allowed: {} (fewer --users, or more "
            "--max-concurrent)",
            seconds(numbers.wait), waiters, numbers.scenario, max));
    }
    // A waiter that leaves may keep its place until the next one arrives.
    std::size_t& places = numbers.limits.max_waiting;
    places = std::clamp(std::max(numbers.users, waiters), places, max);
}

}  // namespace admit::load
