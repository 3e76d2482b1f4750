// SPDX-License-Identifier: BSL-1.0
// The engine rejects no user for a full engine while a slot is free.
#include <admit/engine.hpp>
#include <atomic>
#include <string>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/stress.hpp"
#include "support/threads.hpp"

using admit::errc;
using admit::permit;
using support::counts;

namespace {

constexpr int cycles = support::repetitions(200'000, 8'000);

/// Starts and ends one conversation after the other; returns the number of rejections.
std::uint64_t work(admit::engine& engine, const std::string& user, int count) {
    std::uint64_t refused = 0;
    for (int i = 0; i < count; ++i) {
        auto granted = engine.try_admit(user);
        if (!granted)
            ++refused;
        else if (i % 2 == 0)
            granted->end(admit::status::error);
    }
    return refused;
}

}  // namespace

TEST_CASE("a user who hammers at its limit takes no slot from others") {
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (const unsigned spammers : {1U, 2U, 4U})
            for (const std::size_t held : {std::size_t{3}, std::size_t{300}}) {
                constexpr unsigned workers = 3;
                CAPTURE(spammers);
                CAPTURE(held);
                // Exactly as many slots as needed: a slot that a failing attempt held would be
                // missing.
                admit::engine engine{counts(held + workers, held)};
                std::vector<permit> permits;
                for (std::size_t i = 0; i < held; ++i)
                    permits.push_back(engine.try_admit("spammer").value());
                std::atomic<std::uint64_t> refused{0};
                std::atomic<unsigned> working{workers};
                std::atomic<std::uint64_t> mistakes{0};
                support::run_together(workers + spammers, [&](unsigned thread) {
                    if (thread < workers) {
                        refused += work(engine, support::user_number(thread), cycles);
                        --working;
                        return;
                    }
                    // Whether the engine is full or not, the spammer is at its limit.
                    while (working != 0)
                        if (engine.try_admit("spammer")) ++mistakes;
                });
                CHECK(refused == 0);
                CHECK(mistakes == 0);
                CHECK(engine.active_count() == held);
                CHECK(engine.stats().admitted == held + std::uint64_t{workers} * cycles);
            }
}

TEST_CASE("with a slot for each worker no worker is ever refused") {
    for (int round = 0; round < support::stress_rounds(); ++round)
        // Slots that stay taken: none, several groups, and enough groups for a summary over them.
        for (const std::size_t taken : {std::size_t{0}, std::size_t{250}, std::size_t{2500}})
            for (const unsigned workers : {2U, 3U, 8U}) {
                CAPTURE(taken);
                CAPTURE(workers);
                admit::engine engine{counts(taken + workers, 1)};
                std::vector<permit> permits;
                for (std::size_t i = 0; i < taken; ++i)
                    permits.push_back(engine.try_admit("kept" + std::to_string(i)).value());
                std::atomic<std::uint64_t> refused{0};
                support::run_together(workers, [&](unsigned thread) {
                    refused += work(engine, support::user_number(thread), cycles / 2);
                });
                CHECK(refused == 0);
                CHECK(engine.stats().rejected.total() == 0);
                CHECK(engine.active_count() == taken);
            }
}

TEST_CASE("an attempt that only finds out whether the engine is full takes no slot") {
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (const std::size_t taken : {std::size_t{0}, std::size_t{2500}}) {
            constexpr unsigned workers = 2;
            CAPTURE(taken);
            admit::engine engine{counts(taken + workers, 1)};
            std::vector<permit> permits;
            for (std::size_t i = 0; i < taken; ++i)
                permits.push_back(engine.try_admit("kept" + std::to_string(i)).value());
            std::atomic<std::uint64_t> refused{0};
            std::atomic<std::uint64_t> mistakes{0};
            std::atomic<unsigned> working{workers};
            support::run_together(workers + 2, [&](unsigned thread) {
                if (thread < workers) {
                    refused += work(engine, support::user_number(thread), cycles);
                    --working;
                    return;
                }
                // The engine rejects an invalid id after it has found out whether it is full.
                while (working != 0) {
                    const auto answer = engine.try_admit("").error();
                    if (answer != errc::invalid_user_id && answer != errc::global_limit) ++mistakes;
                }
            });
            CHECK(refused == 0);
            CHECK(mistakes == 0);
            CHECK(engine.try_admit("").error() == errc::invalid_user_id);
        }
}

TEST_CASE("a full engine rejects every user until one conversation ends, and then admits one") {
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (const std::size_t size : {1UL, 20UL, 2500UL}) {
            CAPTURE(size);
            admit::engine engine{counts(size, 1)};
            auto permits = support::admit_strangers(engine, size);
            REQUIRE(permits.size() == size);
            constexpr unsigned hunters = 3;
            for (int i = 0; i < support::repetitions(300, 30); ++i) {
                std::atomic<unsigned> winners{0};
                std::atomic<bool> ended{false};
                std::vector<permit> granted_to(hunters);
                support::run_together(hunters + 1, [&](unsigned thread) {
                    if (thread == hunters) {
                        permits.back().end();
                        ended = true;
                        return;
                    }
                    const std::string user = "hunter" + std::to_string(thread);
                    for (bool last = false; !last;) {
                        last = ended;  // then this attempt begins after the end
                        auto granted = engine.try_admit(user);
                        if (!granted) continue;
                        granted_to[thread] = std::move(*granted);
                        ++winners;
                        return;
                    }
                });
                REQUIRE(winners == 1);
                for (permit& each : granted_to)
                    if (each) permits.back() = std::move(each);
                REQUIRE(engine.active_count() == size);
            }
        }
}
