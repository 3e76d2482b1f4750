#include "load/harness/stage.hpp"

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

/// The place in `reason_names`.
std::size_t reason_number(const boost::system::error_code& why) {
    const auto number = static_cast<std::size_t>(why.value());
    const bool known =
        why.category() == error_category() && number >= 1 && number < reason_names.size();
    return known ? number - 1 : reason_names.size() - 1;
}

std::uint64_t nanoseconds(steady::duration length) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(length).count());
}

}  // namespace

watched_permit::watched_permit(stage& owner, permit held, std::size_t user, std::uint32_t kind,
                               steady::time_point asked) noexcept
    : stage_(&owner),
      permit_(std::move(held)),
      user_(static_cast<std::uint32_t>(user)),
      kind_(kind),
      asked_(asked),
      admitted_(steady::now()) {}

watched_permit::watched_permit(watched_permit&& other) noexcept
    : stage_(std::exchange(other.stage_, nullptr)),
      permit_(std::move(other.permit_)),
      user_(other.user_),
      kind_(other.kind_),
      asked_(other.asked_),
      admitted_(other.admitted_) {}

watched_permit::~watched_permit() {
    if (stage_ == nullptr) return;
    // Possibly in a thread that is no worker: a context that was stopped destroys its coroutines.
    stage_->abandoned_.fetch_add(1);
    stage_->outside_.ending(user_);
}

void watched_permit::touch() {
    if (!permit_.touch()) stage_->samples_.here().failed_touches.add();
}

void watched_permit::end() { stage_->finish(*this, false); }

void watched_permit::end_timing_calls() { stage_->finish(*this, true); }

stage::stage(const plan& numbers, admit::engine& engine, asio::io_context& context,
             collector& samples, outside_count& outside, checklist& checks,
             const std::vector<std::string>& names)
    : numbers_(numbers),
      engine_(engine),
      context_(context),
      samples_(samples),
      outside_(outside),
      checks_(checks),
      names_(names),
      saboteur_(numbers.planted) {}

void stage::use_keys() {
    keys_.reserve(names_.size());
    for (const std::string& name : names_) keys_.push_back(engine_.key(name));
}

bool stage::by_key(const worker_lane& lane) const noexcept {
    return !keys_.empty() && lane.attempts.get() % 2 == 0;
}

boost::system::result<permit> stage::ask(std::size_t user) {
    worker_lane& lane = samples_.here();
    lane.attempts.add();
    auto admission = by_key(lane) ? engine_.try_admit(keys_[user])
                                  : engine_.try_admit(std::string_view(names_[user]));
    if (numbers_.planted == fault::none) return admission;
    return saboteur_.tamper(std::move(admission), names_[user]);
}

boost::system::result<watched_permit> stage::start(std::size_t user, std::uint32_t kind) {
    const steady::time_point asked = steady::now();
    return note(ask(user), user, kind, asked);
}

boost::system::result<watched_permit> stage::note(boost::system::result<permit> answer,
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

asio::awaitable<boost::system::result<watched_permit>> stage::admission(std::size_t user,
                                                                        std::uint32_t kind) {
    if (!waits()) co_return start(user, kind);
    const steady::time_point asked = steady::now();
    samples_.here().attempts.add();
    auto asking = numbers_.planted == fault::none ? queue_up(user) : queue_up_with_faults(user);
    auto answer = co_await std::move(asking);
    if (answer) {
        samples_.here().waits.add();
        samples_.record(
            {nanoseconds(steady::now() - asked), static_cast<std::uint32_t>(user), queue_wait});
    }
    co_return note(std::move(answer), user, kind, asked);
}

asio::awaitable<boost::system::result<permit>> stage::queue_up(std::size_t user) {
    const wait_options options{.wait_at_most = numbers_.wait};
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    auto asking = by_key(samples_.here()) ? async_admit(engine_, keys_[user], options, token)
                                          : async_admit(engine_, names_[user], options, token);
    permit held = co_await std::move(asking);
    if (error) co_return error;
    co_return std::move(held);
}

/// `queue_up` with the faults that tests plant. What they are about is whoever finds no room.
asio::awaitable<boost::system::result<permit>> stage::queue_up_with_faults(std::size_t user) {
    const bool full = engine_.retry_after(names_[user]).count() > 0;
    if (auto let_in = saboteur_.let_in(engine_, names_[user])) co_return std::move(*let_in);
    auto asking = queue_up(user);
    auto answer = co_await std::move(asking);
    if (full && saboteur_.loses_waiter()) {
        auto forever = never_->wait();
        co_await std::move(forever);
    }
    if (full && saboteur_.sends_back()) {
        answer->end();
        auto again = queue_up(user);
        auto later = co_await std::move(again);
        answer = std::move(later);
    }
    co_return saboteur_.tamper(std::move(answer), names_[user]);
}

bool stage::settled(std::uint64_t attempts) const noexcept {
    const start_counts now = samples_.starts();
    const std::uint64_t waiting = engine_.stats().waiting;
    return now.attempts == attempts && now.successful + now.failed() + waiting == attempts;
}

void stage::finish(watched_permit& held, bool calls_only) {
    held.stage_ = nullptr;
    outside_.ending(held.user_);  // before the end: the count stays a lower bound
    const steady::time_point ending = steady::now();
    if (!saboteur_.end(held.permit_)) return;  // ended by somebody else: no completion
    const steady::time_point ended = steady::now();
    samples_.here().completed.add();
    if (saboteur_.swallows_sample()) return;
    const auto response =
        calls_only ? (held.admitted_ - held.asked_) + (ended - ending) : ended - held.asked_;
    samples_.record({nanoseconds(response), held.user_, held.kind_});
}

asio::awaitable<void> stage::rest(admit::duration length) {
    if (saboteur_.user_gets_stuck()) {
        auto forever = never_->wait();
        co_await std::move(forever);
    }
    asio::steady_timer timer(context_, saboteur_.slowed(length));
    auto over = timer.async_wait(asio::use_awaitable);
    co_await std::move(over);
}

asio::awaitable<void> stage::work(watched_permit& held, admit::duration step, int steps) {
    for (int done = 0; done < steps; ++done) {
        auto resting = rest(step);
        co_await std::move(resting);
        held.touch();
    }
}

asio::awaitable<void> stage::yield() {
    auto later = asio::post(context_, asio::use_awaitable);
    co_await std::move(later);
}

void stage::spawn(asio::awaitable<void> user, latch& finished) {
    asio::co_spawn(context_, std::move(user), [this, &finished](std::exception_ptr why) {
        if (why) failed(why);
        finished.arrive();
    });
}

void stage::drop_waiters() noexcept {
    latches_.clear();
    never_.reset();
}

void stage::failed(std::exception_ptr why) noexcept {
    const bool first = exceptions_.fetch_add(1) == 0;
    context_.stop();
    if (!first) return;
    try {
        std::rethrow_exception(why);
    } catch (const std::exception& error) {
        first_exception_ = error.what();
    } catch (...) {
        first_exception_ = "not a std::exception";
    }
}

}  // namespace admit::load
