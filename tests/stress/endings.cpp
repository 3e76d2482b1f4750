// SPDX-License-Identifier: BSL-1.0
// Expiry, touches and ends run at the same time: each conversation ends exactly once, and no
// conversation expires early.
#include <admit/engine.hpp>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/stress.hpp"
#include "support/threads.hpp"
#include "support/virtual_clock.hpp"

using admit::permit;
using admit::status;
using support::rng;
using support::virtual_clock;
using namespace std::chrono_literals;

namespace {

/// Advances the clock and expires until no worker is left; returns the number of conversations
/// ended.
std::uint64_t expire_while(admit::engine& engine, const std::atomic<unsigned>& working,
                           admit::duration tick) {
    std::uint64_t ended = 0;
    while (working != 0) {
        virtual_clock::advance(tick);
        ended += engine.expire(virtual_clock::now()).total();
    }
    return ended;
}

}  // namespace

TEST_CASE("each admission ends exactly once, whether by end, touch or expiry") {
    constexpr unsigned workers = 3;
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (const std::size_t size : {3UL, 50UL, 600UL}) {
            CAPTURE(size);
            virtual_clock::set(1000s);
            admit::engine engine{{.max_concurrent = size,
                                  .max_per_user = size,
                                  .idle_timeout = 50us,
                                  .max_duration = 200us},
                                 virtual_clock::source(1us)};
            // The threads share ids, so that each thread ends conversations of the others.
            struct shared_id {
                std::atomic<std::uint64_t> generation{0};
                std::atomic<std::uint32_t> slot{0};
            };
            std::vector<shared_id> ids(size);
            const std::uint64_t number = engine.try_admit("alice").value().id().engine;
            std::atomic<std::uint64_t> admitted{1};
            std::atomic<std::uint64_t> completed{1};
            std::atomic<std::uint64_t> failed{0};
            std::atomic<std::uint64_t> expired{0};
            std::atomic<unsigned> working{workers};
            support::run_together(workers + 2, [&](unsigned thread) {
                if (thread >= workers) {
                    expired += expire_while(engine, working, 7us);
                    return;
                }
                rng random{thread + 1};
                for (int step = 0; step < support::repetitions(150'000, 6'000); ++step) {
                    shared_id& chosen = ids[random.below(size)];
                    // The two loads may read parts of different ids, which gives an id of no
                    // conversation.
                    const admit::conversation_id id{
                        .engine = number, .generation = chosen.generation, .slot = chosen.slot};
                    switch (random.below(4)) {
                        case 0: {
                            auto admitted_permit =
                                engine.try_admit(support::user_number(random.below(9)));
                            if (!admitted_permit) break;
                            ++admitted;
                            chosen.generation = admitted_permit->id().generation;
                            chosen.slot = admitted_permit->id().slot;
                            admitted_permit->detach();
                            break;
                        }
                        case 1: static_cast<void>(engine.touch(id)); break;
                        case 2: completed += engine.end(id) ? 1 : 0; break;
                        default: failed += engine.end(id, status::error) ? 1 : 0;
                    }
                }
                --working;
            });
            virtual_clock::advance(1s);
            expired += engine.expire(virtual_clock::now()).total();
            const auto stats = engine.stats();
            CHECK(stats.active == 0);
            CHECK(stats.users == 0);
            CHECK(stats.admitted == admitted);
            CHECK(stats.ended.completed == completed);
            CHECK(stats.ended.error == failed);
            // A touch may complete an end that an expiry has decided.
            CHECK(stats.ended.idle + stats.ended.timed_out >= expired);
            CHECK(stats.ended.idle + stats.ended.timed_out == admitted - completed - failed);
            CHECK(support::admit_strangers(engine, size + 1).size() == size);
        }
}

TEST_CASE("a touch that returned true holds for the whole idle timeout") {
    constexpr unsigned workers = 3;
    constexpr auto idle = 100us;
    for (int round = 0; round < support::stress_rounds(); ++round) {
        virtual_clock::set(1000s);
        admit::engine engine{{.max_concurrent = 10,
                              .max_per_user = 10,
                              .idle_timeout = idle,
                              .max_duration = admit::never},
                             virtual_clock::source()};
        std::atomic<std::uint64_t> early{0};
        std::atomic<std::uint64_t> ended{0};
        std::atomic<unsigned> working{workers};
        support::run_together(workers + 2, [&](unsigned thread) {
            if (thread >= workers) {
                expire_while(engine, working, 3us);
                return;
            }
            rng random{thread + 1};
            permit held;
            admit::time_point not_before{};
            for (int step = 0; step < support::repetitions(300'000, 10'000); ++step) {
                const admit::time_point now = virtual_clock::now();
                if (!held) {
                    held = engine.try_admit(support::user_number(thread)).value();
                    not_before = now + idle;
                } else if (held.touch()) {
                    not_before = now + idle;
                } else {
                    if (virtual_clock::now() < not_before) ++early;
                    ++ended;
                    held = permit{};
                }
                if (random.below(2000) == 0) std::this_thread::yield();
            }
            if (held && !held.end()) ++ended;
            --working;
        });
        CHECK(early == 0);
        CHECK(engine.stats().ended.idle == ended);
    }
}

TEST_CASE("a hundred conversations that four threads end at once end exactly once each") {
    for (int round = 0; round < support::stress_rounds(); ++round)
        for (int i = 0; i < support::repetitions(300, 30); ++i) {
            virtual_clock::set(1000s);
            admit::engine engine{{.max_concurrent = 100, .max_per_user = 100, .idle_timeout = 10s},
                                 virtual_clock::source()};
            std::vector<permit> permits;
            for (int n = 0; n < 100; ++n) permits.push_back(engine.try_admit("alice").value());
            std::vector<admit::conversation_id> ids;
            for (const permit& each : permits) ids.push_back(each.id());
            virtual_clock::advance(10s);
            std::atomic<std::size_t> by_end{0};
            std::atomic<std::size_t> by_expiry{0};
            support::run_together(4, [&](unsigned thread) {
                switch (thread) {
                    case 0:
                        for (permit& each : permits) by_end += each.end() ? 1 : 0;
                        break;
                    case 1:
                        for (std::size_t n = ids.size(); n-- > 0;)
                            by_end += engine.end(ids[n]) ? 1 : 0;
                        break;
                    default: by_expiry += engine.expire(virtual_clock::now()).total();
                }
            });
            REQUIRE(by_end + by_expiry == 100);
            REQUIRE(engine.stats().ended.completed == by_end);
            REQUIRE(engine.stats().ended.idle == by_expiry);
            REQUIRE(engine.active_count() == 0);
        }
}
