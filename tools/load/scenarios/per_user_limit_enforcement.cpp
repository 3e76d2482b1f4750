// One user's limit stops that user and nobody else.
#include <fmt/format.h>

#include <algorithm>

#include "load/scenarios/scenarios.hpp"
#include "load/scenarios/users.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// Users who fill their own limit: as many as fit with a slot to spare. The others are bystanders.
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
                                .fewest_users = 2,
                                .fewest_concurrent = 2,
                                .longest_quiet = 1ms,
                                .longest_conversation = 1ms},
                               threads);
    const std::size_t greedy = greedy_users(numbers);
    if (numbers.wait.count() > 0) make_waiting_room(numbers, greedy);
    const std::size_t slots = numbers.limits.max_concurrent;  // each with a coroutine
    numbers.own_memory_mib = expected_memory_mib(slots, slots);
    numbers.expected_completions = greedy * (numbers.limits.max_per_user + 1) + bystanders(numbers);
    return numbers;
}

asio::awaitable<void> bystander(stage& run, std::size_t user) {
    auto asking = run.admission(user);
    auto admission = co_await std::move(asking);
    if (!admission) co_return;
    auto working = run.yield();
    co_await std::move(working);
    admission->end();
}

void expect_full(stage& run, std::size_t user, std::string_view when) {
    const std::size_t limit = run.numbers().limits.max_per_user;
    const std::string& name = run.name(user);
    run.checks().equal(fmt::format("listed for {} {}", name, when), limit,
                       run.engine().conversations(name).size(),
                       "the listing misses conversations of the user, or shows ended ones");
    run.checks().equal(fmt::format("active of {} {}", name, when), limit,
                       run.engine().active_count(name),
                       "the user's count was not taken, or not given back, exactly once");
}

/// Lets every bystander have one conversation, as many at a time as there is room for.
asio::awaitable<void> serve_bystanders(stage& run) {
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

void expect_rejected(stage& run, std::size_t user) {
    auto admission = run.start(user);
    run.checks().equal(fmt::format("one more start of {}", run.name(user)),
                       make_error_code(errc::user_limit).message(), outcome(admission),
                       "admitted: over the user's limit; another reason: the global limit was "
                       "reached, so slots are missing");
    if (admission) admission->end();
}

void expect_admitted_again(stage& run, std::size_t user) {
    auto admission = run.start(user);
    run.checks().equal(fmt::format("start of {} after one end", run.name(user)), "admitted",
                       outcome(admission), "an end did not give the user's count back");
    if (!admission) return;
    expect_full(run, user, "after the late start");
    admission->end();
}

/// Every greedy user is rejected, the bystanders come and go, and after one end of each greedy user
/// it is admitted.
asio::awaitable<void> ask_in_vain(stage& run, latch& firsts_leave, latch& firsts_left) {
    const std::size_t greedy = greedy_users(run.numbers());
    for (std::size_t user = 0; user < greedy; ++user) expect_rejected(run, user);
    auto serving = serve_bystanders(run);
    co_await std::move(serving);

    firsts_leave.arrive();
    auto room = firsts_left.wait();
    co_await std::move(room);
    for (std::size_t user = 0; user < greedy; ++user) expect_admitted_again(run, user);
}

/// Every greedy user waits, the bystanders come and go meanwhile, and after one end of each greedy
/// user its waiter is admitted.
asio::awaitable<void> wait_for_own_end(stage& run, latch& firsts_leave) {
    const std::size_t greedy = greedy_users(run.numbers());
    latch& all_in = run.new_latch(greedy);
    latch& leave = run.new_latch(1);
    latch& left = run.new_latch(greedy);
    latch& finished = run.new_latch(greedy);
    const meeting latches{all_in, leave, left};
    for (std::size_t user = 0; user < greedy; ++user) {
        run.spawn(hold_until_told(run, user, latches), finished);
    }
    const std::size_t each = run.numbers().limits.max_per_user;
    auto queued = until_settled(run, greedy * (each + 1));
    co_await std::move(queued);
    expect_waiting(run, greedy, "when each greedy user has asked once more");
    auto serving = serve_bystanders(run);
    co_await std::move(serving);
    expect_waiting(run, greedy, "after the others came and went");
    for (std::size_t user = 0; user < greedy; ++user) expect_full(run, user, "while one waits");

    firsts_leave.arrive();
    auto admitted = all_in.wait();
    co_await std::move(admitted);
    auto served = until_settled(run, greedy * (each + 1) + bystanders(run.numbers()));
    co_await std::move(served);
    expect_waiting(run, 0, "after one end of each");
    for (std::size_t user = 0; user < greedy; ++user) expect_full(run, user, "after one end");
    leave.arrive();
    auto all = finished.wait();
    co_await std::move(all);
}

asio::awaitable<void> play(stage& run) {
    const std::size_t greedy = greedy_users(run.numbers());
    const std::size_t each = run.numbers().limits.max_per_user;
    latch& all_asked = run.new_latch(greedy * each);
    latch& firsts_leave = run.new_latch(1);
    latch& firsts_left = run.new_latch(greedy);
    latch& others_leave = run.new_latch(1);
    latch& others_left = run.new_latch(greedy * (each - 1));
    latch& finished = run.new_latch(greedy * each);
    const meeting first{all_asked, firsts_leave, firsts_left};
    const meeting other{all_asked, others_leave, others_left};
    for (std::size_t number = 0; number < greedy * each; ++number) {
        run.spawn(hold_until_told(run, number % greedy, number < greedy ? first : other), finished);
    }
    auto full = all_asked.wait();
    co_await std::move(full);
    for (std::size_t user = 0; user < greedy; ++user) expect_full(run, user, "when full");
    auto late = run.waits() ? wait_for_own_end(run, firsts_leave)
                            : ask_in_vain(run, firsts_leave, firsts_left);
    co_await std::move(late);
    others_leave.arrive();
    auto all = finished.wait();
    co_await std::move(all);
}

void judge(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::size_t greedy = greedy_users(numbers);
    const std::size_t each = numbers.limits.max_per_user;
    checks.equal("admitted", greedy * (each + 1) + bystanders(numbers), seen.starts.successful,
                 "fewer: another user was held up by the greedy one; more: the user's limit is not "
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
            play, judge};
}

}  // namespace admit::load
