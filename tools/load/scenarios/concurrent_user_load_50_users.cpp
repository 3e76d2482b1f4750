// SPDX-License-Identifier: BSL-1.0
// Scenario: 50 users request at once with a limit of 20. Exactly 20 are admitted; with a wait all
// are, in three rounds.
#include <fmt/format.h>

#include "load/scenarios/scenarios.hpp"
#include "load/scenarios/users.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr admit::duration conversation = 100ms;

plan prepare(const settings& wanted, std::size_t threads) {
    plan numbers = derive_plan(wanted,
                               {.scenario = "concurrent_user_load_50_users",
                                .users = 50,
                                .max_quiet = 50ms,
                                .max_conversation = conversation,
                                .baseline_memory_mib = 50},
                               threads);
    numbers.steps = 2;
    numbers.step = conversation / numbers.steps;
    numbers.expected_completions = admitted_in_all(numbers);
    numbers.expected_time = conversation + max_wait(numbers, conversation);
    return numbers;
}

asio::awaitable<void> execute(scenario_run& run) {
    const std::size_t users = run.numbers().users;
    const simultaneous_start all_users = new_simultaneous_start(run, users);
    latch& finished = run.new_latch(users);
    const workload work{run.numbers().step, run.numbers().steps};
    for (std::size_t user = 0; user < users; ++user) {
        run.spawn(converse_after_all_requested(run, user, work, all_users), finished);
    }
    auto starting = release_after_all_requested(run, all_users, users);
    co_await std::move(starting);
    auto all = finished.wait();
    co_await std::move(all);
}

/// 20 + 20 + 10 users take as long as three conversations. A shorter time means more than 20 at
/// once, a much longer one means that slots stay free while users wait.
void check_rounds(const plan& numbers, const metrics& seen, checklist& checks) {
    if (numbers.wait.count() == 0) return;
    const std::size_t rounds = rounds_of_admissions(numbers);
    const double ideal_ms = milliseconds(static_cast<long>(rounds) * conversation);
    checks.above(fmt::format("time for {} rounds", rounds), ideal_ms, seen.duration_s * 1000, "ms",
                 "more conversations at once than the limit allows");
    if (numbers.checks_speed) {
        checks.below(fmt::format("time for {} rounds, own threshold", rounds), ideal_ms + 150,
                     seen.duration_s * 1000, "ms",
                     "more rounds than needed: slots stay free while users wait");
    }
    check_waits(numbers, seen, conversation, checks);
}

void verify(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::size_t admitted = admitted_in_all(numbers);
    const double queued_ms = milliseconds(max_wait(numbers, conversation));
    const std::size_t rejected = numbers.users - admitted;
    checks.equal("admitted", admitted, seen.starts.successful,
                 "fewer: a rejection although a slot was free (false full, a slot not found); "
                 "more: the limit is not checked in the step that takes the slot");
    checks.equal("rejected by the global limit", rejected, seen.starts.failed(errc::global_limit),
                 "another reason was given, or the wrong number admitted");
    checks.equal("completed", admitted, seen.completions,
                 "expiry or a stale id ended a conversation");
    checks.below_baseline("P95 of the response time", 5000 + queued_ms + numbers.allowance_ms,
                          seen.response.p95_ms, "ms",
                          "the machine is overloaded, or threads wait for each other");
    if (numbers.checks_speed) {
        checks.below("median of the response time", 100 + queued_ms + 150, seen.response.p50_ms,
                     "ms", "two sleeps of 50 ms take 100; users work or wait beside them");
    }
    check_rounds(numbers, seen, checks);
}

}  // namespace

scenario concurrent_user_load_50_users() {
    return {"concurrent_user_load_50_users", "50 users at once, 20 are admitted", prepare, execute,
            verify};
}

}  // namespace admit::load
