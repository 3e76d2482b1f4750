// What somebody costs the others who attempts in a tight loop: at its own limit, or with an engine
// that is full. The others are never refused for it, and hardly slower.
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
constexpr int most_slices = support::timed ? 8'000 : 100;
constexpr int enough = 50;  // slices of those that count

/// A thread that hammers, or spins for the sake of comparison: in both cases a core is busy.
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
    std::uint64_t attempts = 0;  // of the neighbour, meanwhile
    double rate() const { return static_cast<double>(attempts) / seconds; }
    /// Whether the worker had its core all the time; then the neighbour's rate is of that time.
    bool undisturbed() const { return seconds < 1.05 * cpu_seconds; }
};

double highest_rate(const std::vector<slice>& slices) {
    double highest = 0;
    for (const slice& each : slices) highest = std::max(highest, each.rate());
    return highest;
}

/// The shortest of the slices beside which the neighbour attempted at least at that rate: others on
/// the machine make some slices longer and none shorter.
double least_seconds(const std::vector<slice>& slices, double rate) {
    double least = std::numeric_limits<double>::max();
    for (const slice& each : slices)
        if (each.rate() >= rate) least = std::min(least, each.seconds);
    return least;
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

/// A slice of an honest user's work: conversations started and ended.
slice work(admit::engine& engine, const admit::user_key& user, const neighbour& other,
           std::uint64_t& refused) {
    const std::uint64_t before = other.attempts();
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = cpu_time();
    for (int i = 0; i < cycles_of_a_slice; ++i) {
        const auto mine = engine.try_admit(user);
        if (!mine) ++refused;
    }
    const double cpu_seconds = cpu_time() - cpu_start;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return {
        .seconds = took.count(), .cpu_seconds = cpu_seconds, .attempts = other.attempts() - before};
}

/// Slices with and without the hammering, in turn, until enough of them were undisturbed and had
/// the neighbour at full speed beside them.
cost measure(admit::engine& engine, neighbour& other) {
    cost found;
    const admit::user_key user = engine.key("worker");
    std::vector<slice> alone;
    std::vector<slice> beside;
    for (int i = 0; i < most_slices && found.samples < enough; ++i)
        for (const bool hammering : {false, true}) {
            other.hammer(hammering);
            const slice next = work(engine, user, other, found.refused);
            if (next.undisturbed()) (hammering ? beside : alone).push_back(next);
            found.attempts_a_second = highest_rate(beside);
            found.samples = std::count_if(beside.begin(), beside.end(), [&](const slice& each) {
                return each.rate() > 0.7 * found.attempts_a_second;
            });
        }
    other.hammer(false);
    found.alone = least_seconds(alone, 0);
    found.beside = least_seconds(beside, 0.7 * found.attempts_a_second);
    return found;
}

}  // namespace

TEST_CASE("who hammers at its own limit costs others less than a tenth, and no admission") {
    for (const std::size_t size : {std::size_t{20}, std::size_t{1000}, std::size_t{20'000}}) {
        CAPTURE(size);
        admit::engine engine{counts(size, 3)};
        std::vector<permit> held;
        for (int i = 0; i < 3; ++i) held.push_back(engine.try_admit("spammer").value());
        neighbour spammer{engine, "spammer"};
        const cost found = measure(engine, spammer);
        MESSAGE(size, " slots: beside the spammer others take ", found.ratio(),
                " times as long, at ", found.attempts_a_second / 1e6,
                " million attempts a second (", found.samples, " slices)");
        CHECK(found.refused == 0);
        CHECK(spammer.admitted() == 0);
        CHECK(spammer.attempts() > 0);
        // Fewer: the machine had no two cores for us, and nothing was measured.
        if (support::timed && found.samples >= enough) CHECK(found.ratio() < 1.1);
    }
}

TEST_CASE("the measurement notices a neighbour who writes where the others do" *
          doctest::skip(!support::timed)) {
    admit::engine engine{counts(1000, 1000)};
    neighbour twin{engine, "worker"};  // counts by the same lane, and is let in
    const cost found = measure(engine, twin);
    MESSAGE("beside its twin it takes ", found.ratio(), " times as long");
    CHECK(found.refused == 0);
    CHECK(twin.admitted() > 0);
    if (found.samples >= enough) CHECK(found.ratio() > 1.1);
}
