#include "load/scenarios/users.hpp"

#include <utility>

namespace admit::load {

namespace asio = boost::asio;

asio::awaitable<void> talk_when_all_asked(stage& run, std::size_t user, workload what,
                                          latch& all_asked) {
    auto admission = run.start(user, what.kind);
    all_asked.arrive();
    if (!admission) co_return;
    auto others = all_asked.wait();
    co_await std::move(others);
    auto working = run.work(*admission, what.step, what.steps);
    co_await std::move(working);
    admission->end();
}

asio::awaitable<void> hold_until_told(stage& run, std::size_t user, meeting latches) {
    auto admission = run.start(user);
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
