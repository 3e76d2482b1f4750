// Threads with contexts of their own, and some that share one, wait, give up, time out, end, expire
// and move the limits as fast as they can. Counters outside of the engine judge that no limit is
// ever exceeded, each operation is answered once, and at rest everything is zero.
#include <admit/async.hpp>
#include <array>
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/stress.hpp"
#include "support/threads.hpp"

namespace asio = boost::asio;
using admit::errc;
using admit::permit;
using support::counts;
using support::dice;
using support::outside_count;
using namespace std::chrono_literals;

namespace {

struct load {
    std::size_t max_concurrent;
    std::size_t max_per_user;
    std::size_t users;
    bool moving = false;    // the limits; then the outside counters judge by the highest
    bool expiring = false;  // conversations end by time as well
    int steps = support::repetitions(1'500, 150);
};

constexpr unsigned own_contexts = 2;       // with one thread each
constexpr unsigned sharing_threads = 2;    // of one context more
constexpr unsigned lives_of_context = 12;  // coroutines that live in each

class arena {
public:
    explicit arena(const load& load)
        : load_{load},
          engine_{limits_of(load, 0)},
          seen_{load.max_concurrent, load.users, load.max_per_user} {}

    void run() {
        std::array<asio::io_context, own_contexts + 1> contexts;
        std::atomic<bool> over{false};
        std::atomic<unsigned> seeds{0};
        for (asio::io_context& each : contexts)
            for (unsigned i = 0; i < lives_of_context; ++i)
                asio::co_spawn(asio::make_strand(each), life(dice{++seeds}), asio::detached);
        std::jthread mover{[&] {
            for (unsigned turn = 1; load_.moving && !over; ++turn) {
                engine_.set_limits(limits_of(load_, turn % 3));
                std::this_thread::yield();
            }
            engine_.set_limits(limits_of(load_, 0));
        }};
        std::jthread expirer{[&] {
            while (load_.expiring && !over) {
                engine_.expire(std::chrono::steady_clock::now());
                std::this_thread::yield();
            }
        }};
        support::run_together(own_contexts + sharing_threads, [&](unsigned thread) {
            contexts[std::min<std::size_t>(thread, own_contexts)].run();
        });
        over = true;
    }

    void check_at_rest() {
        const auto stats = engine_.stats();
        // What is ended by time is no conversation any more, but its holder counts on.
        if (!load_.expiring) CHECK(seen_.violations() == 0);
        CHECK(wrong_ == 0);
        CHECK(stats.active == 0);
        CHECK(stats.users == 0);
        CHECK(stats.waiting == 0);
        CHECK(stats.overstayed == 0);
        CHECK(engine_.active_count() == 0);
        CHECK(stats.admitted == stats.ended.total());
        CHECK(stats.admitted == seen_.admissions());
        CHECK(stats.rejected.wait_timeout == answered_[timed_out]);
        CHECK(stats.rejected.queue_full == answered_[queue_full]);
        CHECK(stats.rejected.user_queue_full == answered_[user_queue_full]);
        CHECK(started_ == answered_[granted] + answered_[timed_out] + answered_[queue_full] +
                              answered_[user_queue_full] + answered_[cancelled]);
        for (const auto each : {granted, timed_out, cancelled}) CHECK(answered_[each] > 0);
        // Everything is there again.
        CHECK(support::admit_strangers(engine_, load_.max_concurrent + 1).size() ==
              load_.max_concurrent);
    }

private:
    enum kind { granted, timed_out, queue_full, user_queue_full, cancelled, kinds };

    static admit::limits limits_of(const load& load, std::size_t lower) {
        admit::limits limits =
            counts(load.max_concurrent - std::min(lower, load.max_concurrent - 1),
                   load.max_per_user - std::min(lower, load.max_per_user - 1));
        limits.max_per_user = std::min(limits.max_per_user, limits.max_concurrent);
        limits.max_waiting = 24;
        limits.max_waiting_per_user = 8;
        if (load.expiring) limits.idle_timeout = 1ms;
        return limits;
    }

    /// Waits again and again, with little patience, much or none to speak of, and is cancelled once
    /// in a while; then holds on for a moment.
    asio::awaitable<void> life(dice random) {
        auto strand = co_await asio::this_coro::executor;
        asio::steady_timer timer{strand};
        asio::cancellation_signal cancelling;
        for (int step = 0; step < load_.steps; ++step) {
            const std::size_t user = random.below(load_.users);
            const admit::duration patience = patience_of(random.below(4));
            ++started_;
            boost::system::error_code error;
            permit mine;
            bool answered = false;
            timer.expires_at(asio::steady_timer::time_point::max());
            admit::async_admit(
                engine_, support::user_number(user), {.wait_at_most = patience},
                asio::bind_executor(
                    strand, asio::bind_cancellation_slot(
                                cancelling.slot(), [&](boost::system::error_code why, permit what) {
                                    if (std::exchange(answered, true)) ++wrong_;
                                    error = why;
                                    mine = std::move(what);
                                    if (mine) seen_.admitted(user);
                                    timer.cancel();
                                })));
            if (random.below(3) == 0) {
                if (random.below(2) == 0) co_await asio::post(strand, asio::use_awaitable);
                cancelling.emit(asio::cancellation_type::total);
            }
            while (!answered) {
                boost::system::error_code ignored;
                co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            }
            note(error, mine);
            if (!mine) continue;
            for (std::size_t i = random.below(4); i > 0; --i)
                co_await asio::post(strand, asio::use_awaitable);
            seen_.ending(user);
            end(std::move(mine), random);
        }
    }

