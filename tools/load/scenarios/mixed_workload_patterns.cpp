// SPDX-License-Identifier: BSL-1.0
// Scenario: quick and complex users together. Complex users must not delay quick ones.
#include <algorithm>

#include "load/scenarios/scenarios.hpp"
#include "load/scenarios/users.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

enum kind : std::uint32_t { quick, complex };

constexpr workload work_of[] = {{25ms, 2, quick}, {50ms, 10, complex}};

/// One user in four, and at least one.
std::size_t complex_users(const plan& numbers) {
    return std::max<std::size_t>(1, numbers.users / 4);
}

plan prepare(const settings& wanted, std::size_t threads) {
    plan numbers = derive_plan(wanted,
                               {.scenario = "mixed_workload_patterns",
                                .users = 20,
                                .min_users = 2,
                                .max_quiet = 50ms,
                                .max_conversation = 500ms},
                               threads);
    numbers.kinds = {"quick", "complex"};
    numbers.expected_time = 500ms + max_wait(numbers, 500ms);
    return numbers;
}

asio::awaitable<void> execute(scenario_run& run) {
    const std::size_t users = run.numbers().users;
    const simultaneous_start all_users = new_simultaneous_start(run, users);
    // If all users are admitted, they need not wait for each other's requests.
    const bool all_admitted = users == admitted_in_all(run.numbers());
    if (all_admitted) all_users.may_work.arrive();
    latch& finished = run.new_latch(users);
    for (std::size_t user = 0; user < users; ++user) {
        // Every fourth user: with a smaller limit users of both kinds are admitted.
        const bool is_complex = user % 4 == 1 && user / 4 < complex_users(run.numbers());
        const workload& work = work_of[is_complex ? complex : quick];
        run.spawn(converse_after_all_requested(run, user, work, all_users), finished);
    }
    if (!all_admitted) {
        auto starting = release_after_all_requested(run, all_users, users);
        co_await std::move(starting);
    }
    auto all = finished.wait();
    co_await std::move(all);
}

void verify(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::size_t admitted = admitted_in_all(numbers);
    const double queued_ms = milliseconds(max_wait(numbers, 500ms));
    const response_times& quick_ones = seen.kinds[quick].response;
    const response_times& complex_ones = seen.kinds[complex].response;
    checks.equal("admitted", admitted, seen.starts.successful,
                 "fewer: a rejection although a slot was free; more: the limit is not checked in "
                 "the step that takes the slot");
    checks.equal("completed", admitted, seen.completions,
                 "expiry or a stale id ended a conversation");
    checks.equal("rejected", numbers.users - admitted, seen.starts.failed(),
                 "a rejection although a slot was free, or a wait without a result");
    if (admitted == numbers.users) {
        const std::size_t of_complex = complex_users(numbers);
        checks.equal("quick users completed", numbers.users - of_complex, quick_ones.count,
                     "a quick user was rejected or did not finish");
        checks.equal("complex users completed", of_complex, complex_ones.count,
                     "a complex user was rejected or did not finish");
    }
    checks.below_baseline("mean response time of quick users",
                          200 + queued_ms + numbers.allowance_ms, quick_ones.mean_ms, "ms",
                          "complex users delay quick users: an operation blocks a thread");
    if (numbers.checks_speed && quick_ones.count > 0) {
        checks.below("median response time of quick users", 50 + queued_ms + 75, quick_ones.p50_ms,
                     "ms", "complex users delay quick users: an operation blocks a thread");
    }
}

}  // namespace

scenario mixed_workload_patterns() {
    return {"mixed_workload_patterns", "15 quick users and 5 complex ones", prepare, execute,
            verify};
}

}  // namespace admit::load
