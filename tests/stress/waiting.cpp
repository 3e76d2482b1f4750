// SPDX-License-Identifier: BSL-1.0
// Threads wait, cancel, time out, end, expire and move the limits as fast as they can, on contexts
// of one thread and on a shared context. Counters outside of the engine show that no limit is
// exceeded, each operation completes once, and all counts of the idle engine are zero.
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
using support::outside_count;
using support::rng;
using namespace std::chrono_literals;

namespace {

struct load {
    std::size_t max_concurrent;
    std::size_t max_per_user;
    std::size_t users;
    bool moving = false;    // the limits move; outside counters use the highest
    bool expiring = false;  // conversations expire as well
    int steps = support::repetitions(1'500, 150);
};

constexpr unsigned single_thread_contexts = 2;  // contexts with one thread each
constexpr unsigned sharing_threads = 2;         // threads of one further context
constexpr unsigned coroutines_of_context = 12;  // coroutines in each context

class tested_engine {
public:
    explicit tested_engine(const load& load)
        : load_{load},
          engine_{limits_of(load, 0)},
          outside_{load.max_concurrent, load.users, load.max_per_user} {}

    void run() {
        std::array<asio::io_context, single_thread_contexts + 1> contexts;
        std::atomic<bool> done{false};
        std::atomic<unsigned> seeds{0};
        for (asio::io_context& each : contexts)
            for (unsigned i = 0; i < coroutines_of_context; ++i)
                asio::co_spawn(asio::make_strand(each), run_coroutine(rng{++seeds}),
                               asio::detached);
        std::jthread mover{[&] {
            for (unsigned turn = 1; load_.moving && !done; ++turn) {
                engine_.set_limits(limits_of(load_, turn % 3));
                std::this_thread::yield();
            }
            engine_.set_limits(limits_of(load_, 0));
        }};
        std::jthread expirer{[&] {
            while (load_.expiring && !done) {
                engine_.expire(std::chrono::steady_clock::now());
                std::this_thread::yield();
            }
        }};
        support::run_together(single_thread_contexts + sharing_threads, [&](unsigned thread) {
            contexts[std::min<std::size_t>(thread, single_thread_contexts)].run();
        });
        done = true;
    }

    void check_idle() {
        const auto stats = engine_.stats();
        // An expired conversation has left the engine's count, but the outside count still has it.
        if (!load_.expiring) CHECK(outside_.violations() == 0);
        CHECK(mistakes_ == 0);
        CHECK(stats.active == 0);
        CHECK(stats.users == 0);
        CHECK(stats.waiting == 0);
        CHECK(stats.overstayed == 0);
        CHECK(engine_.active_count() == 0);
        CHECK(stats.admitted == stats.ended.total());
        CHECK(stats.admitted == outside_.admissions());
        CHECK(stats.rejected.wait_timeout == answered_[timed_out]);
        CHECK(stats.rejected.queue_full == answered_[queue_full]);
        CHECK(stats.rejected.user_queue_full == answered_[user_queue_full]);
        CHECK(started_ == answered_[granted] + answered_[timed_out] + answered_[queue_full] +
                              answered_[user_queue_full] + answered_[cancelled]);
        for (const auto each : {granted, timed_out, cancelled}) CHECK(answered_[each] > 0);
        // All slots are free again.
        CHECK(support::admit_strangers(engine_, load_.max_concurrent + 1).size() ==
              load_.max_concurrent);
    }

private:
    enum answer { granted, timed_out, queue_full, user_queue_full, cancelled, answer_kinds };

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

    /// Waits again and again, for at most a short or a long time. Some operations are cancelled. A
    /// granted permit is held for a few turns of the context.
    asio::awaitable<void> run_coroutine(rng random) {
        auto strand = co_await asio::this_coro::executor;
        asio::steady_timer timer{strand};
        asio::cancellation_signal cancelling;
        for (int step = 0; step < load_.steps; ++step) {
            const std::size_t user = random.below(load_.users);
            const admit::duration wait_at_most = random_wait(random.below(4));
            ++started_;
            boost::system::error_code error;
            permit held;
            bool answered = false;
            timer.expires_at(asio::steady_timer::time_point::max());
            admit::async_admit(
                engine_, support::user_number(user), {.wait_at_most = wait_at_most},
                asio::bind_executor(
                    strand, asio::bind_cancellation_slot(
                                cancelling.slot(),
                                [&](boost::system::error_code reason, permit granted_permit) {
                                    if (std::exchange(answered, true)) ++mistakes_;
                                    error = reason;
                                    held = std::move(granted_permit);
                                    if (held) outside_.admitted(user);
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
            count_answer(error, held);
            if (!held) continue;
            for (std::size_t i = random.below(4); i > 0; --i)
                co_await asio::post(strand, asio::use_awaitable);
            outside_.ending(user);
            end(std::move(held), random);
        }
    }

    static admit::duration random_wait(std::size_t which) {
        constexpr admit::duration lengths[] = {1ns, 50us, 1h, admit::forever};
        return lengths[which];
    }

    void count_answer(boost::system::error_code error, const permit& held) {
        if (static_cast<bool>(held) == error.failed()) ++mistakes_;
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
            ++mistakes_;
    }

    void end(permit held, rng& random) {
        switch (random.below(3)) {
            case 0: break;  // the destructor ends the conversation
            case 1: held.end(admit::status::error); break;
            default: engine_.end(held.id()); break;
        }
    }

    const load load_;
    admit::engine engine_;
    outside_count outside_;
    std::atomic<std::uint64_t> started_{0};
    std::array<std::atomic<std::uint64_t>, answer_kinds> answered_{};
    std::atomic<std::uint64_t> mistakes_{0};
};

}  // namespace

TEST_CASE("no limit is exceeded while many coroutines wait, and all counts are zero afterwards") {
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
            tested_engine tested{each};
            tested.run();
            tested.check_idle();
        }
}