    static admit::duration patience_of(std::size_t which) {
        constexpr admit::duration lengths[] = {1ns, 50us, 1h, admit::forever};
        return lengths[which];
    }

    void note(boost::system::error_code error, const permit& mine) {
        if (static_cast<bool>(mine) == error.failed()) ++wrong_;
        if (!error)
            ++answered_[granted];
        else if (error == errc::wait_timeout)
            ++answered_[timed_out];
        else if (error == errc::queue_full)
            ++answered_[queue_full];
        else if (error == errc::user_queue_full)
            ++answered_[user_queue_full];
        else if (error == asio::error::operation_aborted)
            ++answered_[cancelled];
        else
            ++wrong_;
    }

    void end(permit mine, dice& random) {
        switch (random.below(3)) {
            case 0: break;  // by the destructor
            case 1: mine.end(admit::status::error); break;
            default: engine_.end(mine.id()); break;
        }
    }

    const load load_;
    admit::engine engine_;
    outside_count seen_;
    std::atomic<std::uint64_t> started_{0};
    std::array<std::atomic<std::uint64_t>, kinds> answered_{};
    std::atomic<std::uint64_t> wrong_{0};
};

}  // namespace

TEST_CASE("no limit is exceeded while all wait for each other, and at rest everything is zero") {
    const load loads[] = {
        {.max_concurrent = 1, .max_per_user = 1, .users = 3},
        {.max_concurrent = 3, .max_per_user = 2, .users = 4},
        {.max_concurrent = 8, .max_per_user = 1, .users = 6},
        {.max_concurrent = 4, .max_per_user = 3, .users = 5, .moving = true},
        {.max_concurrent = 3, .max_per_user = 2, .users = 4, .expiring = true},
        {.max_concurrent = 4, .max_per_user = 2, .users = 8, .moving = true, .expiring = true},
    };
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (const load& each : loads) {
            CAPTURE(each.max_concurrent);
            CAPTURE(each.moving);
            CAPTURE(each.expiring);
            arena only{each};
            only.run();
            only.check_at_rest();
        }
}

TEST_CASE("contexts go while other threads hand over to those who wait in them") {
    for (int round = 0; round < support::repetitions(400, 60) * support::stress_rounds(); ++round) {
        admit::engine engine{counts(2, 1)};
        std::atomic<int> alive{0};
        const auto handler = [&alive](boost::system::error_code, permit) { --alive; };
        support::run_together(3, [&](unsigned thread) {
            if (thread == 2) {
                for (int i = 0; i < 50; ++i) {
                    auto mine = engine.try_admit("ender");
                    if (mine) mine->end();
                }
                return;
            }
            asio::io_context io;
            for (int i = 0; i < 10; ++i)
                admit::async_admit(engine, support::user_number(thread),
                                   {.wait_at_most = i % 2 == 0 ? admit::forever : 1h},
                                   asio::bind_executor(io, handler));
            io.poll();
            // With waiters, with grants that were not delivered, or with none of these.
        });
        CHECK(engine.stats().waiting == 0);
        CHECK(engine.stats().users == 0);
        CHECK(engine.active_count() == 0);
        CHECK(support::admit_strangers(engine, 3).size() == 2);
    }
}

TEST_CASE("contexts go while another thread ends what runs in them") {
    for (int round = 0; round < support::repetitions(300, 40) * support::stress_rounds(); ++round) {
        admit::engine engine{counts(20, 10)};
        std::atomic<int> there{2};
        support::run_together(3, [&](unsigned thread) {
            if (thread == 2) {
                while (there != 0)
                    for (const auto& each : engine.conversations())
                        engine.end(each.id, admit::status::error);
                return;
            }
            {
                asio::io_context io;
                auto body = [](permit&) -> asio::awaitable<void> {
                    auto executor = co_await asio::this_coro::executor;
                    asio::steady_timer timer{executor, 1h};
                    co_await timer.async_wait(asio::use_awaitable);
                };
                for (int i = 0; i < 10; ++i)
                    admit::async_with_permit(
                        engine, support::user_number(thread), {}, body,
                        asio::bind_executor(io, [](std::exception_ptr, const admit::outcome&) {}));
                io.poll();
                // With bodies that nobody has ended, that were just told, or that are over.
            }
            --there;
        });
        CHECK(engine.stats().users == 0);
        CHECK(engine.active_count() == 0);
        CHECK(support::admit_strangers(engine, 21).size() == 20);
    }
}

TEST_CASE("an engine is closed and goes while its waiters come") {
    for (int round = 0; round < support::repetitions(200, 30) * support::stress_rounds(); ++round) {
        constexpr unsigned waiting_threads = 2;
        constexpr int each = 20;
        admit::engine engine{counts(1, 1)};
        std::atomic<int> answers{0};
        support::run_together(waiting_threads + 1, [&](unsigned thread) {
            if (thread == waiting_threads) {
                std::this_thread::yield();
                engine.close();
                return;
            }
            asio::io_context io;
            for (int i = 0; i < each; ++i) {
                admit::async_admit(
                    engine, support::user_number(thread), {.wait_at_most = admit::forever},
                    asio::bind_executor(io, [&](boost::system::error_code, permit) { ++answers; }));
                if (i % 4 == 0) io.poll();
            }
            io.restart();
            io.run();  // comes back when all have been answered
        });
        CHECK(answers == static_cast<int>(waiting_threads) * each);
        CHECK(engine.stats().waiting == 0);
        CHECK(engine.active_count() == 0);
    }
}
