// Everything at once for as long as asked: load, waiters of whom some give up, limits that move,
// expiry, threads that come and go, allocations that fail.
//
//     soak SECONDS
//
// In rounds of two seconds; between them nothing is active, and everything has to add up. One
// engine has no timeouts, so that a count outside of it is exact and can judge its limits; the
// other expires what is idle, and is judged by its books.
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
using support::dice;
using namespace std::chrono_literals;

constexpr std::size_t largest = 600;  // several groups of slots
constexpr std::size_t users = 300;
constexpr auto round_length = 2s;
constexpr std::int64_t allowed_growth = 8 << 20;

std::atomic<std::uint64_t> mistakes{0};

void expect(bool right, const char* what) {
    if (right) return;
    if (++mistakes < 20) std::printf("WRONG: %s\n", what);
}

/// An engine, and what is known of it from outside.
class arena {
public:
    explicit arena(admit::duration timeout) : timeout_{timeout}, engine_{limits(largest, 3)} {}

    admit::engine& engine() { return engine_; }
    bool expires() const { return timeout_ != admit::never; }

    /// Counts are taken after an admission and before an end: never too high.
    void admit(const std::string& user, std::deque<permit>& mine) {
        const std::uint64_t moves = moves_;
        const std::size_t limit = limit_;
        auto answer = engine_.try_admit(user);
        if (!answer) return;
        const std::size_t active = hold(std::move(*answer), mine);
        // Odd: the limit is just being moved.
        if (!expires() && moves % 2 == 0 && moves_ == moves)
            expect(active <= limit, "never above the limit in force");
    }
    /// Returns how many are active with this one, as far as is known.
    std::size_t hold(permit begun, std::deque<permit>& mine) {
        ++admitted_;
        mine.push_back(std::move(begun));
        return ++active_;
    }
    void end(permit done, dice& random) {
        --active_;
        bool first = true;
        switch (random.below(4)) {
            case 0: first = engine_.end(done.id()); break;
            case 1: first = done.end(admit::status::error); break;
            case 2: forget(done); return;
            default: return destroy(std::move(done));
        }
        if (first) ++ended_;
        expect(first || expires(), "who has a conversation ends it");
        expect(!done.end(), "and once");
    }

    void move_limits(dice& random) {
        const std::size_t next = 1 + random.below(random.below(2) == 0 ? 20 : largest);
        ++moves_;
        engine_.set_limits(limits(next, 1 + random.below(std::min<std::size_t>(next, 5))));
        limit_ = next;
        ++moves_;
    }
    void expire() { ended_ += engine_.expire(std::chrono::steady_clock::now()); }

    void observe() {
        const admit::stats stats = engine_.stats();
        expect(stats.active <= largest, "a total is never above the largest limit");
        expect(engine_.active_count() <= largest, "nor is the count");
        for (const auto& line : engine_.conversations())
            expect(!line.user.empty() && line.id.generation % 2 == 1, "a listing makes sense");
    }

    /// Nothing is going on.
    void check_at_rest() {
        if (expires()) {
            std::this_thread::sleep_for(timeout_ + 20ms);
            expire();
        }
        const admit::stats stats = engine_.stats();
        expect(stats.active == 0 && active_ == 0, "nothing is active at rest");
        expect(stats.users == 0, "no user is counted at rest");
        expect(stats.waiting == 0, "nobody waits at rest");
        expect(stats.admitted == admitted_, "every admission was counted");
        expect(stats.ended.total() == admitted_, "every admission has ended");
        expect(ended_ + destroyed_ >= admitted_ && ended_ <= admitted_, "and ended once");
        engine_.set_limits(limits(limit_ = largest, 1));
        const auto all = support::admit_strangers(engine_, largest + 1);
        expect(all.size() == largest, "all slots are there at rest");
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
    /// Left to the expiry where there is one.
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
    std::atomic<std::uint64_t> destroyed_{0};  // or had expired before
    admit::engine engine_;
};

class soak {
public:
    /// One round: every role on threads of its own.
    void run_round(std::uint64_t seed) {
        running_ = true;
        std::vector<std::jthread> threads;
        for (const auto role :
             {&soak::work, &soak::work, &soak::work, &soak::wait, &soak::wait, &soak::move_limits,
              &soak::expire, &soak::observe, &soak::visit, &soak::starve})
            threads.emplace_back([this, role, number = ++seed] {
                dice random{number};
                while (running_) (this->*role)(random);
            });
        std::this_thread::sleep_for(round_length);
        running_ = false;
        threads.clear();
        for (arena* each : arenas_) each->check_at_rest();
    }

