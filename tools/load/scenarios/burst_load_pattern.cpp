// New users come in bursts that just fit; after each nothing may remain.
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
                                .longest_quiet = 200ms,
                                .longest_conversation = 200ms,
                                .memory_floor_mib = 30},
                               threads);
    numbers.step = paced(wanted, 200ms, 50ms);
    numbers.steps = 1;
    numbers.pause = paced(wanted, 500ms, 50ms);
    numbers.rounds = 5;
    numbers.people = numbers.rounds * numbers.users;
    numbers.expected_time =
        5 * (numbers.step + longest_wait(numbers, numbers.step) + numbers.pause);
    return numbers;
}

asio::awaitable<void> burst(stage& run, std::size_t round) {
    const std::size_t users = run.numbers().users;
    const crowd all_users = new_crowd(run, users);
    latch& finished = run.new_latch(users);
    const workload work{run.numbers().step, run.numbers().steps};
    for (std::size_t user = round * users; user < (round + 1) * users; ++user) {
        run.spawn(talk_when_all_asked(run, user, work, all_users), finished);
    }
    auto starting = let_work_when_all_asked(run, all_users, (round + 1) * users);
    co_await std::move(starting);
    auto all = finished.wait();
    co_await std::move(all);
}

asio::awaitable<void> play(stage& run) {
    for (std::size_t round = 0; round < run.numbers().rounds; ++round) {
        auto one = burst(run, round);
        co_await std::move(one);
        const admit::stats now = run.engine().stats();
        run.checks().equal(fmt::format("active and users after burst {}", round + 1), "0 and 0",
                           fmt::format("{} and {}", now.active, now.users),
                           "an end gave only one of the two back, or none");
        auto pausing = run.rest(run.numbers().pause);
        co_await std::move(pausing);
    }
}

void judge(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::size_t admitted = numbers.rounds * admitted_in_all(numbers);
    const std::size_t rejected = numbers.people - admitted;
    checks.equal("admitted", admitted, seen.starts.successful,
                 "fewer: slots of an earlier burst were not given back, or are not found; more: "
                 "the limit is not checked in the step that takes the slot");
    checks.equal("rejected by the global limit", rejected, seen.starts.failed(errc::global_limit),
                 "a rejection although there was room, or another reason");
    checks.equal("completed", admitted, seen.completions,
                 "a conversation was ended by somebody else (expiry, a stale id)");
    if (numbers.judges_speed) {
        const double rest_ms = milliseconds(numbers.step + longest_wait(numbers, numbers.step));
        checks.below("median of the response time", rest_ms + 150, seen.response.p50_ms, "ms",
                     "more than the rest itself is work done for each user, or waiting");
    }
    judge_waits(numbers, seen, numbers.step, checks);
}

}  // namespace

scenario burst_load_pattern() {
    return {"burst_load_pattern", "5 bursts of 20 new users", prepare, play, judge};
}

}  // namespace admit::load
