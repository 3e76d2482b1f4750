// SPDX-License-Identifier: BSL-1.0
// Scenario: at the limit a start is rejected or waits, and one end admits exactly one user.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/option_values.hpp"
#include "load/scenarios/scenarios.hpp"
#include "load/scenarios/users.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr std::size_t table_limit = 10;
constexpr admit::duration min_wait = 20ms;

/// Without a wait one late user is rejected, and admitted after an end. With a wait two late users
/// are admitted in the order of their requests.
std::size_t late_users(const plan& numbers) { return numbers.wait.count() > 0 ? 2 : 1; }

/// One user for each slot, unless `--users` is given, and the late users.
plan prepare(const settings& wanted, std::size_t threads) {
    const std::size_t slots = wanted.max_concurrent.value_or(table_limit);
    plan numbers = derive_plan(wanted,
                               {.scenario = "global_limit_enforcement",
                                .max_concurrent = table_limit,
                                .users = std::min(slots, max_users),
                                .max_quiet = 1ms,
                                .max_conversation = 1ms},
                               threads);
    const std::size_t each = numbers.limits.max_per_user;
    const std::size_t min_users = (numbers.limits.max_concurrent + each - 1) / each;
    if (numbers.users < min_users) {
        throw tools::usage_error(fmt::format(
            "--users {}: not allowed with global_limit_enforcement, where {} users with at "
            "most {} conversations each must reach a max_concurrent of {}; allowed: {} to {}",
            numbers.users / wanted.scale, numbers.users, each, numbers.limits.max_concurrent,
            (min_users + wanted.scale - 1) / wanted.scale, max_users / wanted.scale));
    }
    numbers.distinct_users = numbers.users + late_users(numbers);
    const std::size_t holders = numbers.limits.max_concurrent;
    numbers.memory_limit_mib = expected_memory_mib(holders, holders);
    numbers.expected_completions = numbers.limits.max_concurrent + late_users(numbers);
    return numbers;
}

void expect_full(scenario_run& run, std::string_view when) {
    const std::size_t limit = run.numbers().limits.max_concurrent;
    run.checks().equal(
        fmt::format("active {}", when), limit, run.engine().active_count(),
        "a start was rejected although a slot was free, or one too many was admitted");
    run.checks().equal(fmt::format("counted from outside {}", when), limit,
                       static_cast<std::uint64_t>(run.outside().active()),
                       "the count of the engine and the outside count differ");
    run.checks().equal(fmt::format("listed {}", when), limit, run.engine().conversations().size(),
                       "the listing misses active conversations, or shows ended ones");
}

void expect_rejected(scenario_run& run, std::string_view which) {
    auto admission = run.start(run.numbers().users);
    run.checks().equal(fmt::format("{} start", which),
                       make_error_code(errc::global_limit).message(), outcome(admission),
                       "admitted: over the limit; another reason: the order of reasons is wrong");
    if (admission) admission->end();
}

/// The late user is rejected, and admitted after one conversation has ended.
asio::awaitable<void> expect_rejections(scenario_run& run, latch& first_may_end,
                                        latch& first_ended) {
    const std::size_t limit = run.numbers().limits.max_concurrent;
    expect_rejected(run, fmt::format("{}th", limit + 1));
    expect_full(run, "after the rejection");

    first_may_end.arrive();
    auto ended = first_ended.wait();
    co_await std::move(ended);
    run.checks().equal("active after one end", limit - 1, run.engine().active_count(),
                       "an end freed no slot, or more than one");
    auto late = run.start(run.numbers().users);
    run.checks().equal("start after one end", "admitted", outcome(late),
                       "the freed slot is not found, or the engine still reports that it is full");
    expect_full(run, "after the late start");
    if (late) late->end();
}

void expect_first_in_turn(scenario_run& run, std::size_t first) {
    std::string admitted;
    for (const std::size_t user : {first, first + 1}) {
        if (run.outside().active(user) > 0) admitted += run.name(user);
    }
    run.checks().equal("first waiter admitted", run.name(first), admitted,
                       "waiters are not served in order, or one end admitted two");
}

/// Two late users request one after the other and wait. After one end the first is admitted.
asio::awaitable<void> wait_in_turn(scenario_run& run, latch& first_may_end) {
    const std::size_t limit = run.numbers().limits.max_concurrent;
    const std::size_t late = run.numbers().users;
    latch& first_admitted = run.new_latch(1);
    latch& late_may_end = run.new_latch(1);
    latch& late_ended = run.new_latch(2);
    latch& finished = run.new_latch(2);
    const holder_latches latches{first_admitted, late_may_end, late_ended};
    for (std::size_t number = 0; number < 2; ++number) {
        run.spawn(hold_until_released(run, late + number, latches), finished);
        auto queued = until_settled(run, limit + number + 1);
        co_await std::move(queued);
        expect_waiting(run, number + 1, fmt::format("after the {}th start", limit + number + 1));
    }
    auto waiting = run.sleep(min_wait);
    co_await std::move(waiting);
    expect_full(run, "while two wait");

    first_may_end.arrive();
    auto admitted = first_admitted.wait();
    co_await std::move(admitted);
    auto served = until_settled(run, limit + 2);
    co_await std::move(served);
    expect_first_in_turn(run, late);
    expect_full(run, "after one end");
    expect_waiting(run, 1, "after one end");
    late_may_end.arrive();
    auto both = finished.wait();
    co_await std::move(both);
}

asio::awaitable<void> execute(scenario_run& run) {
    const std::size_t limit = run.numbers().limits.max_concurrent;
    latch& all_requested = run.new_latch(limit);
    latch& first_may_end = run.new_latch(1);
    latch& first_ended = run.new_latch(1);
    latch& others_may_end = run.new_latch(1);
    latch& others_ended = run.new_latch(limit - 1);
    latch& finished = run.new_latch(limit);
    const holder_latches first{all_requested, first_may_end, first_ended};
    const holder_latches others{all_requested, others_may_end, others_ended};
    for (std::size_t number = 0; number < limit; ++number) {
        const std::size_t user = number % run.numbers().users;
        run.spawn(hold_until_released(run, user, number == 0 ? first : others), finished);
    }
    auto full = all_requested.wait();
    co_await std::move(full);
    expect_full(run, "when full");
    auto late = run.waits() ? wait_in_turn(run, first_may_end)
                            : expect_rejections(run, first_may_end, first_ended);
    co_await std::move(late);
    others_may_end.arrive();
    auto all = finished.wait();
    co_await std::move(all);
}

void verify(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::size_t limit = numbers.limits.max_concurrent;
    checks.equal("attempts", limit + 2, seen.starts.attempts,
                 "the scenario did not run to its end");
    checks.equal("admitted", limit + late_users(numbers), seen.starts.successful,
                 "see the checks above");
    const std::size_t rejected = seen.queue_wait ? 0 : 1;
    checks.equal("rejected", rejected, seen.starts.failed(), "see the checks above");
    checks.equal("rejected by the global limit", rejected, seen.starts.failed(errc::global_limit),
                 "see the checks above");
    checks.equal("highest active", limit, seen.max_active,
                 "more: the limit is not checked in the step that takes the slot");
    if (!seen.queue_wait) return;
    checks.above("longest queue wait", milliseconds(min_wait), seen.queue_wait->max_ms, "ms",
                 "a waiter was admitted before a slot was free");
}

}  // namespace

scenario global_limit_enforcement() {
    return {"global_limit_enforcement", "10 of 10 are active, the 11th needs an end", prepare,
            execute, verify};
}

}  // namespace admit::load
