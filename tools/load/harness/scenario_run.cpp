// SPDX-License-Identifier: BSL-1.0
#include "load/harness/scenario_run.hpp"

#include <admit/async.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace admit::load {

namespace asio = boost::asio;

namespace {

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

watched_permit::watched_permit(scenario_run& owner, permit held, std::size_t user,
                               std::uint32_t kind, steady::time_point asked) noexcept
    : run_(&owner),
      permit_(std::move(held)),
      user_(static_cast<std::uint32_t>(user)),
      kind_(kind),
      asked_(asked),
      admitted_(steady::now()) {}

watched_permit::watched_permit(watched_permit&& other) noexcept
    : run_(std::exchange(other.run_, nullptr)),
      permit_(std::move(other.permit_)),
      user_(other.user_),
      kind_(other.kind_),
      asked_(other.asked_),
      admitted_(other.admitted_) {}

watched_permit::~watched_permit() {
    if (run_ == nullptr) return;
    // A stopped context destroys its coroutines in a thread that is no worker and has no record.
    run_->abandoned_.fetch_add(1);
    run_->outside_.ending(user_);
}

void watched_permit::touch() {
    if (!permit_.touch()) run_->samples_.here().failed_touches.add();
}

void watched_permit::end() { run_->finish(*this, false); }

void watched_permit::end_timing_calls() { run_->finish(*this, true); }

scenario_run::scenario_run(const plan& numbers, admit::engine& engine, asio::io_context& context,
                           collector& samples, outside_count& outside, checklist& checks,
                           const std::vector<std::string>& names)
    : numbers_(numbers),
      engine_(engine),
      context_(context),
      samples_(samples),
      outside_(outside),
      checks_(checks),
      names_(names),
      injector_(numbers.planted) {}

void scenario_run::use_keys() {
    keys_.reserve(names_.size());
    for (const std::string& name : names_) keys_.push_back(engine_.key(name));
}

bool scenario_run::by_key(const worker_record& record) const noexcept {
    return !keys_.empty() && record.attempts.get() % 2 == 0;
}

boost::system::result<permit> scenario_run::request(std::size_t user) {
    worker_record& record = samples_.here();
    record.attempts.add();
    auto admission = by_key(record) ? engine_.try_admit(keys_[user])
                                    : engine_.try_admit(std::string_view(names_[user]));
    if (numbers_.planted == fault::none) return admission;
    return injector_.alter(std::move(admission), names_[user]);
}

boost::system::result<watched_permit> scenario_run::start(std::size_t user, std::uint32_t kind) {
    const steady::time_point asked = steady::now();
    return note(request(user), user, kind, asked);
}

boost::system::result<watched_permit> scenario_run::note(boost::system::result<permit> answer,
                                                         std::size_t user, std::uint32_t kind,
                                                         steady::time_point asked) {
    if (!answer) {
        samples_.here().failed[reason_number(answer.error())].add();
        return answer.error();
    }
    outside_.started(user);
    samples_.here().successful.add();
    return watched_permit(*this, std::move(*answer), user, kind, asked);
}

asio::awaitable<boost::system::result<watched_permit>> scenario_run::admission(std::size_t user,
                                                                               std::uint32_t kind) {
    if (!waits()) co_return start(user, kind);
    const steady::time_point asked = steady::now();
    samples_.here().attempts.add();
    auto asking =
        numbers_.planted == fault::none ? wait_in_queue(user) : wait_in_queue_with_faults(user);
    auto answer = co_await std::move(asking);
    if (answer) {
        samples_.here().waits.add();
        samples_.record(
            {nanoseconds(steady::now() - asked), static_cast<std::uint32_t>(user), queue_wait});
    }
    co_return note(std::move(answer), user, kind, asked);
}

asio::awaitable<boost::system::result<permit>> scenario_run::wait_in_queue(std::size_t user) {
    const wait_options options{.wait_at_most = numbers_.wait};
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    auto asking = by_key(samples_.here()) ? async_admit(engine_, keys_[user], options, token)
                                          : async_admit(engine_, names_[user], options, token);
    permit held = co_await std::move(asking);
    if (error) co_return error;
    co_return std::move(held);
}

/// `wait_in_queue` with injected faults. They only affect users that find no free slot.
asio::awaitable<boost::system::result<permit>> scenario_run::wait_in_queue_with_faults(
    std::size_t user) {
    const bool full = engine_.retry_after(names_[user]).count() > 0;
    if (auto early = injector_.admit_early(engine_, names_[user])) co_return std::move(*early);
    auto asking = wait_in_queue(user);
    auto answer = co_await std::move(asking);
    if (full && injector_.loses_waiter()) {
        auto forever = never_->wait();
        co_await std::move(forever);
    }
    if (full && injector_.requeues_waiter()) {
        answer->end();
        auto again = wait_in_queue(user);
        auto later = co_await std::move(again);
        answer = std::move(later);
    }
    co_return injector_.alter(std::move(answer), names_[user]);
}

bool scenario_run::settled(std::uint64_t attempts) const noexcept {
    const start_counts now = samples_.starts();
    const std::uint64_t waiting = engine_.stats().waiting;
    return now.attempts == attempts && now.successful + now.failed() + waiting == attempts;
}

void scenario_run::finish(watched_permit& held, bool calls_only) {
    held.run_ = nullptr;
    outside_.ending(held.user_);  // before the end, so that the count is a lower bound
    const steady::time_point ending = steady::now();
    if (!injector_.end(held.permit_)) return;  // ended by expiry or a drain: no completion
    const steady::time_point ended = steady::now();
    samples_.here().completed.add();
    if (injector_.drops_sample()) return;
    const auto response =
        calls_only ? (held.admitted_ - held.asked_) + (ended - ending) : ended - held.asked_;
    samples_.record({nanoseconds(response), held.user_, held.kind_});
}

asio::awaitable<void> scenario_run::sleep(admit::duration length) {
    if (injector_.user_gets_stuck()) {
        auto forever = never_->wait();
        co_await std::move(forever);
    }
    asio::steady_timer timer(context_, injector_.slowed(length));
    auto over = timer.async_wait(asio::use_awaitable);
    co_await std::move(over);
}

asio::awaitable<void> scenario_run::work(watched_permit& held, admit::duration step, int steps) {
    for (int done = 0; done < steps; ++done) {
        auto sleeping = sleep(step);
        co_await std::move(sleeping);
        held.touch();
    }
}

asio::awaitable<void> scenario_run::yield() {
    auto later = asio::post(context_, asio::use_awaitable);
    co_await std::move(later);
}

void scenario_run::spawn(asio::awaitable<void> user, latch& finished) {
    asio::co_spawn(context_, std::move(user), [this, &finished](std::exception_ptr exception) {
        if (exception) failed(exception);
        finished.arrive();
    });
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