    std::uint64_t admitted() {
        return first_.engine().stats().admitted + second_.engine().stats().admitted;
    }

private:
    arena& any(dice& random) { return *arenas_[random.below(arenas_.size())]; }

    void work(dice& random) {
        arena& where = any(random);
        std::deque<permit> mine;
        for (int step = 0; step < 1000; ++step) {
            if (mine.size() < 100 && random.below(5) < 3)
                where.admit(support::user_number(random.below(users)), mine);
            else if (!mine.empty())
                end_oldest(where, mine, random);
            if (!mine.empty() && random.below(10) == 0) mine.front().touch();
        }
        while (!mine.empty()) end_oldest(where, mine, random);
    }
    static void end_oldest(arena& where, std::deque<permit>& mine, dice& random) {
        permit oldest = std::move(mine.front());
        mine.pop_front();
        where.end(std::move(oldest), random);
    }

    /// Waiters of one context: some are served, some are too late, the others give up.
    void wait(dice& random) {
        arena& where = any(random);
        boost::asio::io_context io{1};
        std::deque<permit> mine;
        std::array<boost::asio::cancellation_signal, 30> waiters;
        for (auto& each : waiters) {
            admit::duration at_most = admit::forever;
            if (random.below(2) == 0) at_most = 1ms * static_cast<int>(random.below(20));
            admit::async_admit(
                where.engine(), support::user_number(random.below(users)),
                {.wait_at_most = at_most},
                boost::asio::bind_cancellation_slot(
                    each.slot(),
                    boost::asio::bind_executor(io, [&](boost::system::error_code, permit begun) {
                        if (begun) where.hold(std::move(begun), mine);
                    })));
        }
        for (auto& each : waiters) {
            io.poll();
            if (!mine.empty() && random.below(2) == 0) end_oldest(where, mine, random);
            if (random.below(3) == 0) each.emit(boost::asio::cancellation_type::terminal);
        }
        for (auto& each : waiters) each.emit(boost::asio::cancellation_type::total);
        io.run();
        while (!mine.empty()) end_oldest(where, mine, random);
    }

    void move_limits(dice& random) {
        any(random).move_limits(random);
        std::this_thread::sleep_for(std::chrono::microseconds{random.below(3000)});
    }
    void expire(dice& random) {
        second_.expire();
        std::this_thread::sleep_for(std::chrono::milliseconds{random.below(20)});
    }
    void observe(dice& random) { any(random).observe(); }

    /// A thread that comes, does a little, and goes.
    void visit(dice& random) {
        arena& where = any(random);
        const std::uint64_t seed = random.below(1'000'000);
        std::jthread{[&where, seed] {
            dice own{seed};
            std::deque<permit> mine;
            for (int i = 0; i < 5; ++i) where.admit(support::user_number(own.below(users)), mine);
            while (!mine.empty()) end_oldest(where, mine, own);
        }};
    }

    /// What allocates, without memory.
    void starve(dice& random) {
        const std::uint64_t nth = 1 + random.below(6);
        admit::engine& engine = any(random).engine();
        support::allocations::survives_failure(nth,
                                               [&] { static_cast<void>(engine.conversations()); });
        support::allocations::survives_failure(
            1, [&] { static_cast<void>(engine.key("somebody with a name that is not short")); });
        support::allocations::survives_failure(nth, [&] {
            admit::engine brief{support::counts(1 + random.below(300), 1)};
            static_cast<void>(brief.try_admit("somebody"));
            brief.set_limits(support::counts(1000, 1));
        });
    }

    arena first_{admit::never};
    arena second_{30ms};
    std::array<arena*, 2> arenas_{&first_, &second_};
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
    const auto everything = std::make_unique<soak>();
    std::int64_t before = 0;
    std::uint64_t rounds = 0;
    for (; std::chrono::steady_clock::now() < end; ++rounds) {
        everything->run_round(rounds * 100);
        if (rounds == 4) before = support::resident_memory();  // by then all has been used once
    }
    const std::int64_t growth = rounds > 5 ? support::resident_memory() - before : 0;
    if (!support::sanitized) expect(growth < allowed_growth, "memory stays as it is");
    std::printf("%llu rounds, %llu conversations, memory grew by %lld KiB, %llu mistakes\n",
                static_cast<unsigned long long>(rounds),
                static_cast<unsigned long long>(everything->admitted()),
                static_cast<long long>(growth / 1024),
                static_cast<unsigned long long>(mistakes.load()));
    return mistakes == 0 ? 0 : 1;
}
