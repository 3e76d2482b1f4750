// SPDX-License-Identifier: BSL-1.0
// Scenario: the limit of one user stops that user and no other.
#include <fmt/format.h>

#include <algorithm>

#include "load/scenarios/scenarios.hpp"
#include "load/scenarios/users.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// Users that fill their own limit: as many as fit with one slot left. The others are bystanders.
std::size_t greedy_users(const plan& numbers) {
    const std::size_t fit = (numbers.limits.max_concurrent - 1) / numbers.limits.max_per_user;
    return std::min(numbers.users - 1, fit);
}

std::size_t bystanders(const plan& numbers) { return numbers.users - greedy_users(numbers); }

plan prepare(const settings& wanted, std::size_t threads) {
    plan numbers = derive_plan(wanted,
                               {.scenario = "per_user_limit_enforcement",
                                .max_per_user = 3,
                                .users = 2,
                                .min_users = 2,
                                .min_concurrent = 2,
                                .max_quiet = 1ms,
                                .max_conversation = 1ms},
                               threads);
    const std::size_t greedy = greedy_users(numbers);
    if (numbers.wait.count() > 0) reserve_queue(numbers, greedy);
    const std::size_t slots = numbers.limits.max_concurrent;  // one coroutine for each
    numbers.memory_limit_mib = expected_memory_mib(slots, slots);
    numbers.expected_completions = greedy * (numbers.limits.max_per_user + 1) + bystanders(numbers);
    return numbers;
}

asio::awaitable<void> bystander(scenario_run& run, std::size_t user) {
    auto asking = run.admission(user);
    auto admission = co_await std::move(asking);
    if (!admission) co_return;
    auto working = run.yield();
    co_await std::move(working);
    admission->end();
}

void expect_full(scenario_run& run, std::size_t user, std::string_view when) {
    const std::size_t limit = run.numbers().limits.max_per_user;
    const std::string& name = run.name(user);
    run.checks().equal(fmt::format("listed for {} {}", name, when), limit,
                       run.engine().conversations(name).size(),
                       "the listing misses conversations of the user, or shows ended ones");
    run.checks().equal(fmt::format("active of {} {}", name, when), limit,
                       run.engine().active_count(name),
                       "the count of the user was not raised, or not lowered, exactly once");
}

/// Runs one conversation of every bystander, as many at a time as slots are free.
asio::awaitable<void> serve_bystanders(scenario_run& run) {
    const plan& numbers = run.numbers();
    const std::size_t greedy = greedy_users(numbers);
    const std::size_t room = numbers.limits.max_concurrent - greedy * numbers.limits.max_per_user;
    for (std::size_t next = greedy; next < numbers.users;) {
        const std::size_t group = std::min(room, numbers.users - next);
        latch& finished = run.new_latch(group);
        for (const std::size_t end = next + group; next < end; ++next) {
            run.spawn(bystander(run, next), finished);
        }
        auto all = finished.wait();
        co_await std::move(all);
    }
}

void expect_rejected(scenario_run& run, std::size_t user) {
    auto admission = run.start(user);
    run.checks().equal(fmt::format("one more start of {}", run.name(user)),
                       make_error_code(errc::user_limit).message(), outcome(admission),
                       "admitted: over the user's limit; another reason: the global limit was "
                       "reached, so slots are missing");
    if (admission) admission->end();
}

void expect_admitted_again(scenario_run& run, std::size_t user) {
    auto admission = run.start(user);
    run.checks().equal(fmt::format("start of {} after one end", run.name(user)), "admitted",
                       outcome(admission), "an end did not lower the count of the user");
    if (!admission) return;
    expect_full(run, user, "after the late start");
    admission->end();
}

/// Every greedy user is rejected, the bystanders are served, and after one end of each greedy user
/// that user is admitted.
asio::awaitable<void> expect_rejections(scenario_run& run, latch& first_may_end,
                                        latch& first_ended) {
    const std::size_t greedy = greedy_users(run.numbers());
    for (std::size_t user = 0; user < greedy; ++user) expect_rejected(run, user);
    auto serving = serve_bystanders(run);
    co_await std::move(serving);

    first_may_end.arrive();
    auto ended = first_ended.wait();
    co_await std::move(ended);
    for (std::size_t user = 0; user < greedy; ++user) expect_admitted_again(run, user);
}

