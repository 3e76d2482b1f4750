#include "load/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "load/build_info.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;

constexpr admit::duration shortest_timeout = 1s;

/// value * scale, or a refusal when that exceeds `most`.
std::size_t scaled(std::size_t value, std::size_t scale, std::size_t most, std::string_view what,
                   std::string_view scenario) {
    if (value > most / scale) {
        throw usage_error(fmt::format(
            "--scale {}: {} of {} would be {} x {}; allowed here: a scale of 1 to {}", scale, what,
            scenario, value, scale, std::max<std::size_t>(1, most / value)));
    }
    return value * scale;
}

void refuse_below(std::string_view option, std::size_t value, std::size_t fewest, std::size_t most,
                  std::string_view scenario) {
    if (value < fewest) {
        throw usage_error(fmt::format("{} {}: not allowed with {}; allowed: {} to {}", option,
                                      value, scenario, fewest, most));
    }
}

double seconds(admit::duration length) { return std::chrono::duration<double>(length).count(); }

admit::duration crowd_allowance(const plan& numbers) {
    return static_cast<long>(numbers.users) * admit::duration(sanitized_build ? 400us : 20us);
}

/// A timeout that could end a conversation while its user is at work would make every expected
/// count a guess. The allowance is large because a rest may take several times as long on a busy
/// machine.
admit::duration timeout(std::string_view option, std::optional<admit::duration> wanted,
                        admit::duration usual, admit::duration longest, const plan& numbers) {
    const admit::duration least =
        std::max<admit::duration>(shortest_timeout, 4 * longest) + crowd_allowance(numbers);
    if (!wanted) return std::max(usual, least);
    if (*wanted < least) {
        throw usage_error(fmt::format(
            "{} {}: would end conversations of {} that are still at work; allowed: {:.3f} seconds "
            "and more",
            option, seconds(*wanted), numbers.scenario, seconds(least)));
    }
    return *wanted;
}

/// `--max-per-user` must fit. The table's own value gives way to a smaller `--max-concurrent`.
std::size_t per_user_limit(const settings& wanted, const defaults& usual, std::size_t concurrent) {
    const std::size_t room = concurrent - (usual.fewest_concurrent - 1);
    if (!wanted.max_per_user) return std::min(usual.max_per_user, room);
    if (*wanted.max_per_user > room) {
        throw usage_error(fmt::format(
            "--max-per-user {}: not allowed with {} and a max_concurrent of {}; allowed: 1 to {}",
            *wanted.max_per_user, usual.scenario, concurrent, room));
    }
    return *wanted.max_per_user;
}

/// A wait that might be over before one's turn comes would make every expected count a guess, too.
void refuse_short_wait(const plan& numbers, admit::duration longest_conversation) {
    const admit::duration least =
        std::max<admit::duration>(shortest_timeout,
                                  4 * longest_wait(numbers, longest_conversation)) +
        crowd_allowance(numbers);
    if (numbers.wait < least) {
        throw usage_error(
            fmt::format("--wait {}: shorter than the {} rounds of {} may take; allowed: {:.3f} "
                        "seconds and more",
                        seconds(numbers.wait), rounds_of_admissions(numbers), numbers.scenario,
                        seconds(least)));
    }
}

void let_wait(plan& numbers, const settings& wanted, const defaults& usual) {
    if (!wanted.wait) return;
    numbers.wait = *wanted.wait;
    make_waiting_room(numbers, numbers.users - admitted_at_once(numbers));
    refuse_short_wait(numbers, usual.longest_conversation);
}

}  // namespace

plan derive_plan(const settings& wanted, const defaults& usual, std::size_t threads) {
    plan numbers;
    numbers.scenario = usual.scenario;
    numbers.threads = threads;
    numbers.planted = wanted.planted;
    numbers.kinds = {"conversation"};

    const std::size_t users = wanted.users.value_or(usual.users);
    refuse_below("--users", users, usual.fewest_users, most_users, usual.scenario);
    numbers.users = scaled(users, wanted.scale, most_users, "the users", usual.scenario);
    numbers.people = numbers.users;

    const std::size_t concurrent = wanted.max_concurrent.value_or(usual.max_concurrent);
    refuse_below("--max-concurrent", concurrent, usual.fewest_concurrent,
                 admit::limits::most_concurrent, usual.scenario);
    numbers.limits.max_concurrent = scaled(concurrent, wanted.scale, admit::limits::most_concurrent,
                                           "max_concurrent", usual.scenario);
    numbers.limits.max_per_user = per_user_limit(wanted, usual, concurrent) * wanted.scale;
    numbers.limits.idle_timeout =
        timeout("--idle-timeout", wanted.idle_timeout, 120s, usual.longest_quiet, numbers);
    numbers.limits.max_duration =
        timeout("--max-duration", wanted.max_duration, 300s, usual.longest_conversation, numbers);
    let_wait(numbers, wanted, usual);

    const double growth = static_cast<double>(numbers.users) / static_cast<double>(usual.users);
    numbers.memory_floor_mib = usual.memory_floor_mib * std::max(1.0, growth);
    numbers.own_memory_mib = expected_memory_mib(numbers.users, numbers.limits.max_concurrent);
    const bool crowded = numbers.users > 1000;
    numbers.judges_speed = !sanitized_build && !crowded;
    // Measured: 2 us for a user's coroutine from its start to its end, without its rests; 20 to 30
    // for one that waits, with its timer.
    const double each_ms = wanted.wait ? 0.05 : 0.01;
    if (crowded) numbers.allowance_ms = static_cast<double>(numbers.users) * each_ms;
    if (sanitized_build) numbers.allowance_ms = 200 + static_cast<double>(numbers.users) * 0.2;
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

admit::duration longest_wait(const plan& numbers, admit::duration conversation) {
    return static_cast<long>(rounds_of_admissions(numbers) - 1) * conversation;
}

admit::duration mean_wait(const plan& numbers, admit::duration conversation) {
    const std::size_t rounds = rounds_of_admissions(numbers);
    const std::size_t slots = numbers.limits.max_concurrent;
    const std::size_t in_last_round = admitted_in_all(numbers) - (rounds - 1) * slots;
    // Rounds wait for 0, 1, 2 ... conversations; all but the last are full.
    const std::size_t in_full_rounds = (rounds - 1) * (rounds - 2) / 2 * slots;
    const auto waited = static_cast<double>(in_full_rounds + in_last_round * (rounds - 1));
    const auto users = static_cast<double>(admitted_in_all(numbers));
    return admit::duration(
        std::llround(static_cast<double>(conversation.count()) * waited / users));
}

double milliseconds(admit::duration length) {
    return std::chrono::duration<double, std::milli>(length).count();
}

void make_waiting_room(plan& numbers, std::size_t waiters) {
    constexpr std::size_t most = admit::limits::most_waiting;
    if (waiters > most) {
        throw usage_error(fmt::format(
            "--wait {}: {} users of {} would wait at once; allowed: {} (fewer --users, or more "
            "--max-concurrent)",
            seconds(numbers.wait), waiters, numbers.scenario, most));
    }
    // Those who leave the queue may still have their places when the next come.
    std::size_t& places = numbers.limits.max_waiting;
    places = std::clamp(std::max(numbers.users, waiters), places, most);
}

}  // namespace admit::load
