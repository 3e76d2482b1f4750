// Real measurements of planted work: that a slow row misses its target, and wrong work is no
// figure.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/crew.hpp"
#include "bench/rows/rows.hpp"
#include "bench/run.hpp"

namespace {

using namespace admit::bench;

std::unique_ptr<workload> spinning(std::chrono::nanoseconds time) {
    return loop_of(1, [time](unsigned) {
        return [time] {
            const auto until = std::chrono::steady_clock::now() + time;
            while (std::chrono::steady_clock::now() < until) {
            }
            return true;
        };
    });
}

/// The floor, and one row that takes about so long.
catalog planted(std::chrono::nanoseconds time) {
    catalog all;
    add_floor(all);
    all.rows.push_back(
        {"planted", systems::admit, 1, "planted", [time] { return spinning(time); }, 10});
    all.targets = {{"planted", "planted/admit/1", 10, std::string(floor_figure)}};
    return all;
}

/// Rounds during which the system interrupts a thread are dropped, on a busy machine all of an
/// attempt: that is no failure of what is tested here.
constexpr pace short_pace = {.rounds = 7, .seconds = 0.0001, .attempts = 100, .quick = true};

results run(const catalog& asked) {
    return measured_and_judged(asked, short_pace, [](std::string_view, double) {});
}

exit_code with_check(bool check, const results& seen) {
    command given;
    given.check = check;
    return code_for(given, seen);
}

}  // namespace

TEST_CASE("a planted slow row misses its target, and --check says so") {
    using namespace std::chrono_literals;
    const results slow = run(planted(100us));
    REQUIRE(slow.judged.size() == 1);
    CHECK(slow.judged[0].is == verdict::missed);
    CHECK(with_check(true, slow) == target_missed);
    CHECK(with_check(false, slow) == fine);
    CHECK(text_report(slow, false).find("MISSED") != std::string::npos);
    CHECK(missed_targets(slow, false).find("planted") != std::string::npos);
}

TEST_CASE("a figure is about as long as its work takes") {
    using namespace std::chrono_literals;
    const results seen = run(planted(20us));
    const figure& spun = seen.measured.at("planted/admit/1");
    CHECK(spun.median >= 20'000);
    CHECK(spun.low <= spun.median);
    CHECK(spun.rounds >= 7);
    CHECK(seen.measured.at("floor5/steps/1").median < spun.median);
}

TEST_CASE("work that does something else than its row says is no figure but an error") {
    catalog all;
    all.rows.push_back({"wrong", systems::admit, 1, "wrong",
                        [] { return loop_of(1, [](unsigned) { return [] { return false; }; }); }});
    CHECK_THROWS_AS(run(all), std::runtime_error);
}

TEST_CASE("the threads of a crew work at the same time, each by its own number") {
    crew threads(2);
    std::atomic<unsigned> seen[2] = {};
    const auto work = loop_of(2, [&](unsigned thread) {
        return [&seen, thread] {
            seen[thread].fetch_add(1);
            // Whoever comes first waits for the other one.
            while (seen[1 - thread] == 0) std::this_thread::yield();
            return true;
        };
    });
    CHECK(threads.run(*work, 2, 1000).took.count() > 0);
    CHECK(seen[0] >= 1000);
    CHECK(seen[1] >= 1000);
    CHECK(work->unexpected() == 0);
    CHECK(threads.run(*work, 1, 1000).took.count() > 0);
    CHECK(threads.line_price() > 0);
}
