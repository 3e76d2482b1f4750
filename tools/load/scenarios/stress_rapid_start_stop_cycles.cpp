// SPDX-License-Identifier: BSL-1.0
// Scenario: starts and ends without pauses, at both limits at once.
#include <algorithm>
#include <deque>

#include "common/build_info.hpp"
#include "load/harness/scenario_run.hpp"
#include "load/scenarios/scenarios.hpp"
#include "load/scenarios/users.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

enum kind : std::uint32_t { user_cycles, rapid_cycles };

constexpr std::uint64_t cycles_between_yields = 4096;
constexpr std::size_t max_open_limit = 100'000;

/// Twice the number of slots, so that ends hand slots to waiters all the time.
constexpr std::size_t waiting_users = 40;

/// The number of conversations that one worker tries to hold: two more than there are slots, so
/// that each worker reaches the limit all the time.
std::size_t max_open(const plan& numbers) {
    return std::min(numbers.limits.max_concurrent + 2, max_open_limit);
}

/// Whether both limits are certainly reached: the users can fill the slots twice, and half of all
/// starts, which are of user 0, can fill its limit.
bool reaches_both_limits(const plan& numbers) {
    const admit::limits& limits = numbers.limits;
    return max_open(numbers) > limits.max_concurrent &&
           numbers.users * limits.max_per_user >= 2 * limits.max_concurrent &&
           4 * limits.max_per_user <= limits.max_concurrent &&
           numbers.cycles >= 100 * limits.max_concurrent;
}

std::uint64_t rapid_cycle_count(const settings& wanted) {
    const std::uint64_t standard = wanted.pace == pace::quick ? 300'000 : 10'000'000;
    return tools::sanitized_build ? standard / 50 : standard;
}

plan prepare(const settings& wanted, std::size_t threads) {
    plan numbers = derive_plan(wanted,
                               {.scenario = "stress_rapid_start_stop_cycles",
                                .users = wanted.wait ? waiting_users : 10,
                                .max_quiet = 1ms,
                                .max_conversation = 1ms},
                               threads);
    numbers.rounds = 100;
    numbers.cycles = rapid_cycle_count(wanted);
    numbers.kinds = {"cycles of coroutine users", "rapid cycles"};
    numbers.expected_completions = numbers.users * numbers.rounds + numbers.cycles;
    numbers.expected_time = 10s;
    const double held = static_cast<double>(threads * max_open(numbers));
    numbers.memory_limit_mib += held * sizeof(watched_permit) * 2 / (1024 * 1024);
    return numbers;
}

/// The first conversations last until all users have asked: with fewer at once, no slot may ever be
/// missing, and nothing tested.
asio::awaitable<void> user(scenario_run& run, std::size_t number, simultaneous_start all_users) {
    for (std::size_t round = 0; round < run.numbers().rounds; ++round) {
        auto asking = run.admission(number, user_cycles);
        auto admission = co_await std::move(asking);
        if (round == 0) {
            all_users.requested.arrive();
            auto begin = all_users.may_work.wait();
            co_await std::move(begin);
        }
        auto others = run.yield();
        co_await std::move(others);
        if (admission) admission->end_timing_calls();
    }
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
            if (held_.size() == max_open(run_.numbers())) end_oldest();
            auto admission = run_.start(next_user(), rapid_cycles);
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
    for (std::uint64_t done = 0; done < cycles;) {
        done += open.start(std::min(cycles - done, cycles_between_yields));
        auto others = run.yield();
        co_await std::move(others);
    }
    open.end_all();
}

asio::awaitable<void> execute(scenario_run& run) {
    const plan& numbers = run.numbers();
    run.use_keys();
    const simultaneous_start all_asked = new_simultaneous_start(run, numbers.users);
    latch& users_done = run.new_latch(numbers.users);
    for (std::size_t number = 0; number < numbers.users; ++number) {
        run.spawn(user(run, number, all_asked), users_done);
    }
    auto starting = release_after_all_requested(run, all_asked, numbers.users);
    co_await std::move(starting);
    auto all_users = users_done.wait();
    co_await std::move(all_users);

    latch& workers_done = run.new_latch(numbers.threads);
    for (std::size_t worker = 0; worker < numbers.threads; ++worker) {
        const bool takes_one_more = worker < numbers.cycles % numbers.threads;
        const std::uint64_t share = numbers.cycles / numbers.threads + (takes_one_more ? 1 : 0);
        run.spawn(rapid_worker(run, worker, share), workers_done);
    }
    auto all_workers = workers_done.wait();
    co_await std::move(all_workers);
}

void check_limits_reached(const plan& numbers, const metrics& seen, checklist& checks) {
    if (!reaches_both_limits(numbers)) return;
    checks.at_least("rejected by the global limit", 1, seen.starts.failed(errc::global_limit),
                    "the run did not reach the limit, so it did not test the limit");
    checks.at_least("rejected by the user's limit", 1, seen.starts.failed(errc::user_limit),
                    "the run did not reach the user's limit, so it did not test that limit");
}

void verify(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::uint64_t of_users = numbers.users * numbers.rounds;
    const response_times& cycles = seen.kinds[user_cycles].response;
    if (numbers.users == admitted_in_all(numbers)) {
        checks.equal("cycles of coroutine users", of_users, cycles.count,
                     "a start was rejected although a slot was free");
    }
    checks.equal("rapid cycles", numbers.cycles, seen.kinds[rapid_cycles].response.count,
                 "conversations were lost, or ended by expiry or a stale id");
    checks.equal("rejected for another reason than a limit", std::uint64_t{0},
                 seen.starts.failed() - seen.starts.failed(errc::global_limit) -
                     seen.starts.failed(errc::user_limit),
                 "only the two limits can be reached here");
    check_limits_reached(numbers, seen, checks);
    if (numbers.checks_speed) {
        checks.below("median time of a start and an end", 0.02, seen.response.p50_ms, "ms",
                     "a lock, a system call or an allocation is in the hot path");
    }
}

}  // namespace

scenario stress_rapid_start_stop_cycles() {
    return {"stress_rapid_start_stop_cycles",
            "1,000 cycles of coroutine users, then 10,000,000 on all threads", prepare, execute,
            verify};
}

}  // namespace admit::load
