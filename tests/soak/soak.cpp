// SPDX-License-Identifier: BSL-1.0
// soak SECONDS: runs all operations at once for so long, in rounds of two seconds. Waiters cancel,
// limits move, conversations expire, threads come and go, allocations fail. Between rounds the
// engines are idle, and all counts have to be right. One engine has no timeouts, so a count outside
// of it is exact and can judge the limits. The other engine expires idle conversations.
#include <admit/async.hpp>
#include <array>
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/allocations.hpp"
#include "support/engines.hpp"
#include "support/resident_memory.hpp"
#include "support/stress.hpp"

namespace {

using admit::permit;
using support::rng;
using namespace std::chrono_literals;

constexpr std::size_t largest = 600;  // several groups of slots
constexpr std::size_t users = 300;
constexpr auto round_length = 2s;
constexpr std::int64_t allowed_growth = 8 << 20;

std::atomic<std::uint64_t> mistakes{0};

void expect(bool holds, const char* expectation) {
    if (holds) return;
    if (++mistakes < 20) std::printf("WRONG: %s\n", expectation);
}

/// An engine, with counters outside of it.
class tested_engine {
public:
    explicit tested_engine(admit::duration timeout)
        : timeout_{timeout}, engine_{limits(largest, 3)} {}

    admit::engine& engine() { return engine_; }
    bool expires() const { return timeout_ != admit::never; }

    /// Counts after an admission and before an end, so the outside count is never too high.
    void admit(const std::string& user, std::deque<permit>& held) {
        const std::uint64_t moves = moves_;
        const std::size_t limit = limit_;
        auto answer = engine_.try_admit(user);
        if (!answer) return;
        const std::size_t active = hold(std::move(*answer), held);
        // An odd number of moves means that the limit is moving now.
        if (!expires() && moves % 2 == 0 && moves_ == moves)
            expect(active <= limit, "the active conversations never exceed the limit in force");
    }
    /// Stores the permit; returns the outside count of active conversations.
    std::size_t hold(permit begun, std::deque<permit>& held) {
        ++admitted_;
        held.push_back(std::move(begun));
        return ++active_;
    }
    void end(permit done, rng& random) {
        --active_;
        bool first = true;
        switch (random.below(4)) {
            case 0: first = engine_.end(done.id()); break;
            case 1: first = done.end(admit::status::error); break;
            case 2: forget(done); return;
            default: return destroy(std::move(done));
        }
        if (first) ++ended_;
        expect(first || expires(), "the first end of a conversation succeeds");
        expect(!done.end(), "the second end of a conversation fails");
    }

    void move_limits(rng& random) {
        const std::size_t next = 1 + random.below(random.below(2) == 0 ? 20 : largest);
        ++moves_;
        engine_.set_limits(limits(next, 1 + random.below(std::min<std::size_t>(next, 5))));
        limit_ = next;
        ++moves_;
    }
    void expire() { ended_ += engine_.expire(std::chrono::steady_clock::now()); }

    void observe() {
        const admit::stats stats = engine_.stats();
        expect(stats.active <= largest, "stats().active never exceeds the largest limit");
        expect(engine_.active_count() <= largest, "active_count() never exceeds the largest limit");
        for (const auto& conversation : engine_.conversations())
            expect(!conversation.user.empty() && conversation.id.generation % 2 == 1,
                   "every listed conversation has a user and an odd generation");
    }

    /// Checks the idle engine: its counts are right, and all slots are free.
    void check_idle() {
        if (expires()) {
            std::this_thread::sleep_for(timeout_ + 20ms);
            expire();
        }
        const admit::stats stats = engine_.stats();
        expect(stats.active == 0 && active_ == 0, "no conversation is active in an idle engine");
        expect(stats.users == 0, "no user is counted in an idle engine");
        expect(stats.waiting == 0, "no operation waits in an idle engine");
        expect(stats.admitted == admitted_, "every admission was counted");
        expect(stats.ended.total() == admitted_, "every admission has ended");
        expect(ended_ + destroyed_ >= admitted_ && ended_ <= admitted_,
               "every admission has ended once");
        engine_.set_limits(limits(limit_ = largest, 1));
        const auto all = support::admit_strangers(engine_, largest + 1);
        expect(all.size() == largest, "all slots of an idle engine are free");
        admitted_ += all.size();
        ended_ += all.size();
    }

private:
    admit::limits limits(std::size_t all, std::size_t per_user) const {
        return {.max_concurrent = all,
                .max_per_user = per_user,
                .idle_timeout = timeout_,
                .max_duration = admit::never};
    }
    /// Detaches the conversation. Without timeouts it is ended by its id, otherwise it expires.
    void forget(permit& done) {
        const admit::conversation_id id = done.detach();
        if (!expires() && engine_.end(id)) ++ended_;
    }
    void destroy(permit done) {
        ++destroyed_;
        done = permit{};
    }

    admit::duration timeout_;
    std::atomic<std::uint64_t> moves_{0};
    std::atomic<std::size_t> limit_{largest};
    std::atomic<std::size_t> active_{0};
    std::atomic<std::uint64_t> admitted_{0};
    std::atomic<std::uint64_t> ended_{0};
    std::atomic<std::uint64_t> destroyed_{0};  // permits destroyed, also after they expired
    admit::engine engine_;
};

class soak {
public:
    /// Runs one round, with each role on its own thread.
    void run_round(std::uint64_t seed) {
        running_ = true;
        std::vector<std::jthread> threads;
        for (const auto role :
             {&soak::work, &soak::work, &soak::work, &soak::wait, &soak::wait, &soak::move_limits,
              &soak::expire, &soak::observe, &soak::run_short_thread, &soak::fail_allocations})
            threads.emplace_back([this, role, number = ++seed] {
                rng random{number};
                while (running_) (this->*role)(random);
            });
        std::this_thread::sleep_for(round_length);
        running_ = false;
        threads.clear();
        for (tested_engine* each : engines_) each->check_idle();
    }

