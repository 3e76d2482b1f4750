#include "load/million/crowd.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <admit/async.hpp>
#include <algorithm>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "load/allocator.hpp"
#include "load/harness/memory.hpp"
#include "load/million/sleeping.hpp"

namespace admit::load::million {

namespace asio = boost::asio;

namespace {

using std::chrono::nanoseconds;

/// So many arrive before those who have arrived run: memory is used again at once, as in a bot.
constexpr std::size_t arrive_together = 64;

/// How long the last who arrived has to lie down before memory is read.
constexpr std::chrono::milliseconds settling{20};

/// Looking costs processor time, and the users note themselves when they come and go.
constexpr std::chrono::milliseconds between_looks{10};

/// Written by one thread, read by others.
class tally {
public:
    void add() noexcept { count_.store(get() + 1, std::memory_order_relaxed); }
    std::size_t get() const noexcept { return count_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::size_t> count_{0};
};

/// What all users know.
struct town {
    explicit town(const crowd_plan& what) : plan(what), names(what.users) {
        for (std::size_t user = 0; user < plan.users; ++user)
            names[user] = fmt::format("@user{:07}:example.org", user);
    }

    duration wait_at_most() const {
        return plan.wait_at_most == without_limit ? forever : nanoseconds{plan.wait_at_most};
    }
    steady::duration step() const { return nanoseconds{plan.step}; }

    /// When a user who waits would be admitted if nothing took any time beside the steps.
    steady::time_point turn_of(std::size_t user) const {
        const std::size_t round = user / plan.max_concurrent;
        return opening + static_cast<nanoseconds::rep>(round * plan.steps) * step();
    }

    const crowd_plan& plan;
    std::vector<std::string> names;
    std::optional<admit::engine> engine;
    steady::time_point opening;
};

/// A context with the thread that runs it, and its share of the users.
class alignas(64) district {
public:
    district(town& of, std::size_t number) : town_(of), number_(number) {
        const std::size_t all = town_.plan.users;
        share_ = all / town_.plan.threads + (number < all % town_.plan.threads ? 1 : 0);
    }

    void begin() {
        asio::post(context_, [this] { let_arrive(number_); });
        thread_ = std::thread([this] { context_.run(); });
    }
    void stop() { context_.stop(); }
    void join() { thread_.join(); }

    std::size_t arrived() const noexcept { return arrived_.get(); }
    std::size_t left() const noexcept { return left_.get(); }
    bool failed() const noexcept { return failed_.load(); }
    void rethrow() const { std::rethrow_exception(why_); }

    // After the thread was joined.
    steady::time_point last_arrival() const noexcept { return last_arrival_; }
    steady::time_point last_departure() const noexcept { return last_departure_; }

    // For the users.
    const town& around() const noexcept { return town_; }
    admit::engine& engine() noexcept { return *town_.engine; }
    template <class Sleeper>
    Sleeper sleeper() {
        return Sleeper{context_, wheel_};
    }
    void arrives() {
        arrived_.add();
        if (arrived_.get() == share_) last_arrival_ = steady::now();
    }
    void leaves() {
        left_.add();
        if (left_.get() == share_) last_departure_ = steady::now();
    }

private:
    void let_arrive(std::size_t user);
    void spawn(std::size_t user);

    town& town_;
    std::size_t number_;
    std::size_t share_ = 0;
    asio::io_context context_{1};
    wheel_clock wheel_{context_};
    tally arrived_;
    tally left_;
    std::atomic<bool> failed_{false};
    std::exception_ptr why_;
    steady::time_point last_arrival_;
    steady::time_point last_departure_;
    std::thread thread_;
};

/// A user who only sleeps: until its turn, and once for each step.
template <class Sleeper>
asio::awaitable<void> sleep_only(district& here, std::size_t user) {
    auto sleeper = here.sleeper<Sleeper>();
    here.arrives();
    auto turn = sleeper.until(here.around().turn_of(user));
    co_await std::move(turn);
    for (std::size_t step = 0; step < here.around().plan.steps; ++step) {
        auto pause = sleeper.until(steady::now() + here.around().step());
        co_await std::move(pause);
    }
    here.leaves();
}

/// `async_admit`, deferred, would copy the name in case it is gone when the wait begins. These
/// names stay, and are looked up then.
struct ask {
    district& here;
    std::size_t user;

