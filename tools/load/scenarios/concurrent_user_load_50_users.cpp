// 50 users ask at once where 20 may talk: exactly 20 do.
#include "load/scenarios/scenarios.hpp"
#include "load/scenarios/users.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

plan prepare(const settings& wanted, std::size_t threads) {
    plan numbers = derive_plan(wanted,
                               {.scenario = "concurrent_user_load_50_users",
                                .users = 50,
                                .longest_quiet = 50ms,
                                .longest_conversation = 100ms,
                                .memory_floor_mib = 50},
                               threads);
    numbers.step = 50ms;
    numbers.steps = 2;
    numbers.expected_completions = admitted_at_once(numbers);
    numbers.expected_time = 100ms;
    return numbers;
}

asio::awaitable<void> play(stage& run) {
    const std::size_t users = run.numbers().users;
    latch& all_asked = run.new_latch(users);
    latch& finished = run.new_latch(users);
    const workload work{run.numbers().step, run.numbers().steps};
    for (std::size_t user = 0; user < users; ++user) {
        run.spawn(talk_when_all_asked(run, user, work, all_asked), finished);
    }
    auto all = finished.wait();
    co_await std::move(all);
}

void judge(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::size_t admitted = admitted_at_once(numbers);
    const std::size_t rejected = numbers.users - admitted;
    checks.equal("admitted", admitted, seen.starts.successful,
                 "fewer: a rejection although there was room (false full, a slot not found); "
                 "more: the limit is not checked in the step that takes the slot");
    checks.equal("rejected by the global limit", rejected, seen.starts.failed(errc::global_limit),
                 "another reason was given, or the wrong number admitted");
    checks.equal("completed", admitted, seen.completions,
                 "a conversation was ended by somebody else (expiry, a stale id)");
    checks.below_floor("P95 of the response time", 5000 + numbers.allowance_ms,
                       seen.response.p95_ms, "ms",
                       "the machine is overloaded, or threads wait for each other");
    if (numbers.judges_speed) {
        checks.below("median of the response time", 100 + 150, seen.response.p50_ms, "ms",
                     "two rests of 50 ms take 100; more is work done for each user or waiting for "
                     "others to ask");
    }
}

}  // namespace

scenario concurrent_user_load_50_users() {
    return {"concurrent_user_load_50_users", "50 users at once, 20 may talk", prepare, play, judge};
}

}  // namespace admit::load
