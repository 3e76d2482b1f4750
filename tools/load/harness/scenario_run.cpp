// SPDX-License-Identifier: BSL-1.0
#include "load/harness/scenario_run.hpp"

#include <fmt/format.h>

#include <admit/async.hpp>
#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <thread>
#include <utility>

#include "load/file/scenario_file.hpp"

namespace admit::load {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds stall_length{333};

/// The index in `reason_names`.
std::size_t reason_number(const boost::system::error_code& error) {
    const auto number = static_cast<std::size_t>(error.value());
    const bool known =
        error.category() == error_category() && number >= 1 && number < reason_names.size();
    return known ? number - 1 : reason_names.size() - 1;
}

std::uint64_t nanoseconds(steady::duration length) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(length).count());
}

}  // namespace

scenario_run::scenario_run(const plan& numbers, subject& tested, asio::io_context& context,
                           collector& samples, outside_count& outside, checklist& checks,
                           const std::vector<std::string>& names)
    : numbers_(numbers),
      subject_(tested),
      engine_(tested.engine()),
      context_(context),
      samples_(samples),
      outside_(outside),
      checks_(checks),
      names_(names),
      injector_(numbers.planted) {
    if (!numbers.file->by_key) return;
    keys_.reserve(names_.size());
    for (const std::string& name : names_) keys_.push_back(engine_.key(name));
}

bool scenario_run::by_key(const worker_record& record) const noexcept {
    return !keys_.empty() && record.attempts.get() % 2 == 0;
}

boost::system::result<held_permit> scenario_run::request(std::size_t user,
                                                         const start_options& how) {
    worker_record& record = samples_.here();
    record.attempts.add();
    const admit_options options{.max_per_user = how.max_per_user};
    const user_key* key = by_key(record) ? &keys_[user] : nullptr;
    auto admission = subject_.try_admit(names_[user], key, options);
    if (numbers_.planted == fault::none) return admission;
    return injector_.alter(std::move(admission), names_[user]);
}

boost::system::result<watched_permit> scenario_run::start(std::size_t user, std::uint32_t kind) {
    return start(user, start_options{.kind = kind});
}

boost::system::result<watched_permit> scenario_run::start(std::size_t user,
                                                          const start_options& how) {
    const steady::time_point asked = steady::now();
    const possible_count::instant began = note_attempt();
    auto answer = request(user, how);
    if (!answer) note_rejection(answer.error(), began);
    return note(std::move(answer), user, how, asked);
}

possible_count::instant scenario_run::note_attempt() noexcept {
    return numbers_.from_file ? possible_.attempt() : 0;
}

void scenario_run::note_over() noexcept {
    if (numbers_.from_file) possible_.over();
}

void scenario_run::note_rejection(const boost::system::error_code& reason,
                                  possible_count::instant began) {
    worker_record& record = samples_.here();
    if (reason == asio::error::operation_aborted) {
        record.given_up.add();
    } else {
        record.failed[reason_number(reason)].add();
    }
    if (!numbers_.from_file) return;
    if (reason == errc::global_limit && possible_.had_room(began, numbers_.limits.max_concurrent))
        record.false_rejections.add();
    possible_.over();
}

boost::system::result<watched_permit> scenario_run::note(boost::system::result<held_permit> answer,
                                                         std::size_t user, const start_options& how,
                                                         steady::time_point asked) {
    if (!answer) return answer.error();
    outside_.started(user);
    samples_.here().successful.add();
    return watched_permit(*this, std::move(*answer), user, how, asked);
}

asio::awaitable<boost::system::result<watched_permit>> scenario_run::admission(std::size_t user,
                                                                               start_options how) {
    if (how.wait.count() <= 0) co_return start(user, how);
    const steady::time_point asked = steady::now();
    samples_.here().attempts.add();
    const possible_count::instant began = note_attempt();
    auto asking = numbers_.planted == fault::none ? wait_in_queue(user, how)
                                                  : wait_in_queue_with_faults(user, how);
    auto answer = co_await std::move(asking);
    if (answer) {
        samples_.here().waits.add();
        samples_.record(
            {nanoseconds(steady::now() - asked), static_cast<std::uint32_t>(user), queue_wait});
    } else {
        note_rejection(answer.error(), began);
    }
    co_return note(std::move(answer), user, how, asked);
}

