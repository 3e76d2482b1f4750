// SPDX-License-Identifier: BSL-1.0
#include "load/drive/rapid_cycles.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace admit::load {
namespace {

namespace asio = boost::asio;

constexpr std::uint64_t cycles_between_yields = 4096;

std::uint32_t kind_of_cycles(const scenario_run& run) {
    return static_cast<std::uint32_t>(run.numbers().kinds.size() - 1);
}

/// The open conversations of one worker, oldest first. A worker that waited for a free slot would
/// wait for its own conversations, so it never waits.
class open_conversations {
public:
    explicit open_conversations(scenario_run& run, std::size_t seed)
        : run_(run), rng_(seed * 2 + 1) {}

    /// Starts up to this many conversations; fewer if other workers hold all slots.
    std::uint64_t start(std::uint64_t cycles) {
        std::uint64_t started = 0;
        for (std::uint64_t attempt = 0; started < cycles && attempt < 4 * cycles; ++attempt) {
            if (held_.size() == max_open_rapid(run_.numbers().limits.max_concurrent)) end_oldest();
            auto admission = run_.start(next_user(), kind_of_cycles(run_));
            if (admission) {
                held_.push_back(std::move(*admission));
                ++started;
            } else if (held_.empty()) {
                break;  // other workers hold all slots
            } else {
                end_oldest();
            }
        }
        return started;
    }

    void end_all() {
        while (!held_.empty()) end_oldest();
    }

private:
    void end_oldest() {
        held_.front().end_timing_calls();
        held_.pop_front();
    }

    /// User 0 in half of all cases, which is enough to reach its limit. xorshift64.
    std::size_t next_user() noexcept {
        rng_ ^= rng_ << 13;
        rng_ ^= rng_ >> 7;
        rng_ ^= rng_ << 17;
        return (rng_ >> 60) % 2 == 0 ? 0 : (rng_ >> 8) % run_.numbers().users;
    }

    scenario_run& run_;
    std::deque<watched_permit> held_;
    std::uint64_t rng_;
};

asio::awaitable<void> rapid_worker(scenario_run& run, std::size_t number, std::uint64_t cycles) {
    open_conversations open(run, number);
    for (std::uint64_t done = 0; done < cycles && !run.stopping();) {
        done += open.start(std::min(cycles - done, cycles_between_yields));
        auto others = run.yield();
        co_await std::move(others);
    }
    open.end_all();
}

}  // namespace

asio::awaitable<void> run_rapid_cycles(scenario_run& run) {
    const plan& numbers = run.numbers();
    latch& workers_done = run.new_latch(numbers.threads);
    for (std::size_t worker = 0; worker < numbers.threads; ++worker) {
        const bool takes_one_more = worker < numbers.cycles % numbers.threads;
        const std::uint64_t share = numbers.cycles / numbers.threads + (takes_one_more ? 1 : 0);
        run.spawn(rapid_worker(run, worker, share), workers_done);
    }
    auto all_workers = workers_done.wait();
    co_await std::move(all_workers);
}

}  // namespace admit::load