    std::uint64_t admitted() {
        return first_.engine().stats().admitted + second_.engine().stats().admitted;
    }

private:
    tested_engine& random_engine(rng& random) { return *engines_[random.below(engines_.size())]; }

    void work(rng& random) {
        tested_engine& target = random_engine(random);
        std::deque<permit> held;
        for (int step = 0; step < 1000; ++step) {
            if (held.size() < 100 && random.below(5) < 3)
                target.admit(support::user_number(random.below(users)), held);
            else if (!held.empty())
                end_oldest(target, held, random);
            if (!held.empty() && random.below(10) == 0) held.front().touch();
        }
        while (!held.empty()) end_oldest(target, held, random);
    }
    static void end_oldest(tested_engine& target, std::deque<permit>& held, rng& random) {
        permit oldest = std::move(held.front());
        held.pop_front();
        target.end(std::move(oldest), random);
    }

    /// Waiters of one context: some are granted a slot, some time out, the others are cancelled.
    void wait(rng& random) {
        tested_engine& target = random_engine(random);
        boost::asio::io_context io{1};
        std::deque<permit> held;
        std::array<boost::asio::cancellation_signal, 30> waiters;
        for (auto& each : waiters) {
            admit::duration at_most = admit::forever;
            if (random.below(2) == 0) at_most = 1ms * static_cast<int>(random.below(20));
            admit::async_admit(
                target.engine(), support::user_number(random.below(users)),
                {.wait_at_most = at_most},
                boost::asio::bind_cancellation_slot(
                    each.slot(),
                    boost::asio::bind_executor(io, [&](boost::system::error_code, permit begun) {
                        if (begun) target.hold(std::move(begun), held);
                    })));
        }
        for (auto& each : waiters) {
            io.poll();
            if (!held.empty() && random.below(2) == 0) end_oldest(target, held, random);
            if (random.below(3) == 0) each.emit(boost::asio::cancellation_type::terminal);
        }
        for (auto& each : waiters) each.emit(boost::asio::cancellation_type::total);
        io.run();
        while (!held.empty()) end_oldest(target, held, random);
    }

    void move_limits(rng& random) {
        random_engine(random).move_limits(random);
        std::this_thread::sleep_for(std::chrono::microseconds{random.below(3000)});
    }
    void expire(rng& random) {
        second_.expire();
        std::this_thread::sleep_for(std::chrono::milliseconds{random.below(20)});
    }
    void observe(rng& random) { random_engine(random).observe(); }

    /// Starts a thread that admits a few conversations, ends them and exits.
    void run_short_thread(rng& random) {
        tested_engine& target = random_engine(random);
        const std::uint64_t seed = random.below(1'000'000);
        std::jthread{[&target, seed] {
            rng random_of_thread{seed};
            std::deque<permit> held;
            for (int i = 0; i < 5; ++i)
                target.admit(support::user_number(random_of_thread.below(users)), held);
            while (!held.empty()) end_oldest(target, held, random_of_thread);
        }};
    }

    /// Runs the allocating calls with a failing allocation.
    void fail_allocations(rng& random) {
        const std::uint64_t nth = 1 + random.below(6);
        admit::engine& engine = random_engine(random).engine();
        support::allocations::survives_failure(nth,
                                               [&] { static_cast<void>(engine.conversations()); });
        support::allocations::survives_failure(
            1, [&] { static_cast<void>(engine.key("a user with a name that is not short")); });
        support::allocations::survives_failure(nth, [&] {
            admit::engine short_lived{support::counts(1 + random.below(300), 1)};
            static_cast<void>(short_lived.try_admit("a user"));
            short_lived.set_limits(support::counts(1000, 1));
        });
    }

    tested_engine first_{admit::never};
    tested_engine second_{30ms};
    std::array<tested_engine*, 2> engines_{&first_, &second_};
    std::atomic<bool> running_{false};
};

}  // namespace

int main(int argc, char** argv) {
    const long seconds = argc == 2 ? std::atol(argv[1]) : 0;
    if (seconds <= 0) {
        std::fprintf(stderr, "usage: soak SECONDS\n");
        return 2;
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{seconds};
    const auto running = std::make_unique<soak>();
    std::int64_t before = 0;
    std::uint64_t rounds = 0;
    for (; std::chrono::steady_clock::now() < end; ++rounds) {
        running->run_round(rounds * 100);
        if (rounds == 4)
            before = support::resident_memory();  // by now every role has allocated its memory
    }
    const std::int64_t growth = rounds > 5 ? support::resident_memory() - before : 0;
    if (!support::sanitized) expect(growth < allowed_growth, "the resident memory does not grow");
    std::printf("%llu rounds, %llu conversations, memory grew by %lld KiB, %llu mistakes\n",
                static_cast<unsigned long long>(rounds),
                static_cast<unsigned long long>(running->admitted()),
                static_cast<long long>(growth / 1024),
                static_cast<unsigned long long>(mistakes.load()));
    return mistakes == 0 ? 0 : 1;
}
