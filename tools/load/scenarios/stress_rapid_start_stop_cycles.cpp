// Starts and ends as fast as they go, against both limits at once.
#include <algorithm>
#include <deque>

#include "load/build_info.hpp"
#include "load/harness/stage.hpp"
#include "load/scenarios/scenarios.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

enum kind : std::uint32_t { user_cycles, rapid_cycles };

constexpr std::uint64_t cycles_between_yields = 4096;
constexpr std::size_t largest_hand = 100'000;

/// Twice as many as there are slots, so that slots go from one to the next all the time.
constexpr std::size_t users_who_wait = 40;

/// Conversations that one worker holds at most: two more than there are slots, so that each worker
/// alone runs into the limit all the time.
std::size_t hand_size(const plan& numbers) {
    return std::min(numbers.limits.max_concurrent + 2, largest_hand);
}

/// Whether both limits are certain to be reached. The users together must be able to fill the
/// slots twice over, and half of all starts, which are user 0's, must be able to fill its limit.
bool presses_hard(const plan& numbers) {
    const admit::limits& limits = numbers.limits;
    return hand_size(numbers) > limits.max_concurrent &&
           numbers.users * limits.max_per_user >= 2 * limits.max_concurrent &&
           4 * limits.max_per_user <= limits.max_concurrent &&
           numbers.cycles >= 100 * limits.max_concurrent;
}

std::uint64_t rapid_cycle_count(const settings& wanted) {
    const std::uint64_t usual = wanted.pace == pace::quick ? 300'000 : 10'000'000;
    return sanitized_build ? usual / 50 : usual;
}

plan prepare(const settings& wanted, std::size_t threads) {
    plan numbers = derive_plan(wanted,
                               {.scenario = "stress_rapid_start_stop_cycles",
                                .users = wanted.wait ? users_who_wait : 10,
                                .longest_quiet = 1ms,
                                .longest_conversation = 1ms},
                               threads);
    numbers.rounds = 100;
    numbers.cycles = rapid_cycle_count(wanted);
    numbers.kinds = {"cycles of coroutine users", "rapid cycles"};
    numbers.expected_completions = numbers.users * numbers.rounds + numbers.cycles;
    numbers.expected_time = 10s;
    const double hands = static_cast<double>(threads * hand_size(numbers));
    numbers.own_memory_mib += hands * sizeof(watched_permit) * 2 / (1024 * 1024);
    return numbers;
}

asio::awaitable<void> user(stage& run, std::size_t number) {
    for (std::size_t round = 0; round < run.numbers().rounds; ++round) {
        auto asking = run.admission(number, user_cycles);
        auto admission = co_await std::move(asking);
        auto others = run.yield();
        co_await std::move(others);
        if (admission) admission->end_timing_calls();
    }
}

/// The open conversations of one worker; the oldest is ended first. It never waits for room,
/// because it would wait for itself.
class hand {
public:
    explicit hand(stage& run, std::size_t seed) : run_(run), random_(seed * 2 + 1) {}

    /// Makes up to this many conversations; fewer when others hold all slots.
    std::uint64_t play(std::uint64_t cycles) {
        std::uint64_t started = 0;
        for (std::uint64_t attempt = 0; started < cycles && attempt < 4 * cycles; ++attempt) {
            if (held_.size() == hand_size(run_.numbers())) end_oldest();
            auto admission = run_.start(next_user(), rapid_cycles);
            if (admission) {
                held_.push_back(std::move(*admission));
                ++started;
            } else if (held_.empty()) {
                break;  // let the others end theirs
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

    /// User 0 in half of all cases: enough to run into its own limit. xorshift64.
    std::size_t next_user() noexcept {
        random_ ^= random_ << 13;
        random_ ^= random_ >> 7;
        random_ ^= random_ << 17;
        return (random_ >> 60) % 2 == 0 ? 0 : (random_ >> 8) % run_.numbers().users;
    }

    stage& run_;
    std::deque<watched_permit> held_;
    std::uint64_t random_;
};

asio::awaitable<void> rapid_worker(stage& run, std::size_t number, std::uint64_t cycles) {
    hand conversations(run, number);
    for (std::uint64_t done = 0; done < cycles;) {
        done += conversations.play(std::min(cycles - done, cycles_between_yields));
        auto others = run.yield();
        co_await std::move(others);
    }
    conversations.end_all();
}

asio::awaitable<void> play(stage& run) {
    const plan& numbers = run.numbers();
    run.use_keys();
    latch& users_done = run.new_latch(numbers.users);
    for (std::size_t number = 0; number < numbers.users; ++number) {
        run.spawn(user(run, number), users_done);
    }
    auto all_users = users_done.wait();
    co_await std::move(all_users);

    latch& workers_done = run.new_latch(numbers.threads);
    for (std::size_t worker = 0; worker < numbers.threads; ++worker) {
        const bool takes_the_rest = worker < numbers.cycles % numbers.threads;
        const std::uint64_t share = numbers.cycles / numbers.threads + (takes_the_rest ? 1 : 0);
        run.spawn(rapid_worker(run, worker, share), workers_done);
    }
    auto all_workers = workers_done.wait();
    co_await std::move(all_workers);
}

void judge_pressure(const plan& numbers, const metrics& seen, checklist& checks) {
    if (!presses_hard(numbers)) return;
    checks.at_least("rejected by the global limit", 1, seen.starts.failed(errc::global_limit),
                    "the stress did not reach the limit, so it proved nothing about it");
    checks.at_least("rejected by the user's limit", 1, seen.starts.failed(errc::user_limit),
                    "the stress did not reach the user's limit, so it proved nothing about it");
}

void judge(const plan& numbers, const metrics& seen, checklist& checks) {
    const std::uint64_t of_users = numbers.users * numbers.rounds;
    const response_times& cycles = seen.kinds[user_cycles].response;
    if (numbers.users == admitted_in_all(numbers)) {
        checks.equal("cycles of coroutine users", of_users, cycles.count,
                     "a start was refused although there was room");
    }
    checks.equal("rapid cycles", numbers.cycles, seen.kinds[rapid_cycles].response.count,
                 "conversations were lost, or ended by somebody else");
    checks.equal("rejected for another reason than a limit", std::uint64_t{0},
                 seen.starts.failed() - seen.starts.failed(errc::global_limit) -
                     seen.starts.failed(errc::user_limit),
                 "only the two limits can be reached here");
    judge_pressure(numbers, seen, checks);
    if (numbers.judges_speed) {
        checks.below("median time of a start and an end", 0.02, seen.response.p50_ms, "ms",
                     "a lock, a system call or an allocation has come into the hot path");
    }
}

}  // namespace

scenario stress_rapid_start_stop_cycles() {
    return {"stress_rapid_start_stop_cycles",
            "1,000 cycles of coroutine users, then 10,000,000 on all threads", prepare, play,
            judge};
}

}  // namespace admit::load