asio::awaitable<boost::system::result<held_permit>> scenario_run::wait_in_queue(std::size_t user,
                                                                                start_options how) {
    const wait_options options{
        .wait_at_most = how.wait, .max_per_user = how.max_per_user, .priority = how.priority};
    const auto giving_up = std::make_shared<asio::cancellation_signal>();
    std::optional<asio::steady_timer> patience;
    if (how.give_up_after) {
        const auto strand = co_await asio::this_coro::executor;
        patience.emplace(strand, *how.give_up_after);
        patience->async_wait([giving_up](const boost::system::error_code& stopped) {
            if (!stopped) giving_up->emit(asio::cancellation_type::total);
        });
    }
    boost::system::error_code error;
    auto token = asio::bind_cancellation_slot(giving_up->slot(),
                                              asio::redirect_error(asio::use_awaitable, error));
    auto asking = by_key(samples_.here()) ? async_admit(engine_, keys_[user], options, token)
                                          : async_admit(engine_, names_[user], options, token);
    permit held = co_await std::move(asking);
    if (error) co_return error;
    co_return held_permit(std::move(held));
}

/// `wait_in_queue` with injected faults. They only affect users that find no free slot.
asio::awaitable<boost::system::result<held_permit>> scenario_run::wait_in_queue_with_faults(
    std::size_t user, start_options how) {
    const bool full = engine_.retry_after(names_[user]).count() > 0;
    if (auto early = injector_.admit_early(engine_, names_[user]))
        co_return held_permit(std::move(*early));
    auto asking = wait_in_queue(user, how);
    auto answer = co_await std::move(asking);
    if (full && injector_.loses_waiter()) {
        auto forever = never_->wait();
        co_await std::move(forever);
    }
    if (full && injector_.requeues_waiter()) {
        std::get<permit>(*answer).end();
        auto again = wait_in_queue(user, how);
        auto later = co_await std::move(again);
        answer = std::move(later);
    }
    co_return injector_.alter(std::move(answer), names_[user]);
}

bool scenario_run::settled(std::uint64_t attempts) const noexcept {
    const start_counts now = samples_.starts();
    const std::uint64_t answered = now.successful + now.failed() + now.given_up;
    return now.attempts == attempts && answered + engine_.stats().waiting == attempts;
}

asio::awaitable<void> scenario_run::until_settled(std::uint64_t attempts) {
    while (!settled(attempts)) {
        auto others = yield();
        co_await std::move(others);
    }
}

void scenario_run::expect_waiting(std::size_t waiters, std::string_view when) {
    checks_.equal(
        fmt::format("waiting {}", when), waiters, engine_.stats().waiting,
        "fewer: admitted although no slot was free, or dropped from the queue; more: left "
        "waiting although a slot was free");
}

void scenario_run::finish(watched_permit& held, bool calls_only) {
    held.leave_outside_count();  // before the end, so that the count is a lower bound
    held.run_ = nullptr;
    const steady::time_point ending = steady::now();
    const bool completed = injector_.end(held.permit_);
    const steady::time_point ended = steady::now();
    note_over();
    if (!completed) {  // ended by expiry
        samples_.here().expired.add();
        return;
    }
    samples_.here().completed.add();
    if (injector_.drops_sample()) return;
    const auto response =
        calls_only ? (held.admitted_ - held.asked_) + (ended - ending) : ended - held.planned_;
    samples_.record({nanoseconds(response), held.user_, held.kind_});
    if (held.planned_ != held.asked_)
        samples_.record({nanoseconds(ended - held.asked_), held.user_, service_time});
}

asio::awaitable<void> scenario_run::sleep(admit::duration length) {
    if (injector_.user_gets_stuck()) {
        auto forever = never_->wait();
        co_await std::move(forever);
    }
    if (injector_.stalls_thread()) std::this_thread::sleep_for(stall_length);
    if (length.count() == 0) {
        auto others = yield();
        co_await std::move(others);
        co_return;
    }
    asio::steady_timer timer(context_, injector_.slowed(length));
    auto over = timer.async_wait(asio::use_awaitable);
    co_await std::move(over);
}

asio::awaitable<void> scenario_run::yield() {
    auto later = asio::post(context_, asio::use_awaitable);
    co_await std::move(later);
}

void scenario_run::spawn(asio::awaitable<void> user, latch& finished, bool on_strand) {
    const auto done = [this, &finished](std::exception_ptr exception) {
        if (exception) failed(exception);
        finished.arrive();
    };
    if (on_strand) {
        asio::co_spawn(asio::make_strand(context_), std::move(user), done);
    } else {
        asio::co_spawn(context_, std::move(user), done);
    }
}

void scenario_run::note_arrival(admit::duration delay, bool late) {
    worker_record& record = samples_.here();
    record.arrivals.add();
    if (late) record.late_arrivals.add();
    record.longest_delay = std::max(record.longest_delay, delay);
}

void scenario_run::destroy_waiters() noexcept {
    latches_.clear();
    never_.reset();
}

void scenario_run::failed(std::exception_ptr exception) noexcept {
    const bool first = exceptions_.fetch_add(1) == 0;
    context_.stop();
    if (!first) return;
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& error) {
        first_exception_ = error.what();
    } catch (...) {
        first_exception_ = "not a std::exception";
    }
}

}  // namespace admit::load
