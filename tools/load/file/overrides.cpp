// SPDX-License-Identifier: BSL-1.0
#include "load/file/overrides.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/option_values.hpp"
#include "load/file/script_counts.hpp"
#include "load/plan.hpp"

namespace admit::load {
namespace {

double in_seconds(admit::duration length) { return std::chrono::duration<double>(length).count(); }

/// The kind that fills `what`, or null.
user_kind* filling(scenario_file& file, std::string_view what) {
    for (user_kind& kind : file.users) {
        if (kind.fills == what) return &kind;
    }
    return nullptr;
}

void refuse_below(std::string_view option, std::size_t value, std::size_t min, std::size_t max,
                  std::string_view scenario) {
    if (value >= min) return;
    throw tools::usage_error(fmt::format("{} {}: not allowed with {}; allowed: {} to {}", option,
                                         value, scenario, min, max));
}

/// Returns value * scale. Throws if that exceeds `max`.
std::size_t scaled_up(std::size_t value, std::size_t scale, std::size_t max,
                      std::string_view quantity, std::string_view scenario) {
    if (value > max / scale) {
        throw tools::usage_error(fmt::format(
            "--scale {}: {} of {} would be {} x {}; allowed here: a scale of 1 to {}", scale,
            quantity, scenario, value, scale, std::max<std::size_t>(1, max / value)));
    }
    return value * scale;
}

/// A script in which users fill their own limits leaves one slot to another user.
std::size_t min_concurrent(scenario_file& file) {
    return filling(file, "own_limit") != nullptr ? 2 : 1;
}

/// The default is lowered to fit `--max-concurrent`; a given `--max-per-user` is refused instead.
std::size_t per_user_limit(const scenario_file& file, const settings& wanted,
                           std::size_t concurrent, std::size_t room) {
    if (!wanted.max_per_user) return std::min(file.limits.max_per_user, room);
    if (*wanted.max_per_user > room) {
        throw tools::usage_error(fmt::format(
            "--max-per-user {}: not allowed with {} and a max_concurrent of {}; allowed: 1 to {}",
            *wanted.max_per_user, file.name, concurrent, room));
    }
    return *wanted.max_per_user;
}

void set_limits(scenario_file& file, const settings& wanted) {
    constexpr std::size_t most = admit::limits::most_concurrent;
    const std::size_t least = min_concurrent(file);
    const std::size_t concurrent = wanted.max_concurrent.value_or(file.limits.max_concurrent);
    refuse_below("--max-concurrent", concurrent, least, most, file.name);
    const std::size_t room = concurrent - (least - 1);
    const std::size_t each = per_user_limit(file, wanted, concurrent, room);
    file.limits.max_concurrent =
        scaled_up(concurrent, wanted.scale, most, "max_concurrent", file.name);
    file.limits.max_per_user = each * wanted.scale;
}

/// Shares `users` among the kinds as the file does, with one of each at least.
void share_among_kinds(scenario_file& file, std::size_t users) {
    std::size_t parts = file.users_at_once();
    std::size_t left = users;
    std::size_t kinds = file.users.size();
    for (user_kind& kind : file.users) {
        --kinds;
        const auto share =
            static_cast<std::size_t>(static_cast<double>(left) * static_cast<double>(kind.count) /
                                     static_cast<double>(parts));
        parts -= kind.count;
        kind.count = kinds == 0 ? left : std::clamp<std::size_t>(share, 1, left - kinds);
        left -= kind.count;
    }
}

/// As many users fill their own limits as fit with one slot left; all others are bystanders.
void share_with_bystanders(scenario_file& file, user_kind& greedy, std::size_t users) {
    const std::size_t fit = (file.limits.max_concurrent - 1) / file.limits.max_per_user;
    for (user_kind& kind : file.users) {
        const std::size_t filled = std::min(users - 1, fit);
        kind.count = &kind == &greedy ? filled : users - filled;
    }
}

/// Each holder has at least one conversation, and at most as many as its limit allows.
void refuse_few_holders(const scenario_file& file, const user_kind& holders,
                        const settings& wanted) {
    const std::size_t each = file.limits.max_per_user;
    const std::size_t needed = (file.limits.max_concurrent + each - 1) / each;
    if (holders.count >= needed) return;
    throw tools::usage_error(fmt::format(
        "--users {}: not allowed with {}, where {} users with at most {} conversations each must "
        "reach a max_concurrent of {}; allowed: {} to {}",
        holders.count / wanted.scale, file.name, holders.count, each, file.limits.max_concurrent,
        (needed + wanted.scale - 1) / wanted.scale, max_users / wanted.scale));
}

void set_users(scenario_file& file, const settings& wanted) {
    user_kind* holders = filling(file, "all_slots");
    user_kind* greedy = filling(file, "own_limit");
    const std::size_t slots = wanted.max_concurrent.value_or(file.limits.max_concurrent);
    const std::size_t standard =
        holders != nullptr ? std::min(slots, max_users) : file.users_at_once();
    const std::size_t given = wanted.users.value_or(standard);
    refuse_below("--users", given, holders != nullptr ? 1 : file.users.size(), max_users,
                 file.name);
    const std::size_t users = scaled_up(given, wanted.scale, max_users, "the users", file.name);
    set_limits(file, wanted);
    if (greedy != nullptr) {
        share_with_bystanders(file, *greedy, users);
    } else if (holders != nullptr) {
        holders->count = users;
        refuse_few_holders(file, *holders, wanted);
    } else {
        share_among_kinds(file, users);
    }
}

/// The most users that wait at once.
std::size_t waiters_of(const scenario_file& file) {
    if (!file.steps.empty()) {
        admit::limits limits;
        limits.max_concurrent = file.limits.max_concurrent;
        limits.max_per_user = file.limits.max_per_user;
        return counts_of(file, limits).waits;
    }
    return file.users_at_once() - std::min(file.users_at_once(), file.limits.max_concurrent);
}

}  // namespace

std::size_t counted_users(const scenario_file& file) noexcept {
    for (const user_kind& kind : file.users) {
        if (kind.fills == "all_slots") return kind.count;
    }
    return file.users_at_once();
}

void set_wait(scenario_file& file, admit::duration wait) {
    for (user_kind& kind : file.users) kind.wait_s = in_seconds(wait);
    constexpr std::size_t most = admit::limits::most_waiting;
    const std::size_t waiters = waiters_of(file);
    if (waiters > most) {
        throw tools::usage_error(fmt::format(
            "--wait {}: {} users of {} would wait at once; allowed: {} (fewer --users, or more "
            "--max-concurrent)",
            in_seconds(wait), waiters, file.name, most));
    }
    // A waiter that leaves may keep its place until the next one arrives.
    std::size_t& places = file.limits.max_waiting;
    places = std::clamp(std::max(file.users_at_once(), waiters), places, most);
}

scenario_file with_settings(scenario_file file, const settings& wanted) {
    set_users(file, wanted);
    if (wanted.duration) file.duration_s = in_seconds(*wanted.duration);
    if (wanted.wait) set_wait(file, *wanted.wait);
    return file;
}

}  // namespace admit::load
