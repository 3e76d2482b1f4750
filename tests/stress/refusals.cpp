// Nobody is refused for want of room while there is room.
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

/// Starts and ends one conversation after the other; returns how often that was refused.
std::uint64_t work(admit::engine& engine, const std::string& user, int count) {
    std::uint64_t refused = 0;
    for (int i = 0; i < count; ++i) {
        auto mine = engine.try_admit(user);
        if (!mine)
            ++refused;
        else if (i % 2 == 0)
            mine->end(admit::status::error);
    }
    return refused;
}

}  // namespace

TEST_CASE("who hammers at its own limit takes no room from others") {
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (const unsigned spammers : {1U, 2U, 4U})
            for (const std::size_t held : {std::size_t{3}, std::size_t{300}}) {
                constexpr unsigned workers = 3;
                CAPTURE(spammers);
                CAPTURE(held);
                // Exactly enough: every slot that a failing attempt held would be missed.
                admit::engine engine{counts(held + workers, held)};
                std::vector<permit> permits;
                for (std::size_t i = 0; i < held; ++i)
                    permits.push_back(engine.try_admit("spammer").value());
                std::atomic<std::uint64_t> refused{0};
                std::atomic<unsigned> working{workers};
                std::atomic<std::uint64_t> wrong{0};
                support::run_together(workers + spammers, [&](unsigned thread) {
                    if (thread < workers) {
                        refused += work(engine, support::user_number(thread), cycles);
                        --working;
                        return;
                    }
                    // Full or not, the spammer is at its limit.
                    while (working != 0)
                        if (engine.try_admit("spammer")) ++wrong;
                });
                CHECK(refused == 0);
                CHECK(wrong == 0);
                CHECK(engine.active_count() == held);
                CHECK(engine.stats().admitted == held + std::uint64_t{workers} * cycles);
            }
}

TEST_CASE("with a slot for each worker no worker is ever refused") {
    for (int round = 0; round < support::stress_rounds(); ++round)
        // With slots that others keep: one group, several, and enough for a summary over them.
        for (const std::size_t kept : {std::size_t{0}, std::size_t{250}, std::size_t{2500}})
            for (const unsigned workers : {2U, 3U, 8U}) {
                CAPTURE(kept);
                CAPTURE(workers);
                admit::engine engine{counts(kept + workers, 1)};
                std::vector<permit> permits;
                for (std::size_t i = 0; i < kept; ++i)
                    permits.push_back(engine.try_admit("kept" + std::to_string(i)).value());
                std::atomic<std::uint64_t> refused{0};
                support::run_together(workers, [&](unsigned thread) {
                    refused += work(engine, support::user_number(thread), cycles / 2);
                });
                CHECK(refused == 0);
                CHECK(engine.stats().rejected.total() == 0);
                CHECK(engine.active_count() == kept);
            }
}

TEST_CASE("who only asks whether it is full takes no room either") {
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (const std::size_t kept : {std::size_t{0}, std::size_t{2500}}) {
            constexpr unsigned workers = 2;
            CAPTURE(kept);
            admit::engine engine{counts(kept + workers, 1)};
            std::vector<permit> permits;
            for (std::size_t i = 0; i < kept; ++i)
                permits.push_back(engine.try_admit("kept" + std::to_string(i)).value());
            std::atomic<std::uint64_t> refused{0};
            std::atomic<std::uint64_t> wrong{0};
            std::atomic<unsigned> working{workers};
            support::run_together(workers + 2, [&](unsigned thread) {
                if (thread < workers) {
                    refused += work(engine, support::user_number(thread), cycles);
                    --working;
                    return;
                }
                // To judge an invalid id, the engine has to establish whether it is full.
                while (working != 0) {
                    const auto answer = engine.try_admit("").error();
                    if (answer != errc::invalid_user_id && answer != errc::global_limit) ++wrong;
                }
            });
            CHECK(refused == 0);
            CHECK(wrong == 0);
            CHECK(engine.try_admit("").error() == errc::invalid_user_id);
        }
}

TEST_CASE("a full engine refuses everybody until one ends, and then one gets in") {
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
                std::vector<permit> won(hunters);
                support::run_together(hunters + 1, [&](unsigned thread) {
                    if (thread == hunters) {
                        permits.back().end();
                        ended = true;
                        return;
                    }
                    const std::string user = "hunter" + std::to_string(thread);
                    for (bool last = false; !last;) {
                        last = ended;  // then this attempt begins after the end
                        auto mine = engine.try_admit(user);
                        if (!mine) continue;
                        won[thread] = std::move(*mine);
                        ++winners;
                        return;
                    }
                });
                REQUIRE(winners == 1);
                for (permit& each : won)
                    if (each) permits.back() = std::move(each);
                REQUIRE(engine.active_count() == size);
            }
        }
}
