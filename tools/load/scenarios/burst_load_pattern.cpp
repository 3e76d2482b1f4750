// SPDX-License-Identifier: BSL-1.0
// Scenario: bursts of new users, each as large as the limit. After a burst nothing may be active.
#include <fmt/format.h>

#include "load/scenarios/scenarios.hpp"
#include "load/scenarios/users.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

plan prepare(const settings& wanted, std::size_t threads) {
    plan numbers = derive_plan(wanted,
                               {.scenario = "burst_load_pattern",
                                .users = 20,
                                .max_quiet = 200ms,
                                .max_conversation = 200ms,
                                .baseline_memory_mib = 30},
                               threads);
    numbers.step = paced(wanted, 200ms, 50ms);
    numbers.steps = 1;
    numbers.pause = paced(wanted, 500ms, 50ms);
    numbers.rounds = 5;
    numbers.distinct_users = numbers.rounds * numbers.users;
    numbers.expected_time = 5 * (numbers.step + max_wait(numbers, numbers.step) + numbers.pause);
    return numbers;
}

asio::awaitable<void> burst(scenario_run& run, std::size_t round) {
    const std::size_t users = run.numbers().users;
    const simultaneous_start all_users = new_simultaneous_start(run, users);
    latch& finished = run.new_latch(users);
    const workload work{run.numbers().step, run.numbers().steps};
    for (std::size_t user = round * users; user < (round + 1) * users; ++user) {
        run.spawn(converse_after_all_requested(run, user, work, all_users), finished);
    }
    auto starting = release_after_all_requested(run, all_users, (round + 1) * users);
    co_await std::move(starting);
    auto all = finished.wait();
    co_await std::move(all);
}

asio::awaitable<void> execute(scenario_run& run) {
    for (std::size_t round = 0; round < run.numbers().rounds; ++round) {
        auto users = burst(run, round);
        co_await std::move(users);
        const admit::stats now = run.engine().stats();
        run.checks().equal(fmt::format("active and users after burst {}", round + 1), "0 and 0",
                           fmt::format("{} and {}", now.active, now.users),
                           "an end freed only one of slot and user's count, or neither");
        auto pausing = run.sleep(run.numbers().pause);
        co_await std::move(pausing);
    }
}

void verify(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::size_t admitted = numbers.rounds * admitted_in_all(numbers);
    const std::size_t rejected = numbers.distinct_users - admitted;
    checks.equal("admitted", admitted, seen.starts.successful,
                 "fewer: slots of an earlier burst were not freed, or are not found; more: "
                 "the limit is not checked in the step that takes the slot");
    checks.equal("rejected by the global limit", rejected, seen.starts.failed(errc::global_limit),
                 "a rejection although a slot was free, or another reason");
    checks.equal("completed", admitted, seen.completions,
                 "expiry or a stale id ended a conversation");
    if (numbers.checks_speed) {
        const double sleep_ms = milliseconds(numbers.step + max_wait(numbers, numbers.step));
        checks.below("median of the response time", sleep_ms + 150, seen.response.p50_ms, "ms",
                     "users work or wait beside their own sleeps");
    }
    check_waits(numbers, seen, numbers.step, checks);
}

}  // namespace

scenario burst_load_pattern() {
    return {"burst_load_pattern", "5 bursts of 20 new users", prepare, execute, verify};
}

}  // namespace admit::load
