// SPDX-License-Identifier: BSL-1.0
#include "load/scenarios/users.hpp"

#include <fmt/format.h>

#include <utility>

namespace admit::load {

namespace asio = boost::asio;

simultaneous_start new_simultaneous_start(scenario_run& run, std::size_t users) {
    latch& requested = run.new_latch(users);
    return {requested, run.new_latch(1)};
}

asio::awaitable<void> converse_after_all_requested(scenario_run& run, std::size_t user,
                                                   workload work, simultaneous_start others) {
    auto asking = run.admission(user, work.kind);
    auto admission = co_await std::move(asking);
    others.requested.arrive();
    if (!admission) co_return;
    auto begin = others.may_work.wait();
    co_await std::move(begin);
    auto working = run.work(*admission, work.step, work.steps);
    co_await std::move(working);
    admission->end();
}

asio::awaitable<void> release_after_all_requested(scenario_run& run, simultaneous_start users,
                                                  std::uint64_t attempts) {
    if (run.waits()) {
        // A waiting user cannot arrive at a latch.
        auto queued = until_settled(run, attempts);
        co_await std::move(queued);
        const plan& numbers = run.numbers();
        expect_waiting(run, numbers.users - admitted_at_once(numbers), "when all have asked");
    } else {
        auto requested = users.requested.wait();
        co_await std::move(requested);
    }
    users.may_work.arrive();
}

asio::awaitable<void> until_settled(scenario_run& run, std::uint64_t attempts) {
    while (!run.settled(attempts)) {
        auto others = run.yield();
        co_await std::move(others);
    }
}

void expect_waiting(scenario_run& run, std::size_t waiters, std::string_view when) {
    run.checks().equal(fmt::format("waiting {}", when), waiters, run.engine().stats().waiting,
                       "fewer: admitted although no slot was free, or dropped from the queue; "
                       "more: left waiting although a slot was free");
}

void check_waits(const plan& numbers, const metrics& seen, admit::duration conversation,
                 checklist& checks) {
    if (!seen.queue_wait) return;
    const double ideal_ms = milliseconds(mean_wait(numbers, conversation));
    if (ideal_ms > 0) {
        checks.above("mean queue wait", ideal_ms, seen.queue_wait->mean_ms, "ms",
                     "users were admitted before the slots of others were free");
    }
    if (numbers.checks_speed) {
        checks.below("mean queue wait, own threshold", ideal_ms + 150, seen.queue_wait->mean_ms,
                     "ms", "a freed slot is not granted to a waiter at once");
    }
}

asio::awaitable<void> hold_until_released(scenario_run& run, std::size_t user,
                                          holder_latches latches) {
    auto asking = run.admission(user);
    auto admission = co_await std::move(asking);
    latches.requested.arrive();
    auto released = latches.may_end.wait();
    co_await std::move(released);
    if (admission) admission->end();
    latches.ended.arrive();
}

std::string outcome(const boost::system::result<watched_permit>& admission) {
    return admission ? "admitted" : admission.error().message();
}

}  // namespace admit::load
