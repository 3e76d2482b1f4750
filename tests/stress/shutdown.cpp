// SPDX-License-Identifier: BSL-1.0
// Engines are destroyed while permits are in use, and new engines reuse their memory.
#include <admit/async.hpp>
#include <algorithm>
#include <atomic>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "state/engine_registry.hpp"
#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/stress.hpp"
#include "support/threads.hpp"

namespace asio = boost::asio;
using admit::permit;
using support::counts;
using support::rng;

TEST_CASE("permits end while their engine is destroyed and the next engine reuses its memory") {
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
            std::atomic<unsigned> mistakes{0};
            support::run_together(workers + 1, [&](unsigned thread) {
                if (thread < workers) {
                    for (permit& each_permit : held[thread]) {
                        each_permit.touch();
                        static_cast<void>(each_permit.remaining());
                        if (each_permit.id().slot % 2 == 0) each_permit.end(admit::status::error);
                    }
                    held[thread].clear();
                    return;
                }
                engine.reset();
                // Two more engines with changing limits: late permits of the first must not affect
                // them.
                for (const std::size_t next_size : {size, size / 2 + 1}) {
                    admit::engine next{counts(next_size + 5, 1)};
                    next.set_limits(counts(next_size, 1));
                    const auto permits = support::admit_strangers(next, next_size + 1);
                    const auto stats = next.stats();
                    if (permits.size() != next_size || stats.admitted != next_size ||
                        stats.users != next_size || stats.ended.total() != 0)
                        ++mistakes;
                }
            });
            REQUIRE(mistakes == 0);
        }
}

TEST_CASE("threads that make and destroy engines leave no more memory than engines lived at once") {
    constexpr std::size_t threads = 8;
    const auto cores = [] {
        std::size_t made = 0;
        admit::core::engine_registry::for_each([&](const admit::core::engine_core&) { ++made; });
        return made;
    };
    const std::size_t before = cores();
    for (int round = 0; round < support::stress_rounds(); ++round)
        support::run_together(threads, [](unsigned thread) {
            for (int i = 0; i < support::repetitions(4000, 200); ++i) {
                admit::engine engine{counts(1 + (thread + static_cast<unsigned>(i)) % 3 * 300, 1)};
                static_cast<void>(engine.try_admit("alice"));
            }
        });
    CHECK(cores() <= std::max(before, threads));
}

TEST_CASE("threads end permits of each other's engines") {
    // Each thread passes its permits to the next thread, which ends them before or after their
    // engine is destroyed.
    constexpr unsigned threads = 4;
    for (int round = 0; round < support::stress_rounds(); ++round) {
        struct exchange_cell {
            std::atomic<permit*> passed{nullptr};
        };
        std::vector<exchange_cell> cells(threads);
        std::atomic<unsigned> mistakes{0};
        support::run_together(threads, [&](unsigned thread) {
            rng random{thread + 1};
            exchange_cell& next = cells[(thread + 1) % threads];
            for (int i = 0; i < support::repetitions(3000, 150); ++i) {
                const std::size_t size = 2 + random.below(30);
                admit::engine engine{counts(size, size)};
                std::uint64_t passed_on = 0;
                for (std::size_t n = 0; n < size / 2; ++n) {
                    auto passed = std::make_unique<permit>(engine.try_admit("alice").value());
                    ++passed_on;
                    delete next.passed.exchange(passed.release());
                    delete cells[thread].passed.exchange(nullptr);
                }
                const auto rest = support::admit_strangers(engine, size - size / 2);
                const auto stats = engine.stats();
                if (rest.size() != size - size / 2 || stats.admitted != passed_on + rest.size())
                    ++mistakes;
            }
        });
        for (exchange_cell& each : cells) delete each.passed.exchange(nullptr);
        CHECK(mistakes == 0);
    }
}

TEST_CASE("a drain and an expiring loop end when their engine is destroyed and its memory reused") {
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
            // The drain ends all conversations at once, or waits until the engine is destroyed.
            admit::async_drain(*engine, {.deadline = i % 2 == 0 ? 0h : 1h},
                               asio::bind_executor(io, [&](auto error, const auto& report) {
                                   ++drained;
                                   CHECK_FALSE(error);
                                   // What the end of the engine has ended is neither completed nor
                                   // cut.
                                   CHECK(report.completed + report.cut.size() <= size);
                               }));
            bool next_unaffected = false;
            support::run_together(2, [&](unsigned thread) {
                if (thread == 0) return static_cast<void>(io.run());
                engine.reset();
                admit::engine next{counts(size, 1)};
                const auto permits = support::admit_strangers(next, size + 1);
                const auto stats = next.stats();
                next_unaffected = permits.size() == size && stats.ended.total() == 0;
            });
            REQUIRE(next_unaffected);
            REQUIRE(drained == 1);
            REQUIRE(expired == 1);
        }
}
