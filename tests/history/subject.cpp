// SPDX-License-Identifier: BSL-1.0
#include "history/subject.hpp"

#include <admit/async.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
#include <thread>

#include "support/engines.hpp"
#include "support/stress.hpp"

namespace history {

namespace {

/// Yields the processor now and then. An admission reads the clock between taking its slot and
/// beginning its conversation, where a switch of threads is most revealing.
admit::time_point now_after_a_yield() noexcept {
    thread_local support::rng random{std::hash<std::thread::id>{}(std::this_thread::get_id())};
    if (random.below(8) == 0) std::this_thread::yield();
    return admit::time_point{};
}

constexpr admit::time_source yielding_clock{.now = &now_after_a_yield,
                                            .resolution = admit::duration::zero()};

}  // namespace

subject::subject(limits first, std::size_t kept)
    : kept_{kept},
      engine_{with_kept(first), yielding_clock},
      held_{support::admit_strangers(engine_, kept)} {}

answer subject::admit(const std::string& user) {
    auto permit = engine_.try_admit(user);
    if (!permit) return {.reason = static_cast<admit::errc>(permit.error().value()), .id = {}};
    return {.reason = {}, .id = permit->detach()};
}

void subject::wait(const std::string& user, admit::duration at_most, const continuation& then) {
    namespace asio = boost::asio;
    const auto answered = [go_on = then.handler](boost::system::error_code error,
                                                 admit::permit granted) {
        if (granted) return go_on({.reason = {}, .id = granted.detach()});
        const bool cancelled = error == asio::error::operation_aborted;
        go_on({.reason = cancelled ? aborted : static_cast<admit::errc>(error.value()), .id = {}});
    };
    admit::async_admit(
        engine_, user, {.wait_at_most = at_most},
        asio::bind_executor(then.executor, asio::bind_cancellation_slot(then.slot, answered)));
}

admit::limits subject::with_kept(limits wanted) const {
    admit::limits all = support::counts(kept_ + wanted.concurrent, wanted.per_user);
    all.max_waiting = wanted.waiting;
    all.max_waiting_per_user = wanted.waiting_per_user;
    return all;
}

}  // namespace history
