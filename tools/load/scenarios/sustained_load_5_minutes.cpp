// SPDX-License-Identifier: BSL-1.0
// Scenario: 10 users converse and pause for a long time. Memory must not grow.
#include <algorithm>
#include <numeric>

#include "common/build_info.hpp"
#include "load/harness/scenario_run.hpp"
#include "load/scenarios/scenarios.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

admit::duration usual_duration(const settings& wanted) {
    switch (wanted.pace) {
        case pace::quick: return 800ms;
        case pace::full: return 300s;
        case pace::normal: break;
    }
    return 30s;
}

plan prepare(const settings& wanted, std::size_t threads) {
    plan numbers = derive_plan(wanted,
                               {.scenario = "sustained_load_5_minutes",
                                .users = 10,
                                .max_quiet = 100ms,
                                .max_conversation = 100ms,
                                .baseline_memory_mib = 100},
                               threads);
    numbers.step = 100ms;
    numbers.steps = 1;
    numbers.pause = 50ms;
    numbers.duration = wanted.duration.value_or(usual_duration(wanted));
    numbers.expected_time = numbers.duration;
    return numbers;
}

asio::awaitable<void> converse(scenario_run& run, std::size_t number) {
    auto asking = run.admission(number);
    auto admission = co_await std::move(asking);
    if (!admission) co_return;  // more users than slots; counted by reason
    auto working = run.work(*admission, run.numbers().step, run.numbers().steps);
    co_await std::move(working);
    admission->end();
}

asio::awaitable<void> user(scenario_run& run, std::size_t number) {
    do {
        auto conversation = converse(run, number);
        co_await std::move(conversation);
        auto pausing = run.sleep(run.numbers().pause);
        co_await std::move(pausing);
    } while (run.elapsed() < run.numbers().duration);
}

asio::awaitable<void> execute(scenario_run& run) {
    const std::size_t users = run.numbers().users;
    latch& finished = run.new_latch(users);
    for (std::size_t number = 0; number < users; ++number) {
        run.spawn(user(run, number), finished);
    }
    auto all = finished.wait();
    co_await std::move(all);
}

/// 67 conversations a second that leak 1 KiB each make a rise of 2 MiB in 30 s.
void check_memory(const plan& numbers, const metrics& seen, checklist& checks) {
    const double growth = std::max(1.0, static_cast<double>(numbers.users) / 100);
    if (tools::sanitized_build || seen.memory.trend.samples == 0) return;
    checks.below("rise of memory by its trend", 1.0 * growth, seen.memory.trend.rise_mib, "MiB",
                 "memory is kept for every conversation or attempt: a slot, the place of a user, "
                 "a waiter, a coroutine frame");
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

void verify(const plan& numbers, const metrics& seen, checklist& checks) {
    if (numbers.users == admitted_in_all(numbers)) {
        checks.equal("rejected", std::uint64_t{0}, seen.starts.failed(),
                     "a rejection although a slot was free, or a wait without a result");
    } else {
        checks.equal("rejected for another reason than the global limit", std::uint64_t{0},
                     seen.starts.failed() - seen.starts.failed(errc::global_limit),
                     "only the global limit can be reached here");
    }
    checks.above_baseline("conversations per second", 1, seen.throughput_per_s(), "/s",
                          "users wait for each other, or the machine is overloaded");
    if (numbers.checks_speed) {
        // Ideal: 1 / 0.15 s for each admitted user.
        const auto active = static_cast<double>(admitted_at_once(numbers));
        checks.above("conversations per second, own threshold", 0.4 * active / 0.15,
                     seen.throughput_per_s(), "/s",
                     "sleeps of 100 and 50 ms take much longer: users work or wait between them");
    }
    check_memory(numbers, seen, checks);
    check_shares(numbers, seen, checks);
}

}  // namespace

scenario sustained_load_5_minutes() {
    return {"sustained_load_5_minutes", "10 users in a loop for 30 s (300 s with --full)", prepare,
            execute, verify};
}

}  // namespace admit::load
