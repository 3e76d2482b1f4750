// SPDX-License-Identifier: BSL-1.0
// A user at its limit attempts to be admitted in a tight loop. Other users are not refused because
// of these attempts, and their conversations take hardly longer.
#include <doctest/doctest.h>
#include <time.h>

#include <admit/engine.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "support/engines.hpp"
#include "support/printing.hpp"
#include "support/sanitizers.hpp"

using admit::permit;
using support::counts;

namespace {

constexpr int cycles_of_a_slice = 2000;
constexpr int max_slices = support::timed ? 8'000 : 100;
constexpr int wanted_samples = 50;  // so many slices count for a result

/// A thread that attempts in a loop, or spins without attempts. Both keep one core busy.
class neighbour {
public:
    neighbour(admit::engine& engine, const std::string& user)
        : thread_{[this, &engine, user](const std::stop_token& stop) {
              while (!stop.stop_requested())
                  if (hammering_) {
                      if (engine.try_admit(user)) ++admitted_;
                      attempts_.store(attempts_ + 1, std::memory_order_relaxed);
                  }
          }} {}

    void hammer(bool on) { hammering_ = on; }
    std::uint64_t attempts() const { return attempts_; }
    std::uint64_t admitted() const { return admitted_; }

private:
    std::atomic<bool> hammering_{false};
    alignas(128) std::atomic<std::uint64_t> attempts_{0};
    std::atomic<std::uint64_t> admitted_{0};
    alignas(128) std::jthread thread_;
};

struct slice {
    double seconds = 0;
    double cpu_seconds = 0;
    std::uint64_t attempts = 0;  // of the neighbour during the slice
    double rate() const { return static_cast<double>(attempts) / seconds; }
    /// Whether the worker had its core all the time. The neighbour's rate is then a rate of that
    /// time.
    bool undisturbed() const { return seconds < 1.05 * cpu_seconds; }
};

double highest_rate(const std::vector<slice>& slices) {
    double highest = 0;
    for (const slice& each : slices) highest = std::max(highest, each.rate());
    return highest;
}

/// The shortest slice during which the neighbour attempted at least at `rate`. Other programs on
/// the machine make some slices longer and none shorter.
double shortest_seconds(const std::vector<slice>& slices, double rate) {
    double shortest = std::numeric_limits<double>::max();
    for (const slice& each : slices)
        if (each.rate() >= rate) shortest = std::min(shortest, each.seconds);
    return shortest;
}

double cpu_time() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct cost {
    double alone = 0;
    double beside = 0;
    double attempts_a_second = 0;
    std::ptrdiff_t samples = 0;
    std::uint64_t refused = 0;
    double ratio() const { return beside / alone; }
};

/// A slice of the worker: conversations that begin and end.
slice work(admit::engine& engine, const admit::user_key& user, const neighbour& other,
           std::uint64_t& refused) {
    const std::uint64_t before = other.attempts();
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = cpu_time();
    for (int i = 0; i < cycles_of_a_slice; ++i) {
        const auto granted = engine.try_admit(user);
        if (!granted) ++refused;
    }
    const double cpu_seconds = cpu_time() - cpu_start;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return {
        .seconds = took.count(), .cpu_seconds = cpu_seconds, .attempts = other.attempts() - before};
}

/// Alternates slices with and without the neighbour's attempts. Stops when enough slices were
/// undisturbed while the neighbour attempted at full speed.
cost measure(admit::engine& engine, neighbour& other) {
    cost result;
    const admit::user_key user = engine.key("worker");
    std::vector<slice> alone;
    std::vector<slice> beside;
    for (int i = 0; i < max_slices && result.samples < wanted_samples; ++i)
        for (const bool hammering : {false, true}) {
            other.hammer(hammering);
            const slice next = work(engine, user, other, result.refused);
            if (next.undisturbed()) (hammering ? beside : alone).push_back(next);
            result.attempts_a_second = highest_rate(beside);
            result.samples = std::count_if(beside.begin(), beside.end(), [&](const slice& each) {
                return each.rate() > 0.7 * result.attempts_a_second;
            });
        }
    other.hammer(false);
    result.alone = shortest_seconds(alone, 0);
    result.beside = shortest_seconds(beside, 0.7 * result.attempts_a_second);
    return result;
}

}  // namespace

TEST_CASE(
    "a user who hammers at its limit slows others by less than a tenth and costs no admission") {
    for (const std::size_t size : {std::size_t{20}, std::size_t{1000}, std::size_t{20'000}}) {
        CAPTURE(size);
        admit::engine engine{counts(size, 3)};
        std::vector<permit> held;
        for (int i = 0; i < 3; ++i) held.push_back(engine.try_admit("spammer").value());
        neighbour spammer{engine, "spammer"};
        const cost result = measure(engine, spammer);
        MESSAGE(size, " slots: beside the spammer other users take ", result.ratio(),
                " times as long, at ", result.attempts_a_second / 1e6,
                " million attempts a second (", result.samples, " slices)");
        CHECK(result.refused == 0);
        CHECK(spammer.admitted() == 0);
        CHECK(spammer.attempts() > 0);
        // With fewer samples the machine had no two free cores, and nothing was measured.
        if (support::timed && result.samples >= wanted_samples) CHECK(result.ratio() < 1.1);
    }
}

TEST_CASE("the measurement detects a neighbour that writes to the same cache lines" *
          doctest::skip(!support::timed)) {
    admit::engine engine{counts(1000, 1000)};
    neighbour same_user{engine, "worker"};  // is admitted, and counts in the same lane
    const cost result = measure(engine, same_user);
    MESSAGE("beside a neighbour of the same user the worker takes ", result.ratio(),
            " times as long");
    CHECK(result.refused == 0);
    CHECK(same_user.admitted() > 0);
    if (result.samples >= wanted_samples) CHECK(result.ratio() > 1.1);
}