    template <class Handler>
    void operator()(Handler&& handler) const {
        const town& around = here.around();
        async_admit(here.engine(), around.names[user], {.wait_at_most = around.wait_at_most()},
                    std::forward<Handler>(handler));
    }
};

auto wait_for_permit(district& here, std::size_t user) {
    return asio::async_initiate<const asio::deferred_t&,
                                void(boost::system::error_code, admit::permit)>(ask{here, user},
                                                                                asio::deferred);
}

/// A user who was admitted at once sleeps until the opening; one who waits is woken after it.
template <class Sleeper, bool waits>
asio::awaitable<void> converse(district& here, std::size_t user, admit::permit permit) {
    auto sleeper = here.sleeper<Sleeper>();
    here.arrives();
    if constexpr (waits) {
        auto asking = wait_for_permit(here, user);
        permit = co_await std::move(asking);
    } else {
        auto opening = sleeper.until(here.around().opening);
        co_await std::move(opening);
    }
    for (std::size_t step = 0; step < here.around().plan.steps; ++step) {
        auto pause = sleeper.until(steady::now() + here.around().step());
        co_await std::move(pause);
        permit.touch();
    }
    permit.end();
    here.leaves();
}

/// Tries first, then waits: so the coroutine of a user who need not wait has no room for a wait.
template <class Sleeper>
asio::awaitable<void> user_with(district& here, std::size_t user) {
    if (!here.around().plan.admitted) return sleep_only<Sleeper>(here, user);
    if (auto permit = here.engine().try_admit(here.around().names[user]))
        return converse<Sleeper, false>(here, user, std::move(*permit));
    return converse<Sleeper, true>(here, user, {});
}

asio::awaitable<void> user_of(district& here, std::size_t user) {
    return here.around().plan.timers == timers::heap ? user_with<heap_sleeper>(here, user)
                                                     : user_with<wheel_sleeper>(here, user);
}

void district::let_arrive(std::size_t user) {
    const std::size_t together = arrive_together * town_.plan.threads;
    const std::size_t end = std::min(town_.plan.users, user + together);
    for (; user < end; user += town_.plan.threads) spawn(user);
    if (user < town_.plan.users) asio::post(context_, [this, user] { let_arrive(user); });
}

void district::spawn(std::size_t user) {
    asio::co_spawn(context_, user_of(*this, user), [this](std::exception_ptr why) {
        if (!why || failed_.load()) return;
        why_ = why;
        failed_.store(true);
    });
}

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double seconds(steady::duration length) { return std::chrono::duration<double>(length).count(); }

class crowd {
public:
    explicit crowd(const crowd_plan& plan) : plan_(plan), town_(plan) {}

    crowd_result run() {
        result_.allocator = allocator_name();
        const double before = memory_.resident();
        if (plan_.admitted) open_engine();
        result_.engine_per_user = per_user(memory_.resident() - before);
        for (std::size_t number = 0; number < plan_.threads; ++number)
            districts_.emplace_back(town_, number);

        const double cpu_before = cpu_seconds();
        const steady::time_point start = steady::now();
        town_.opening = start + nanoseconds{plan_.opening};
        for (district& each : districts_) each.begin();
        await_all_present(before);
        await_end();
        if (!result_.all_alive) return result_;
        result_.cpu_s = cpu_seconds() - cpu_before;
        result_.arriving_s = seconds(latest(&district::last_arrival) - start);
        result_.leaving_s = seconds(latest(&district::last_departure) - town_.opening);
        if (plan_.admitted) check_engine();
        return result_;
    }

private:
    double per_user(double mib) const {
        return mib * 1024 * 1024 / static_cast<double>(plan_.users);
    }

    void open_engine() {
        limits allowed;
        allowed.max_concurrent = plan_.max_concurrent;
        allowed.max_per_user = plan_.max_per_user;
        if (plan_.users > plan_.max_concurrent)
            allowed.max_waiting = std::max(allowed.max_waiting, plan_.users);
        town_.engine.emplace(allowed);
    }

    std::size_t sum(std::size_t (district::*what)() const noexcept) const {
        std::size_t all = 0;
        for (const district& each : districts_) all += (each.*what)();
        return all;
    }

    steady::time_point latest(steady::time_point (district::*what)() const noexcept) const {
        steady::time_point last;
        for (const district& each : districts_) last = std::max(last, (each.*what)());
        return last;
    }

    bool failed() const {
        return std::any_of(districts_.begin(), districts_.end(),
                           [](const district& each) { return each.failed(); });
    }

    void await_all_present(double before) {
        while (sum(&district::arrived) < plan_.users && !failed() && steady::now() < town_.opening)
            std::this_thread::sleep_for(between_looks);
        std::this_thread::sleep_for(settling);
        result_.bytes_per_user = per_user(memory_.resident() - before);
        if (plan_.admitted) result_.waiting = town_.engine->stats().waiting;
        result_.arrived = sum(&district::arrived);
        result_.all_alive = result_.arrived == plan_.users && steady::now() < town_.opening;
    }

    /// Or what is left of a crowd that came too late, or of which somebody failed.
    void await_end() {
        while (sum(&district::left) < plan_.users && !failed() && result_.all_alive)
            std::this_thread::sleep_for(between_looks);
        if (failed() || !result_.all_alive) {
            for (district& each : districts_) each.stop();
        }
        for (district& each : districts_) each.join();
        for (const district& each : districts_)
            if (each.failed()) each.rethrow();
    }

    void check_engine() const {
        const auto stats = town_.engine->stats();
        if (stats.admitted != plan_.users || stats.ended.completed != plan_.users ||
            stats.active != 0 || stats.waiting != 0) {
            throw std::runtime_error(fmt::format(
                "of {} users {} were admitted and {} completed; {} are active and {} wait",
                plan_.users, stats.admitted, stats.ended.completed, stats.active, stats.waiting));
        }
    }

    const crowd_plan& plan_;
    town town_;
    memory_probe memory_;
    std::deque<district> districts_;
    crowd_result result_;
};

}  // namespace

crowd_result run_crowd(const crowd_plan& plan) { return crowd{plan}.run(); }

}  // namespace admit::load::million
