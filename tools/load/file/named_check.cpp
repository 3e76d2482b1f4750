// SPDX-License-Identifier: BSL-1.0
#include "load/file/named_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/build_info.hpp"
#include "load/file/scenario_file.hpp"
#include "load/file/script_counts.hpp"

namespace admit::load {
namespace {

/// 20 + 20 + 10 users take as long as three conversations. A shorter time means more than 20 at
/// once, a much longer one means that slots stay free while users wait.
void check_rounds(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::size_t rounds = rounds_of_admissions(numbers);
    const double ideal_ms = milliseconds(static_cast<long>(rounds) * numbers.max_conversation);
    checks.above(fmt::format("time for {} rounds", rounds), ideal_ms, seen.duration_s * 1000, "ms",
                 "more conversations at once than the limit allows");
    if (!numbers.checks_speed) return;
    checks.below(fmt::format("time for {} rounds, own threshold", rounds), ideal_ms + 150,
                 seen.duration_s * 1000, "ms",
                 "more rounds than needed: slots stay free while users wait");
}

/// The mean queue wait against the wait that the limit alone causes.
void check_waits(const plan& numbers, const metrics& seen, checklist& checks) {
    if (!seen.queue_wait || numbers.kinds.size() != 1) return;
    const double ideal_ms = milliseconds(mean_wait(numbers, numbers.max_conversation));
    if (ideal_ms > 0) {
        checks.above("mean queue wait", ideal_ms, seen.queue_wait->mean_ms, "ms",
                     "users were admitted before the slots of others were free");
    }
    if (numbers.checks_speed) {
        checks.below("mean queue wait, own threshold", ideal_ms + 150, seen.queue_wait->mean_ms,
                     "ms", "a freed slot is not granted to a waiter at once");
    }
    if (numbers.rounds == 1) check_rounds(numbers, seen, checks);
}

void check_all_at_once(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::size_t admitted = numbers.rounds * admitted_in_all(numbers);
    const std::size_t rejected = numbers.distinct_users - admitted;
    checks.equal("admitted", admitted, seen.starts.successful,
                 "fewer: a rejection although a slot was free (false full, a slot not found, or "
                 "not freed); more: the limit is not checked in the step that takes the slot");
    checks.equal("rejected by the global limit", rejected, seen.starts.failed(errc::global_limit),
                 "a rejection although a slot was free, or another reason");
    checks.equal("rejected", rejected, seen.starts.failed(),
                 "a rejection although a slot was free, or a wait without a result");
    checks.equal("completed", admitted, seen.completions,
                 "expiry or a stale id ended a conversation");
    const auto& kinds = numbers.file->users;
    for (std::size_t kind = 0; kind < kinds.size() && rejected == 0 && kinds.size() > 1; ++kind) {
        checks.equal(fmt::format("{} users completed", kinds[kind].name),
                     kinds[kind].count * numbers.rounds, seen.kinds[kind].response.count,
                     "a user of this kind was rejected or did not finish");
    }
    check_waits(numbers, seen, checks);
}

void check_shares(const plan& numbers, const metrics& seen, checklist& checks) {
    if (numbers.users > admitted_in_all(numbers) || seen.users.empty()) return;
    const auto fewest = std::min_element(
        seen.users.begin(), seen.users.end(),
        [](const user_share& a, const user_share& b) { return a.conversations < b.conversations; });
    const std::uint64_t fair = seen.completions / numbers.users;
    checks.at_least(
        "conversations of the user with the fewest", fair / 2, fewest->conversations,
        "the coroutine of one user starves, or its place in the user table is contended");
}

/// Each admitted user has a conversation in the time of its steps and its pause.
double ideal_rate_per_s(const plan& numbers) {
    double cycle_ms = 0;
    for (const user_kind& kind : numbers.file->users) {
        const double length = static_cast<double>(kind.steps) * kind.step_ms.mean_ms();
        cycle_ms = std::max(cycle_ms, length + kind.think_ms.mean_ms());
    }
    return 1000 * static_cast<double>(admitted_at_once(numbers)) / cycle_ms;
}

void check_steady_loop(const plan& numbers, const metrics& seen, checklist& checks) {
    if (numbers.users == admitted_in_all(numbers)) {
        checks.equal("rejected", std::uint64_t{0}, seen.starts.failed(),
                     "a rejection although a slot was free, or a wait without a result");
    } else {
        checks.equal("rejected for another reason than the global limit", std::uint64_t{0},
                     seen.starts.failed() - seen.starts.failed(errc::global_limit),
                     "only the global limit can be reached here");
    }
    if (numbers.checks_speed) {
        checks.above("conversations per second, own threshold", 0.4 * ideal_rate_per_s(numbers),
                     seen.throughput_per_s(), "/s",
                     "sleeps take much longer: users work or wait between them");
    }
    check_shares(numbers, seen, checks);
}

/// 67 conversations a second that leak 1 KiB each make a rise of 2 MiB in 30 s.
void check_memory_trend(const plan& numbers, const metrics& seen, checklist& checks) {
    const double growth = std::max(1.0, static_cast<double>(numbers.users) / 100);
    if (tools::sanitized_build || seen.memory.trend.samples == 0) return;
    checks.below("rise of memory by its trend", 1.0 * growth, seen.memory.trend.rise_mib, "MiB",
                 "memory is kept for every conversation or attempt: a slot, the place of a user, "
                 "a waiter, a coroutine frame");
}

/// Whether both limits are certainly reached: the users can fill the slots twice, and half of all
/// starts, which are of user 0, can fill its limit.
bool reaches_both_limits(const plan& numbers) {
    const admit::limits& limits = numbers.limits;
    return max_open_rapid(limits.max_concurrent) > limits.max_concurrent &&
           numbers.users * limits.max_per_user >= 2 * limits.max_concurrent &&
           4 * limits.max_per_user <= limits.max_concurrent &&
           numbers.cycles >= 100 * limits.max_concurrent;
}

void check_rapid_cycles(const plan& numbers, const metrics& seen, checklist& checks) {
    const start_counts& starts = seen.starts;
    if (numbers.users == admitted_in_all(numbers)) {
        checks.equal(numbers.kinds.front(), numbers.users * numbers.rounds,
                     seen.kinds.front().response.count,
                     "a start was rejected although a slot was free");
    }
    checks.equal(numbers.kinds.back(), numbers.cycles, seen.kinds.back().response.count,
                 "conversations were lost, or ended by expiry or a stale id");
    checks.equal(
        "rejected for another reason than a limit", std::uint64_t{0},
        starts.failed() - starts.failed(errc::global_limit) - starts.failed(errc::user_limit),
        "only the two limits can be reached here");
    if (!reaches_both_limits(numbers)) return;
    checks.at_least("rejected by the global limit", 1, starts.failed(errc::global_limit),
                    "the run did not reach the limit, so it did not test the limit");
    checks.at_least("rejected by the user's limit", 1, starts.failed(errc::user_limit),
                    "the run did not reach the user's limit, so it did not test that limit");
}

void check_script(const plan& numbers, const metrics& seen, checklist& checks) {
    const script_counts due = counts_of(*numbers.file, numbers.limits);
    const start_counts& starts = seen.starts;
    const auto causes = "see the checks above";
    checks.equal("attempts", due.attempts, starts.attempts, "the script did not run to its end");
    checks.equal("admitted", due.admitted, starts.successful,
                 "fewer: a user blocked another one; more: a limit is not checked in the step that "
                 "takes the slot or the count");
    checks.equal("rejected by the global limit", due.global_limit,
                 starts.failed(errc::global_limit), causes);
    checks.equal("rejected by the user's limit", due.user_limit, starts.failed(errc::user_limit),
                 causes);
    checks.equal(
        "rejected for any other reason", std::uint64_t{0},
        starts.failed() - starts.failed(errc::global_limit) - starts.failed(errc::user_limit),
        "another user was affected, or slots are missing");
    for (const user_kind& kind : numbers.file->users) {
        if (kind.fills == "all_slots")
            checks.equal("highest active", numbers.limits.max_concurrent, seen.max_active,
                         "more: the limit is not checked in the step that takes the slot");
        if (kind.fills == "own_limit")
            checks.equal("highest active of one user", numbers.limits.max_per_user,
                         seen.max_active_of_a_user,
                         "more: the limit is not checked in the step that takes the count");
    }
}

constexpr std::array<named_check, 5> all = {{
    {"all_at_once",
     "together: as many are admitted as there are slots, or all if they wait, and the others are "
     "rejected by `max_concurrent`; waits are as long as the limit makes them",
     check_all_at_once},
    {"steady_loop",
     "closed: no rejection but by too few slots, a throughput near that of the sleeps, a share for "
     "each user",
     check_steady_loop},
    {"memory_trend", "memory does not rise by more than 1 MiB over the run", check_memory_trend},
    {"rapid_cycles",
     "closed, with `rapid_cycles`: all cycles complete, and both limits are reached",
     check_rapid_cycles},
    {"script",
     "script: as many admissions and rejections as its steps say, and limits reached "
     "exactly",
     check_script},
}};

double observed_by(const bound& one, const plan& numbers, const metrics& seen) {
    if (one.kind.empty()) return one.holds->subject->of(numbers, seen);
    for (const kind_of_work& kind : seen.kinds) {
        if (kind.name == one.kind) return kind.response.*(one.holds->subject->time);
    }
    return 0;
}

/// A time may be longer by the wait that the limit alone causes, memory with more users.
double grown(const bound& one, const plan& numbers) {
    const std::string& unit = one.holds->subject->unit;
    if (one.holds->relation == ">") return one.holds->bound;
    if (unit == "ms")
        return one.holds->bound + numbers.allowance_ms +
               milliseconds(max_wait(numbers, numbers.max_conversation));
    return unit == "MiB" ? one.holds->bound * numbers.growth : one.holds->bound;
}

void check_bound(const bound& one, const plan& numbers, const metrics& seen, checklist& checks) {
    if (one.judges_speed && !numbers.checks_speed) return;
    const bool above = one.holds->relation == ">";
    const auto add = above ? (one.baseline ? &checklist::above_baseline : &checklist::above)
                           : (one.baseline ? &checklist::below_baseline : &checklist::below);
    (checks.*add)(one.name, grown(one, numbers), observed_by(one, numbers, seen),
                  one.holds->subject->unit, one.causes);
}

}  // namespace

std::span<const named_check> named_checks() noexcept { return all; }

void check_file_of(const plan& numbers, const metrics& seen, checklist& checks) {
    for (const named_check& one : all) {
        const auto& wanted = numbers.file->checks;
        if (std::find(wanted.begin(), wanted.end(), one.name) != wanted.end())
            one.judge(numbers, seen, checks);
    }
    for (const bound& one : numbers.file->bounds) check_bound(one, numbers, seen, checks);
    check_thresholds(numbers.file->thresholds, numbers, seen, checks);
}

}  // namespace admit::load
