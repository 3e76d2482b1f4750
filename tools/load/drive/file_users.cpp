// SPDX-License-Identifier: BSL-1.0
#include "load/drive/file_users.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "load/drive/rapid_cycles.hpp"
#include "load/drive/script.hpp"

namespace admit::load {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// What `throw_percent` throws.
struct planned_exception {};

/// A run that uses timeouts up to this factor of its lengths is on the safe side of them even on a
/// busy machine.
constexpr int margin = 4;

start_options options_of(const user_kind& kind, const conversation_plan& who) {
    return {.kind = who.kind,
            .wait = from_seconds(kind.wait_s),
            .priority = static_cast<unsigned>(kind.priority),
            .max_per_user = kind.max_per_user,
            .give_up_after = who.give_up_after};
}

/// Sleeps and touches. Once the conversation may expire it is no longer counted outside.
asio::awaitable<void> work(scenario_run& run, watched_permit& held, const user_kind& kind,
                           std::uint32_t seed, std::size_t steps) {
    random_engine rng(seed);
    for (std::size_t done = 0; done < steps; ++done) {
        const admit::duration length = kind.step_ms.draw(rng);
        if (held.remaining() < margin * length) held.leave_outside_count();
        auto sleeping = run.sleep(length);
        co_await std::move(sleeping);
        if (kind.touch) held.touch();
    }
}

/// The permit is destroyed while the exception unwinds the stack of the coroutine.
asio::awaitable<void> throw_with(watched_permit given) {
    watched_permit held = std::move(given);  // parameters outlive the unwinding
    held.will_be_thrown_away();
    throw planned_exception{};
    co_return;  // NOLINT: makes it a coroutine
}

/// Keeps the conversation until the engine has ended it.
asio::awaitable<void> forget(scenario_run& run, watched_permit& held) {
    held.leave_outside_count();
    while (held.remaining() > 0ns) {
        auto sleeping = run.sleep(std::max<admit::duration>(held.remaining(), 20ms));
        co_await std::move(sleeping);
    }
    // The monitor calls `expire` every 50 ms.
    auto sleeping = run.sleep(200ms);
    co_await std::move(sleeping);
}

/// A start counts as late after `late_ms` or a part of the mean gap, whichever is more.
bool is_late(const file_arrival& rules, admit::duration gap, admit::duration delay) {
    const double of_gap = static_cast<double>(gap.count()) * rules.late_interval_percent / 100;
    return static_cast<double>(delay.count()) > std::max(rules.late_ms * 1e6, of_gap);
}

/// The start of a conversation: from its plan in the open model, now in the closed one.
start_options begin(scenario_run& run, const scenario_file& file, const conversation_plan& who,
                    const std::optional<arrival_time>& planned) {
    start_options how = options_of(file.users[who.kind], who);
    if (!planned) return how;
    how.planned = run.began() + planned->at;
    const admit::duration delay = steady::now() - *how.planned;
    run.note_arrival(delay, is_late(file.arrival, planned->mean_gap, delay));
    return how;
}

/// With `may_work`, the user goes on when that latch opens, whether admitted or not.
asio::awaitable<void> converse(scenario_run& run, const scenario_file& file, conversation_plan who,
                               std::optional<arrival_time> planned, latch* may_work) {
    const user_kind& kind = file.users[who.kind];
    auto asking = run.admission(who.user, begin(run, file, who, planned));
    auto admission = co_await std::move(asking);
    if (may_work != nullptr) {
        auto opening = may_work->wait();
        co_await std::move(opening);
    }
    if (!admission) co_return;
    const std::size_t steps = who.fate == fate::completes ? kind.steps : kind.steps / 2;
    auto working = work(run, *admission, kind, who.seed, steps);
    co_await std::move(working);
    if (who.fate == fate::throws) {
        auto throwing = throw_with(std::move(*admission));
        try {
            co_await std::move(throwing);
        } catch (const planned_exception&) {
            co_return;
        }
    }
    if (who.fate == fate::is_forgotten) {
        auto forgetting = forget(run, *admission);
        co_await std::move(forgetting);
    }
    if (kind.measures == "calls") {
        admission->end_timing_calls();
    } else {
        admission->end();
    }
}

/// The first conversation works when `may_work` opens.
asio::awaitable<void> closed_user(scenario_run& run, const scenario_file& file, std::uint32_t kind,
                                  user_source source, std::size_t number, latch* may_work) {
    const user_kind& mine = file.users[kind];
    random_engine rng = make_random(file.seed, number + 1);
    const auto length = std::chrono::duration<double>(length_s(file));
    const std::size_t most = file.arrival.conversations_per_user;
    const auto goes_on = [&](std::size_t done) {
        return !run.stopping() && (most > 0 ? done < most : run.elapsed() < length);
    };
    for (std::size_t done = 0; goes_on(done); ++done) {
        conversation_plan who = draw_conversation(mine, rng);
        who.kind = kind;
        who.user = mine.ids == "in_turn" ? static_cast<std::uint32_t>(number) : source.next(rng);
        auto conversation = converse(run, file, who, std::nullopt, done == 0 ? may_work : nullptr);
        co_await std::move(conversation);
        auto thinking = run.sleep(mine.think_ms.draw(rng));
        co_await std::move(thinking);
    }
}

/// Completes when each of `attempts` requests was answered or waits, and then opens `may_work`.
/// So no end frees a slot for a request that came later.
asio::awaitable<void> release_when_all_asked(scenario_run& run, const scenario_file& file,
                                             std::uint64_t attempts, latch& may_work) {
    auto settling = run.until_settled(attempts);
    co_await std::move(settling);
    if (run.waits() && !file.checks.empty()) {
        const plan& numbers = run.numbers();
        run.expect_waiting(numbers.users - admitted_at_once(numbers), "when all have asked");
    }
    may_work.arrive();
}

bool needs_strand(const user_kind& kind) { return kind.give_up_percent > 0; }

asio::awaitable<void> run_closed(scenario_run& run, const scenario_file& file) {
    const std::size_t users = file.users_at_once();
    latch& finished = run.new_latch(users);
    latch* may_work = file.arrival.meet ? &run.new_latch(1) : nullptr;
    const std::vector<user_source> sources = make_user_sources(file);
    std::size_t number = 0;
    for (std::uint32_t kind = 0; kind < file.users.size(); ++kind) {
        for (std::size_t each = 0; each < file.users[kind].count; ++each, ++number) {
            run.spawn(closed_user(run, file, kind, sources[kind], number, may_work), finished,
                      needs_strand(file.users[kind]));
        }
    }
    if (may_work != nullptr) {
        auto meeting = release_when_all_asked(run, file, users, *may_work);
        co_await std::move(meeting);
    }
    auto all = finished.wait();
    co_await std::move(all);
    if (run.numbers().cycles == 0) co_return;
    auto cycles = run_rapid_cycles(run);
    co_await std::move(cycles);
}

/// The kind of each user of a burst. Kinds take turns by their counts, so that users of each are
/// among the first, which are admitted.
std::vector<std::uint32_t> kinds_in_turn(const scenario_file& file) {
    const auto users = static_cast<double>(file.users_at_once());
    std::vector<std::uint32_t> turns;
    std::vector<double> taken(file.users.size(), 0);
    for (double number = 1; number <= users; ++number) {
        std::uint32_t next = 0;
        double largest = 0;
        for (std::uint32_t kind = 0; kind < file.users.size(); ++kind) {
            const double due = static_cast<double>(file.users[kind].count) * number / users;
            if (due - taken[kind] <= largest) continue;
            largest = due - taken[kind];
            next = kind;
        }
        ++taken[next];
        turns.push_back(next);
    }
    return turns;
}

asio::awaitable<void> run_burst(scenario_run& run, const scenario_file& file, std::size_t round) {
    const std::size_t users = file.users_at_once();
    latch& finished = run.new_latch(users);
    latch& may_work = run.new_latch(1);
    random_engine rng = make_random(file.seed, round + 1);
    std::size_t user = round * users;
    for (const std::uint32_t kind : kinds_in_turn(file)) {
        conversation_plan who = draw_conversation(file.users[kind], rng);
        who.kind = kind;
        who.user = static_cast<std::uint32_t>(user++);
        run.spawn(converse(run, file, who, std::nullopt, &may_work), finished,
                  needs_strand(file.users[kind]));
    }
    auto meeting = release_when_all_asked(run, file, user, may_work);
    co_await std::move(meeting);
    auto all = finished.wait();
    co_await std::move(all);
}

asio::awaitable<void> run_together(scenario_run& run, const scenario_file& file) {
    for (std::size_t round = 0; round < file.arrival.bursts && !run.stopping(); ++round) {
        auto burst = run_burst(run, file, round);
        co_await std::move(burst);
        const admit::stats now = run.engine().stats();
        if (!file.checks.empty())
            run.checks().equal(fmt::format("active and users after burst {}", round + 1), "0 and 0",
                               fmt::format("{} and {}", now.active, now.users),
                               "an end freed only one of slot and user's count, or neither");
        auto pausing = run.sleep(from_seconds(file.arrival.pause_ms / 1000));
        co_await std::move(pausing);
    }
}

/// Sleeps until `instant`. The last part of a millisecond is waited for by yields, because a timer
/// may be late by as much.
asio::awaitable<void> sleep_until(scenario_run& run, steady::time_point instant) {
    constexpr auto accuracy = 200us;
    constexpr admit::duration longest = 100ms;  // until the next look at `stopping`
    for (auto left = instant - steady::now(); left > accuracy && !run.stopping();
         left = instant - steady::now()) {
        auto sleeping = run.sleep(std::min<admit::duration>(left - accuracy, longest));
        co_await std::move(sleeping);
    }
    while (steady::now() < instant && !run.stopping()) {
        auto others = run.yield();
        co_await std::move(others);
    }
}

asio::awaitable<void> run_open(scenario_run& run, const scenario_file& file) {
    latch& all_over = run.new_latch(1);
    const bool strand = std::any_of(file.users.begin(), file.users.end(), needs_strand);
    arrival_plan plan(file);
    while (const auto next = plan.next()) {
        if (run.stopping()) break;
        if (run.began() + next->time.at > steady::now()) {
            auto sleeping = sleep_until(run, run.began() + next->time.at);
            co_await std::move(sleeping);
            if (run.stopping()) break;
        }
        all_over.expect_one_more();
        run.spawn(converse(run, file, next->conversation, next->time, nullptr), all_over, strand);
    }
    all_over.arrive();
    auto all = all_over.wait();
    co_await std::move(all);
}

}  // namespace

asio::awaitable<void> run_users(scenario_run& run, const scenario_file& file) {
    if (file.arrival.open()) return run_open(run, file);
    if (file.arrival.model == "together") return run_together(run, file);
    return file.steps.empty() ? run_closed(run, file) : run_script(run, file);
}

}  // namespace admit::load