/// Every greedy user waits while the bystanders are served. After one end of each greedy user its
/// waiter is admitted.
asio::awaitable<void> wait_for_user_slot(scenario_run& run, latch& first_may_end) {
    const std::size_t greedy = greedy_users(run.numbers());
    latch& all_admitted = run.new_latch(greedy);
    latch& may_end = run.new_latch(1);
    latch& ended = run.new_latch(greedy);
    latch& finished = run.new_latch(greedy);
    const holder_latches latches{all_admitted, may_end, ended};
    for (std::size_t user = 0; user < greedy; ++user) {
        run.spawn(hold_until_released(run, user, latches), finished);
    }
    const std::size_t each = run.numbers().limits.max_per_user;
    auto queued = until_settled(run, greedy * (each + 1));
    co_await std::move(queued);
    expect_waiting(run, greedy, "when each greedy user has asked once more");
    auto serving = serve_bystanders(run);
    co_await std::move(serving);
    expect_waiting(run, greedy, "after the others came and went");
    for (std::size_t user = 0; user < greedy; ++user) expect_full(run, user, "while one waits");

    first_may_end.arrive();
    auto admitted = all_admitted.wait();
    co_await std::move(admitted);
    auto served = until_settled(run, greedy * (each + 1) + bystanders(run.numbers()));
    co_await std::move(served);
    expect_waiting(run, 0, "after one end of each");
    for (std::size_t user = 0; user < greedy; ++user) expect_full(run, user, "after one end");
    may_end.arrive();
    auto all = finished.wait();
    co_await std::move(all);
}

asio::awaitable<void> execute(scenario_run& run) {
    const std::size_t greedy = greedy_users(run.numbers());
    const std::size_t each = run.numbers().limits.max_per_user;
    latch& all_requested = run.new_latch(greedy * each);
    latch& first_may_end = run.new_latch(1);
    latch& first_ended = run.new_latch(greedy);
    latch& others_may_end = run.new_latch(1);
    latch& others_ended = run.new_latch(greedy * (each - 1));
    latch& finished = run.new_latch(greedy * each);
    const holder_latches first{all_requested, first_may_end, first_ended};
    const holder_latches other{all_requested, others_may_end, others_ended};
    for (std::size_t number = 0; number < greedy * each; ++number) {
        run.spawn(hold_until_released(run, number % greedy, number < greedy ? first : other),
                  finished);
    }
    auto full = all_requested.wait();
    co_await std::move(full);
    for (std::size_t user = 0; user < greedy; ++user) expect_full(run, user, "when full");
    auto late = run.waits() ? wait_for_user_slot(run, first_may_end)
                            : expect_rejections(run, first_may_end, first_ended);
    co_await std::move(late);
    others_may_end.arrive();
    auto all = finished.wait();
    co_await std::move(all);
}

void verify(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::size_t greedy = greedy_users(numbers);
    const std::size_t each = numbers.limits.max_per_user;
    checks.equal("admitted", greedy * (each + 1) + bystanders(numbers), seen.starts.successful,
                 "fewer: a greedy user blocked another user; more: the user's limit is not "
                 "checked in the step that takes the count");
    const std::size_t rejected = seen.queue_wait ? 0 : greedy;
    checks.equal("rejected by the user's limit", rejected, seen.starts.failed(errc::user_limit),
                 "the user's limit was not enforced, or another reason given");
    checks.equal("rejected for any other reason", std::uint64_t{0},
                 seen.starts.failed() - seen.starts.failed(errc::user_limit),
                 "another user was affected, or slots are missing");
    checks.equal("highest active of one user", each, seen.max_active_of_a_user,
                 "more: the user's limit is not checked in the step that takes the count");
}

}  // namespace

scenario per_user_limit_enforcement() {
    return {"per_user_limit_enforcement", "one user has 3 of 3, another is not affected", prepare,
            execute, verify};
}

}  // namespace admit::load
