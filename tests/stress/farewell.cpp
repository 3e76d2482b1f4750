// Engines go while permits are in use, and new engines move into their memory.
#include <admit/async.hpp>
#include <atomic>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/stress.hpp"
#include "support/threads.hpp"

namespace asio = boost::asio;
using admit::permit;
using support::counts;
using support::dice;

TEST_CASE("permits end while their engine goes and the next one fills its memory") {
    constexpr unsigned workers = 3;
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (int i = 0; i < support::repetitions(1500, 100); ++i) {
            const std::size_t each = 1 + static_cast<std::size_t>(i) % 40;
            const std::size_t size = each * workers;
            auto engine = std::make_unique<admit::engine>(counts(size, size));
            std::vector<std::vector<permit>> held(workers);
            for (unsigned thread = 0; thread < workers; ++thread)
                for (std::size_t n = 0; n < each; ++n)
                    held[thread].push_back(engine->try_admit(support::user_number(thread)).value());
            std::atomic<unsigned> wrong{0};
            support::run_together(workers + 1, [&](unsigned thread) {
                if (thread < workers) {
                    for (permit& mine : held[thread]) {
                        mine.touch();
                        static_cast<void>(mine.remaining());
                        if (mine.id().slot % 2 == 0) mine.end(admit::status::error);
                    }
                    held[thread].clear();
                    return;
                }
                engine.reset();
                // Twice, and with changing limits: late permits of the first must not be felt.
                for (const std::size_t next_size : {size, size / 2 + 1}) {
                    admit::engine next{counts(next_size + 5, 1)};
                    next.set_limits(counts(next_size, 1));
                    const auto permits = support::admit_strangers(next, next_size + 1);
                    const auto stats = next.stats();
                    if (permits.size() != next_size || stats.admitted != next_size ||
                        stats.users != next_size || stats.ended.total() != 0)
                        ++wrong;
                }
            });
            REQUIRE(wrong == 0);
        }
}

TEST_CASE("threads with engines of their own pass permits to each other") {
    // Each permit is ended by another thread than the one whose engine it is of, before or after
    // that engine has gone.
    constexpr unsigned threads = 4;
    for (int round = 0; round < support::stress_rounds(); ++round) {
        struct mailbox {
            std::atomic<permit*> letter{nullptr};
        };
        std::vector<mailbox> mailboxes(threads);
        std::atomic<unsigned> wrong{0};
        support::run_together(threads, [&](unsigned thread) {
            dice random{thread + 1};
            mailbox& next = mailboxes[(thread + 1) % threads];
            for (int i = 0; i < support::repetitions(3000, 150); ++i) {
                const std::size_t size = 2 + random.below(30);
                admit::engine engine{counts(size, size)};
                std::uint64_t posted = 0;
                for (std::size_t n = 0; n < size / 2; ++n) {
                    auto letter = std::make_unique<permit>(engine.try_admit("alice").value());
                    ++posted;
                    delete next.letter.exchange(letter.release());
                    delete mailboxes[thread].letter.exchange(nullptr);
                }
                const auto own = support::admit_strangers(engine, size - size / 2);
                const auto stats = engine.stats();
                if (own.size() != size - size / 2 || stats.admitted != posted + own.size()) ++wrong;
            }
        });
        for (mailbox& each : mailboxes) delete each.letter.exchange(nullptr);
        CHECK(wrong == 0);
    }
}

TEST_CASE(
    "a drain and an expiring loop are at work while their engine goes and the next one comes") {
    using namespace std::chrono_literals;
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (int i = 0; i < support::repetitions(3000, 200); ++i) {
            const std::size_t size = 1 + static_cast<std::size_t>(i) % 60;
            auto engine = std::make_unique<admit::engine>(counts(size, size));
            for (std::size_t n = 0; n < size; ++n) engine->try_admit("alice").value().detach();
            asio::io_context io;
            int drained = 0;
            int expired = 0;
            admit::async_expire(*engine, 10us, asio::bind_executor(io, [&](auto error) {
                ++expired;
                CHECK(error == admit::errc::shutting_down);
            }));
            // Either cuts off at once, or waits for the end.
            admit::async_drain(*engine, {.deadline = i % 2 == 0 ? 0h : 1h},
                               asio::bind_executor(io, [&](auto error, const auto& report) {
                                   ++drained;
                                   CHECK_FALSE(error);
                                   CHECK(report.completed + report.cut.size() == size);
                               }));
            bool as_ever = false;
            support::run_together(2, [&](unsigned thread) {
                if (thread == 0) return static_cast<void>(io.run());
                engine.reset();
                admit::engine next{counts(size, 1)};
                const auto permits = support::admit_strangers(next, size + 1);
                const auto stats = next.stats();
                as_ever = permits.size() == size && stats.ended.total() == 0;
            });
            REQUIRE(as_ever);
            REQUIRE(drained == 1);
            REQUIRE(expired == 1);
        }
}
