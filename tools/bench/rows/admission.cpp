// SPDX-License-Identifier: BSL-1.0
// Rows of conversations that are admitted and ended.
#include <boost/math/statistics/univariate_statistics.hpp>
#include <vector>

#include "bench/rows/occupied.hpp"
#include "bench/rows/rows.hpp"
#include "bench/thread_team.hpp"

namespace admit::bench {
namespace {

constexpr std::size_t slots = 1'000;
constexpr std::size_t few_slots = 20;
constexpr std::size_t many_slots = 10'000;
constexpr std::uint64_t many_users = 64'000;

/// Each thread admits and ends its own user.
template <class System>
std::unique_ptr<workload> returning_user(std::size_t slot_count, unsigned threads) {
    const auto tested = half_occupied<System>(slot_count);
    return loop_of(threads, [&](unsigned thread) { return admit_and_end<System>(tested, thread); });
}

std::unique_ptr<workload> returning_by_key(unsigned threads) {
    const auto tested = half_occupied<admit::engine>(slots);
    return loop_of(threads, [&](unsigned thread) {
        return [tested, key = tested->system.key(user_id{thread}.view())] {
            return static_cast<bool>(tested->system.try_admit(key));
        };
    });
}

/// The same where the lengths of conversations are recorded.
std::unique_ptr<workload> recorded_by_key(unsigned threads) {
    const auto tested = std::make_shared<admit::engine>(
        limits{.max_concurrent = slots, .max_per_user = slots}, engine_options{.histograms = true});
    const auto held = std::make_shared<std::vector<permit>>();
    for (std::uint64_t i = 0; i < slots / 2; ++i)
        held->push_back(*tested->try_admit(user_id{i}.view()));
    return loop_of(threads, [&](unsigned thread) {
        return [tested, held, key = tested->key(user_id{thread}.view())] {
            return static_cast<bool>(tested->try_admit(key));
        };
    });
}

/// Both threads admit and end the same user.
template <class System>
std::unique_ptr<workload> one_user(unsigned threads) {
    const auto tested = half_occupied<System>(slots);
    return loop_of(threads, [&](unsigned) { return admit_and_end<System>(tested, 0); });
}

template <class System>
std::unique_ptr<workload> random_users(unsigned threads) {
    const auto tested = half_occupied<System>(many_slots);
    return loop_of(threads, [&](unsigned thread) {
        return admit_and_end_random<System>(tested, many_users, thread);
    });
}

template <class System>
void add_returning(catalog& all, unsigned threads) {
    const std::string_view name = system_name<System>;
    all.rows.push_back({"string", name, threads, "admit+end, a returning user, from the string",
                        [=] { return returning_user<System>(slots, threads); }});
    all.rows.push_back({"few-slots", name, threads, "admit+end, a returning user, 20 slots",
                        [=] { return returning_user<System>(few_slots, threads); }});
    all.rows.push_back({"random-users", name, threads,
                        "admit+end, 64,000 random users, 10,000 slots",
                        [=] { return random_users<System>(threads); }});
    if (threads > 1) {
        all.rows.push_back({"one-user", name, threads, "admit+end, all threads the same user",
                            [=] { return one_user<System>(threads); }});
    }
}

/// Two threads admit and end, each its own user, after the engine was nearly full. Then both found
/// free slots in the same group, and might go on to use that group.
double after_being_nearly_full(bool quick) {
    const std::uint64_t operations = quick ? 10'000 : 40'000;
    std::vector<double> rounds;
    while (rounds.size() < 9) {
        const auto tested = std::make_shared<occupied<admit::engine>>(
            admit::limits{.max_concurrent = slots}, slots);
        const auto work = loop_of(
            2, [&](unsigned thread) { return admit_and_end<admit::engine>(tested, thread); });
        thread_team team(2);
        tested->permits.resize(slots - 4);
        team.run(*work, 2, 100);
        tested->permits.resize(slots / 2);
        const auto took = team.run(*work, 2, operations).took;
        rounds.push_back(static_cast<double>(took.count()) / static_cast<double>(operations));
    }
    return boost::math::statistics::median(rounds);
}

void add_single_thread_targets(catalog& all) {
    const std::string floor(floor_figure);
    all.targets.push_back({"admit+end by key", "key/admit/1", 1.4, floor});
    all.targets.push_back({"by key, with histograms", "key-recorded/admit/1", 1.06, "key/admit/1"});
    all.targets.push_back({"admit+end from the string", "string/admit/1", 1.8, floor});
    all.targets.push_back({"64,000 random users", "random-users/admit/1", 2.5, floor});
    all.targets.push_back({"from the string against one mutex (1.5 x faster)", "string/admit/1",
                           1 / 1.5, "string/mutex/1"});
}

void add_two_thread_targets(catalog& all) {
    all.targets.push_back({"by key, 2 threads", "key/admit/2", 1.1, "key/admit/1"});
    all.targets.push_back({"from the string, 2 threads", "string/admit/2", 1.1, "string/admit/1"});
    all.targets.push_back({"20 slots, 2 threads", "few-slots/admit/2", 1.5, "few-slots/admit/1"});
    all.targets.push_back(
        {"two threads, one user", "one-user/admit/2", 1.5, "floor5-shared/steps/2"});
    all.targets.push_back(
        {"64,000 random users, 2 threads", "random-users/admit/2", 1.1, "random-users/admit/1"});
    all.targets.push_back({"2 threads against one mutex (10 x faster)", "string/admit/2", 1 / 10.0,
                           "string/mutex/2"});
}

}  // namespace

void add_admission(catalog& all) {
    for (const unsigned threads : {1U, 2U}) {
        all.rows.push_back({"key", systems::admit, threads, "admit+end, a returning user, by key",
                            [=] { return returning_by_key(threads); }});
        all.rows.push_back({"key-recorded", systems::admit, threads,
                            "the same, its length recorded in a histogram",
                            [=] { return recorded_by_key(threads); }});
        for_each_system([&]<class System>() { add_returning<System>(all, threads); });
    }
    all.observations.push_back(
        {"after-full",
         "admit+end, 2 threads, different users, after the engine was nearly "
         "full",
         "ns", &after_being_nearly_full});
    add_single_thread_targets(all);
    add_two_thread_targets(all);
}

}  // namespace admit::bench
