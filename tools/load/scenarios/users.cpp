#include "load/scenarios/users.hpp"

#include <fmt/format.h>

#include <utility>

namespace admit::load {

namespace asio = boost::asio;

crowd new_crowd(stage& run, std::size_t users) {
    latch& asked = run.new_latch(users);
    return {asked, run.new_latch(1)};
}

asio::awaitable<void> talk_when_all_asked(stage& run, std::size_t user, workload what,
                                          crowd others) {
    auto asking = run.admission(user, what.kind);
    auto admission = co_await std::move(asking);
    others.asked.arrive();
    if (!admission) co_return;
    auto begin = others.may_work.wait();
    co_await std::move(begin);
    auto working = run.work(*admission, what.step, what.steps);
    co_await std::move(working);
    admission->end();
}

asio::awaitable<void> let_work_when_all_asked(stage& run, crowd users, std::uint64_t attempts) {
    if (run.waits()) {
        // Who waits cannot arrive anywhere.
        auto queued = until_settled(run, attempts);
        co_await std::move(queued);
        const plan& numbers = run.numbers();
        expect_waiting(run, numbers.users - admitted_at_once(numbers), "when all have asked");
    } else {
        auto asked = users.asked.wait();
        co_await std::move(asked);
    }
    users.may_work.arrive();
}

asio::awaitable<void> until_settled(stage& run, std::uint64_t attempts) {
    while (!run.settled(attempts)) {
        auto others = run.yield();
        co_await std::move(others);
    }
}

void expect_waiting(stage& run, std::size_t waiters, std::string_view when) {
    run.checks().equal(fmt::format("waiting {}", when), waiters, run.engine().stats().waiting,
                       "fewer: admitted although there was no room, or dropped from the queue; "
                       "more: left waiting although there was room");
}

void judge_waits(const plan& numbers, const metrics& seen, admit::duration conversation,
                 checklist& checks) {
    if (!seen.queue_wait) return;
    const double least = milliseconds(mean_wait(numbers, conversation));
    if (least > 0) {
        checks.above("mean queue wait", least, seen.queue_wait->mean_ms, "ms",
                     "users were let in before the slots of others were free");
    }
    if (numbers.judges_speed) {
        checks.below("mean queue wait, own threshold", least + 150, seen.queue_wait->mean_ms, "ms",
                     "a slot that is given back is not handed over at once");
    }
}

asio::awaitable<void> hold_until_told(stage& run, std::size_t user, meeting latches) {
    auto asking = run.admission(user);
    auto admission = co_await std::move(asking);
    latches.asked.arrive();
    auto leaving = latches.leave.wait();
    co_await std::move(leaving);
    if (admission) admission->end();
    latches.left.arrive();
}

std::string outcome(const boost::system::result<watched_permit>& admission) {
    return admission ? "admitted" : admission.error().message();
}

}  // namespace admit::load
