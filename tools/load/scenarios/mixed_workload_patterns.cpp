// Quick and complex users side by side: the complex ones may not slow down the quick.
#include <algorithm>

#include "load/scenarios/scenarios.hpp"
#include "load/scenarios/users.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

enum kind : std::uint32_t { quick, complex };

constexpr workload work_of[] = {{25ms, 2, quick}, {50ms, 10, complex}};

/// One in four is complex, and at least one.
std::size_t complex_users(const plan& numbers) {
    return std::max<std::size_t>(1, numbers.users / 4);
}

plan prepare(const settings& wanted, std::size_t threads) {
    plan numbers = derive_plan(wanted,
                               {.scenario = "mixed_workload_patterns",
                                .users = 20,
                                .fewest_users = 2,
                                .longest_quiet = 50ms,
                                .longest_conversation = 500ms},
                               threads);
    numbers.kinds = {"quick", "complex"};
    numbers.expected_time = 500ms + longest_wait(numbers, 500ms);
    return numbers;
}

asio::awaitable<void> play(stage& run) {
    const std::size_t users = run.numbers().users;
    const crowd all_users = new_crowd(run, users);
    // Where all are admitted nobody needs to wait for the others to have asked.
    const bool all_admitted = users == admitted_in_all(run.numbers());
    if (all_admitted) all_users.may_work.arrive();
    latch& finished = run.new_latch(users);
    for (std::size_t user = 0; user < users; ++user) {
        // Every fourth, so that with a smaller limit some of both kinds are admitted.
        const bool is_complex = user % 4 == 1 && user / 4 < complex_users(run.numbers());
        const workload& work = work_of[is_complex ? complex : quick];
        run.spawn(talk_when_all_asked(run, user, work, all_users), finished);
    }
    if (!all_admitted) {
        auto starting = let_work_when_all_asked(run, all_users, users);
        co_await std::move(starting);
    }
    auto all = finished.wait();
    co_await std::move(all);
}

void judge(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::size_t admitted = admitted_in_all(numbers);
    const double queued_ms = milliseconds(longest_wait(numbers, 500ms));
    const response_times& quick_ones = seen.kinds[quick].response;
    const response_times& complex_ones = seen.kinds[complex].response;
    checks.equal("admitted", admitted, seen.starts.successful,
                 "fewer: a rejection although there was room; more: the limit is not checked in "
                 "the step that takes the slot");
    checks.equal("completed", admitted, seen.completions,
                 "a conversation was ended by somebody else (expiry, a stale id)");
    checks.equal("rejected", numbers.users - admitted, seen.starts.failed(),
                 "a rejection although there was room, or a wait that came to nothing");
    if (admitted == numbers.users) {
        const std::size_t of_complex = complex_users(numbers);
        checks.equal("quick users completed", numbers.users - of_complex, quick_ones.count,
                     "a quick user was rejected or did not finish");
        checks.equal("complex users completed", of_complex, complex_ones.count,
                     "a complex user was rejected or did not finish");
    }
    checks.below_floor("mean response time of quick users", 200 + queued_ms + numbers.allowance_ms,
                       quick_ones.mean_ms, "ms",
                       "complex users hold up the quick ones: something blocks a thread");
    if (numbers.judges_speed && quick_ones.count > 0) {
        checks.below("median response time of quick users", 50 + queued_ms + 75, quick_ones.p50_ms,
                     "ms", "complex users hold up the quick ones: something blocks a thread");
    }
}

}  // namespace

scenario mixed_workload_patterns() {
    return {"mixed_workload_patterns", "15 quick users and 5 complex ones", prepare, play, judge};
}

}  // namespace admit::load
