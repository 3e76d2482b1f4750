// SPDX-License-Identifier: BSL-1.0
// admit.h with many threads, and callbacks that call it.
#include <admit/admit.h>
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "support/threads.hpp"

namespace {

using namespace std::chrono_literals;

admit_engine* make_engine(std::size_t all, std::size_t per_user, std::size_t waiting) {
    admit_limits limits = ADMIT_LIMITS_INIT;
    limits.max_concurrent = all;
    limits.max_per_user = per_user;
    limits.max_waiting = waiting;
    limits.max_waiting_per_user = waiting;
    admit_engine* engine = nullptr;
    REQUIRE(admit_engine_new(&limits, nullptr, &engine, nullptr) == ADMIT_OK);
    return engine;
}

admit_stats stats_of(const admit_engine* engine) {
    admit_stats stats = ADMIT_STATS_INIT;
    admit_get_stats(engine, &stats);
    return stats;
}

/// One request that waits, and what came of it.
struct request {
    std::atomic<int> calls{0};
    std::atomic<admit_result> result{ADMIT_WAITING};
    bool end_at_once = false;
    admit_permit permit{};
    admit_wait_handle handle{};

    admit_result wait(admit_engine* engine, const std::string& user, std::int64_t at_most) {
        admit_request how = ADMIT_REQUEST_INIT;
        how.wait_at_most = at_most;
        return admit_wait(engine, user.data(), user.size(), &how, &waited, this, &permit, &handle,
                          nullptr);
    }
    static void waited(void* data, admit_result result, const admit_permit* permit) {
        auto& self = *static_cast<request*>(data);
        self.permit = *permit;
        if (self.end_at_once) admit_end(permit, ADMIT_COMPLETED);
        self.result = result;
        self.calls.fetch_add(1);
    }
};

}  // namespace

TEST_CASE("callbacks that end their conversations do not nest") {
    constexpr std::size_t count = 100'000;  // each nested in the last one would need a large stack
    admit_engine* const engine = make_engine(1, 1, count);
    admit_permit first{};
    REQUIRE(admit_try_admit(engine, "first", 5, nullptr, &first) == ADMIT_OK);
    std::deque<request> requests(count);
    for (std::size_t i = 0; i < count; ++i) {
        requests[i].end_at_once = true;
        REQUIRE(requests[i].wait(engine, std::to_string(i), ADMIT_NEVER) == ADMIT_WAITING);
    }
    CHECK(admit_end(&first, ADMIT_COMPLETED));
    std::size_t called = 0;
    for (const request& each : requests)
        if (each.calls == 1 && each.result == ADMIT_OK) ++called;
    CHECK(called == count);
    CHECK(stats_of(engine).admitted == count + 1);
    CHECK(admit_active(engine) == 0);
    admit_engine_free(engine);
}

TEST_CASE("a callback of another engine comes within the call that decides") {
    admit_engine* const first = make_engine(1, 1, 1);
    admit_engine* second = make_engine(1, 1, 1);
    struct {
        admit_engine** other;
        admit_permit permit{};
        request inner{};
    } outer{&second};
    REQUIRE(admit_try_admit(second, "a", 1, nullptr, &outer.permit) == ADMIT_OK);
    REQUIRE(outer.inner.wait(second, "b", ADMIT_NEVER) == ADMIT_WAITING);
    admit_permit permit{};
    REQUIRE(admit_try_admit(first, "a", 1, nullptr, &permit) == ADMIT_OK);
    admit_wait_handle handle{};
    const auto end_other = [](void* data, admit_result, const admit_permit*) {
        auto& self = *static_cast<decltype(outer)*>(data);
        admit_end(&self.permit, ADMIT_COMPLETED);
        CHECK(self.inner.calls == 1);
        admit_end(&self.inner.permit, ADMIT_COMPLETED);
    };
    admit_permit none{};
    REQUIRE(admit_wait(first, "b", 1, nullptr, end_other, &outer, &none, &handle, nullptr) ==
            ADMIT_WAITING);
    admit_end(&permit, ADMIT_COMPLETED);
    admit_engine_free(second);
    admit_engine_free(first);
}

