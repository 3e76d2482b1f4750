// Full means full, and one end makes room for exactly one.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "load/scenarios/scenarios.hpp"
#include "load/scenarios/users.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr std::size_t table_limit = 10;
constexpr admit::duration shortest_wait = 20ms;

/// One who is rejected, asks again after an end, and is admitted; or two who wait, and are admitted
/// in the order of their coming.
std::size_t late_users(const plan& numbers) { return numbers.wait.count() > 0 ? 2 : 1; }

/// A user for each slot unless the number of users was chosen, and those who come late.
plan prepare(const settings& wanted, std::size_t threads) {
    const std::size_t slots = wanted.max_concurrent.value_or(table_limit);
    plan numbers = derive_plan(wanted,
                               {.scenario = "global_limit_enforcement",
                                .max_concurrent = table_limit,
                                .users = std::min(slots, most_users),
                                .longest_quiet = 1ms,
                                .longest_conversation = 1ms},
                               threads);
    const std::size_t most = numbers.limits.max_per_user;
    const std::size_t least = (numbers.limits.max_concurrent + most - 1) / most;
    if (numbers.users < least) {
        throw usage_error(fmt::format(
            "--users {}: not allowed with global_limit_enforcement, where {} users with at "
            "most {} conversations each must reach a max_concurrent of {}; allowed: {} to {}",
            numbers.users / wanted.scale, numbers.users, most, numbers.limits.max_concurrent,
            (least + wanted.scale - 1) / wanted.scale, most_users / wanted.scale));
    }
    numbers.people = numbers.users + late_users(numbers);
    const std::size_t holders = numbers.limits.max_concurrent;
    numbers.own_memory_mib = expected_memory_mib(holders, holders);
    numbers.expected_completions = numbers.limits.max_concurrent + late_users(numbers);
    return numbers;
}

void expect_full(stage& run, std::string_view when) {
    const std::size_t limit = run.numbers().limits.max_concurrent;
    run.checks().equal(fmt::format("active {}", when), limit, run.engine().active_count(),
                       "a start was refused although there was room, or one too many admitted");
    run.checks().equal(fmt::format("counted from outside {}", when), limit,
                       static_cast<std::uint64_t>(run.outside().active()),
                       "the engine's own count and the outside count have come apart");
    run.checks().equal(fmt::format("listed {}", when), limit, run.engine().conversations().size(),
                       "the listing misses active conversations, or shows ended ones");
}

void expect_rejected(stage& run, std::string_view which) {
    auto admission = run.start(run.numbers().users);
    run.checks().equal(fmt::format("{} start", which),
                       make_error_code(errc::global_limit).message(), outcome(admission),
                       "admitted: over the limit; another reason: the order of reasons is wrong");
    if (admission) admission->end();
}

/// The late user asks, is rejected, and is admitted when one has ended.
asio::awaitable<void> ask_in_vain(stage& run, latch& first_leaves, latch& first_left) {
    const std::size_t limit = run.numbers().limits.max_concurrent;
    expect_rejected(run, fmt::format("{}th", limit + 1));
    expect_full(run, "after the rejection");

    first_leaves.arrive();
    auto room = first_left.wait();
    co_await std::move(room);
    run.checks().equal("active after one end", limit - 1, run.engine().active_count(),
                       "an end gave back nothing, or more than one slot");
    auto late = run.start(run.numbers().users);
    run.checks().equal("start after one end", "admitted", outcome(late),
                       "the slot that was given back is not found, or the engine still says full");
    expect_full(run, "after the late start");
    if (late) late->end();
}

void expect_first_in_turn(stage& run, std::size_t first) {
    std::string in;
    for (const std::size_t user : {first, first + 1}) {
        if (run.outside().active(user) > 0) in += run.name(user);
    }
    run.checks().equal("first of those who wait", run.name(first), in,
                       "waiters are not served in turn, or one end let two in");
}

/// Two late users ask one after the other, and wait; when one ends, the first of them is admitted.
asio::awaitable<void> wait_in_turn(stage& run, latch& first_leaves) {
    const std::size_t limit = run.numbers().limits.max_concurrent;
    const std::size_t late = run.numbers().users;
    latch& one_in = run.new_latch(1);
    latch& late_leave = run.new_latch(1);
    latch& late_left = run.new_latch(2);
    latch& finished = run.new_latch(2);
    const meeting latches{one_in, late_leave, late_left};
    for (std::size_t number = 0; number < 2; ++number) {
        run.spawn(hold_until_told(run, late + number, latches), finished);
        auto queued = until_settled(run, limit + number + 1);
        co_await std::move(queued);
        expect_waiting(run, number + 1, fmt::format("after the {}th start", limit + number + 1));
    }
    auto waiting = run.rest(shortest_wait);
    co_await std::move(waiting);
    expect_full(run, "while two wait");

    first_leaves.arrive();
    auto admitted = one_in.wait();
    co_await std::move(admitted);
    auto served = until_settled(run, limit + 2);
    co_await std::move(served);
    expect_first_in_turn(run, late);
    expect_full(run, "after one end");
    expect_waiting(run, 1, "after one end");
    late_leave.arrive();
    auto both = finished.wait();
    co_await std::move(both);
}

asio::awaitable<void> play(stage& run) {
    const std::size_t limit = run.numbers().limits.max_concurrent;
    latch& all_asked = run.new_latch(limit);
    latch& first_leaves = run.new_latch(1);
    latch& first_left = run.new_latch(1);
    latch& others_leave = run.new_latch(1);
    latch& others_left = run.new_latch(limit - 1);
    latch& finished = run.new_latch(limit);
    const meeting first{all_asked, first_leaves, first_left};
    const meeting others{all_asked, others_leave, others_left};
    for (std::size_t number = 0; number < limit; ++number) {
        const std::size_t user = number % run.numbers().users;
        run.spawn(hold_until_told(run, user, number == 0 ? first : others), finished);
    }
    auto full = all_asked.wait();
    co_await std::move(full);
    expect_full(run, "when full");
    auto late =
        run.waits() ? wait_in_turn(run, first_leaves) : ask_in_vain(run, first_leaves, first_left);
    co_await std::move(late);
    others_leave.arrive();
    auto all = finished.wait();
    co_await std::move(all);
}

void judge(const plan& numbers, const metrics& seen, checklist& checks) {
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
    checks.above("longest queue wait", milliseconds(shortest_wait), seen.queue_wait->max_ms, "ms",
                 "a waiter was admitted before there was room");
}

}  // namespace

scenario global_limit_enforcement() {
    return {"global_limit_enforcement", "10 of 10 talk, the 11th has to wait for an end", prepare,
            play, judge};
}

}  // namespace admit::load
