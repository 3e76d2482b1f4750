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

/// Refuses a wait that could time out, because expected counts would not hold.
void refuse_short_wait(const plan& numbers) {
    const admit::duration min =
        std::max<admit::duration>(min_timeout, 4 * max_wait(numbers, numbers.max_conversation)) +
        load_allowance(numbers);
    if (numbers.wait < min) {
        throw tools::usage_error(fmt::format(
            "--wait {}: shorter than the {} rounds of {} may take; allowed: {:.3f} "
            "seconds and more",
            seconds(numbers.wait), rounds_of_admissions(numbers), numbers.scenario, seconds(min)));
    }
}

}  // namespace

void fit_times(plan& numbers, const settings& wanted, admit::duration max_quiet) {
    admit::limits& limits = numbers.limits;
    limits.idle_timeout =
        timeout("--idle-timeout", wanted.idle_timeout, limits.idle_timeout, max_quiet, numbers);
    limits.max_duration = timeout("--max-duration", wanted.max_duration, limits.max_duration,
                                  numbers.max_conversation, numbers);
    if (wanted.wait) refuse_short_wait(numbers);
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

std::size_t max_open_rapid(std::size_t slots) {
    constexpr std::size_t most = 100'000;
    return std::min(slots + 2, most);
}

}  // namespace admit::load