TEST_CASE("a wait is granted, cancelled or timed out, and never two of them") {
    constexpr int rounds = 2'000;
    constexpr unsigned threads = 4;
    admit_engine* const engine = make_engine(2, 2, 64);
    std::atomic<std::uint64_t> begun{0};
    std::array<std::vector<std::string>, threads> mistakes;
    support::run_together(threads, [&](unsigned number) {
        const std::string user = "user" + std::to_string(number % 2);
        for (int round = 0; round < rounds; ++round) {
            request asked;
            const admit_result first = asked.wait(engine, user, round % 3 == 0 ? 1 : ADMIT_NEVER);
            if (first == ADMIT_OK) {
                ++begun;
                admit_end(&asked.permit, ADMIT_COMPLETED);
                continue;
            }
            if (first != ADMIT_WAITING) {
                mistakes[number].push_back(admit_message(first));
                continue;
            }
            if (round % 3 == 0) admit_expire(engine, admit_now() + 1'000'000'000);
            if (round % 3 == 1 && admit_cancel(&asked.handle)) {
                if (asked.calls != 0) mistakes[number].push_back("called and cancelled");
                continue;
            }
            while (asked.calls == 0) std::this_thread::yield();
            if (admit_cancel(&asked.handle)) mistakes[number].push_back("cancelled afterwards");
            if (asked.result == ADMIT_OK) {
                ++begun;
                if (!admit_end(&asked.permit, ADMIT_COMPLETED))
                    mistakes[number].push_back("its permit was ended");
            } else if (asked.result != ADMIT_WAIT_TIMEOUT) {
                mistakes[number].push_back(admit_message(asked.result));
            }
        }
    });
    for (const auto& each : mistakes)
        CHECK_MESSAGE(each.empty(), (each.empty() ? std::string{} : each.front()));
    const admit_stats stats = stats_of(engine);
    CHECK(stats.active == 0);
    CHECK(stats.waiting == 0);
    CHECK(stats.admitted == begun);
    CHECK(stats.ended[ADMIT_COMPLETED] == begun);
    admit_engine_free(engine);
}

namespace {

/// A supervised conversation, looked after by one thread and told by others.
struct supervised {
    std::atomic<int> told{0};
    std::atomic<int> released{0};

    admit_result begin(const admit_permit& permit, admit_supervision** supervision) {
        return admit_supervise(
            &permit, 0, [](void* data, admit_status) { ++static_cast<supervised*>(data)->told; },
            [](void* data) { ++static_cast<supervised*>(data)->released; }, this, supervision);
    }
};

}  // namespace

TEST_CASE("a supervised conversation is told once at most, and released once") {
    admit_engine* const engine = make_engine(2, 2, 0);
    std::deque<supervised> all(4'000);
    std::atomic<std::uint64_t> begun{0};
    std::atomic<bool> stop{false};
    std::thread other{[&] {
        while (!stop) {
            admit_expire(engine, admit_now() + 400'000'000'000);
            admit_end_user(engine, "b", 1, ADMIT_CANCELLED);
        }
    }};
    support::run_together(2, [&](unsigned number) {
        const char* const user = number == 0 ? "a" : "b";
        for (std::size_t i = number; i < all.size(); i += 2) {
            admit_permit permit{};
            if (admit_try_admit(engine, user, 1, nullptr, &permit) != ADMIT_OK) {
                ++all[i].released;
                continue;
            }
            ++begun;
            admit_supervision* supervision = nullptr;
            if (all[i].begin(permit, &supervision) != ADMIT_OK) continue;
            if (i % 4 < 2) std::this_thread::yield();
            const admit_ending ending = admit_unsupervise(supervision, ADMIT_COMPLETED);
            if (!ending.told && ending.status != ADMIT_COMPLETED) ++all[i].released;
        }
    });
    stop = true;
    other.join();
    std::size_t wrong = 0;
    for (const supervised& each : all)
        if (each.told > 1 || each.released != 1) ++wrong;
    CHECK(wrong == 0);
    CHECK(admit_active(engine) == 0);
    const admit_stats stats = stats_of(engine);
    CHECK(stats.admitted == begun);
    admit_engine_free(engine);
}
