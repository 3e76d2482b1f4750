// 50 users ask at once where 20 may talk: exactly 20 do. Where they may wait, all do, in three
// rounds.
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
                                .longest_quiet = 50ms,
                                .longest_conversation = conversation,
                                .memory_floor_mib = 50},
                               threads);
    numbers.steps = 2;
    numbers.step = conversation / numbers.steps;
    numbers.expected_completions = admitted_in_all(numbers);
    numbers.expected_time = conversation + longest_wait(numbers, conversation);
    return numbers;
}

asio::awaitable<void> play(stage& run) {
    const std::size_t users = run.numbers().users;
    const crowd all_users = new_crowd(run, users);
    latch& finished = run.new_latch(users);
    const workload work{run.numbers().step, run.numbers().steps};
    for (std::size_t user = 0; user < users; ++user) {
        run.spawn(talk_when_all_asked(run, user, work, all_users), finished);
    }
    auto starting = let_work_when_all_asked(run, all_users, users);
    co_await std::move(starting);
    auto all = finished.wait();
    co_await std::move(all);
}

/// 20 + 20 + 10 take as long as three conversations: less is more than 20 at once, and much more is
/// a slot that nobody has although somebody waits.
void judge_rounds(const plan& numbers, const metrics& seen, checklist& checks) {
    if (numbers.wait.count() == 0) return;
    const std::size_t rounds = rounds_of_admissions(numbers);
    const double least = milliseconds(static_cast<long>(rounds) * conversation);
    checks.above(fmt::format("time for {} rounds", rounds), least, seen.duration_s * 1000, "ms",
                 "more conversations at once than the limit allows");
    if (numbers.judges_speed) {
        checks.below(fmt::format("time for {} rounds, own threshold", rounds), least + 150,
                     seen.duration_s * 1000, "ms",
                     "more rounds than needed: slots stay free although somebody waits");
    }
    judge_waits(numbers, seen, conversation, checks);
}

void judge(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::size_t admitted = admitted_in_all(numbers);
    const double queued_ms = milliseconds(longest_wait(numbers, conversation));
    const std::size_t rejected = numbers.users - admitted;
    checks.equal("admitted", admitted, seen.starts.successful,
                 "fewer: a rejection although there was room (false full, a slot not found); "
                 "more: the limit is not checked in the step that takes the slot");
    checks.equal("rejected by the global limit", rejected, seen.starts.failed(errc::global_limit),
                 "another reason was given, or the wrong number admitted");
    checks.equal("completed", admitted, seen.completions,
                 "a conversation was ended by somebody else (expiry, a stale id)");
    checks.below_floor("P95 of the response time", 5000 + queued_ms + numbers.allowance_ms,
                       seen.response.p95_ms, "ms",
                       "the machine is overloaded, or threads wait for each other");
    if (numbers.judges_speed) {
        checks.below("median of the response time", 100 + queued_ms + 150, seen.response.p50_ms,
                     "ms",
                     "two rests of 50 ms take 100; more is work done for each user or waiting for "
                     "others to ask");
    }
    judge_rounds(numbers, seen, checks);
}

}  // namespace

scenario concurrent_user_load_50_users() {
    return {"concurrent_user_load_50_users", "50 users at once, 20 may talk", prepare, play, judge};
}

}  // namespace admit::load
