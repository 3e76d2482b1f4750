// Conversations that are admitted and ended.
#include <algorithm>
#include <vector>

#include "bench/crew.hpp"
#include "bench/rows/in_use.hpp"
#include "bench/rows/rows.hpp"

namespace admit::bench {
namespace {

constexpr std::size_t slots = 1'000;
constexpr std::size_t few_slots = 20;
constexpr std::size_t many_slots = 10'000;
constexpr std::uint64_t many_users = 64'000;

/// Each thread admits and ends one user of its own.
template <class System>
std::unique_ptr<workload> returning(std::size_t of_slots, unsigned threads) {
    const auto where = half_in_use<System>(of_slots);
    return loop_of(threads, [&](unsigned thread) { return admit_and_end<System>(where, thread); });
}

std::unique_ptr<workload> returning_by_key(unsigned threads) {
    const auto where = half_in_use<admit::engine>(slots);
    return loop_of(threads, [&](unsigned thread) {
        return [where, key = where->system.key(user_id{thread}.view())] {
            return static_cast<bool>(where->system.try_admit(key));
        };
    });
}

/// Both threads admit and end the same user.
template <class System>
std::unique_ptr<workload> one_user(unsigned threads) {
    const auto where = half_in_use<System>(slots);
    return loop_of(threads, [&](unsigned) { return admit_and_end<System>(where, 0); });
}

template <class System>
std::unique_ptr<workload> random_users(unsigned threads) {
    const auto where = half_in_use<System>(many_slots);
    return loop_of(threads, [&](unsigned thread) {
        return admit_and_end_any<System>(where, many_users, thread);
    });
}

template <class System>
void add_returning(catalog& all, unsigned threads) {
    const std::string_view name = system_name<System>;
    all.rows.push_back({"string", name, threads, "admit+end, a returning user, from the string",
                        [=] { return returning<System>(slots, threads); }});
    all.rows.push_back({"few-slots", name, threads, "admit+end, a returning user, 20 slots",
                        [=] { return returning<System>(few_slots, threads); }});
    all.rows.push_back({"random-users", name, threads,
                        "admit+end, 64,000 random users, 10,000 slots",
                        [=] { return random_users<System>(threads); }});
    if (threads > 1) {
        all.rows.push_back({"one-user", name, threads, "admit+end, all threads the same user",
                            [=] { return one_user<System>(threads); }});
    }
}

/// Two threads admit and end, each its own user, after the engine was nearly full: both then found
/// room in the same place, and may stay there.
double after_being_nearly_full(bool quick) {
    const std::uint64_t operations = quick ? 10'000 : 40'000;
    std::vector<double> rounds;
    while (rounds.size() < 9) {
        const auto where =
            std::make_shared<in_use<admit::engine>>(admit::limits{.max_concurrent = slots}, slots);
        const auto work = loop_of(
            2, [&](unsigned thread) { return admit_and_end<admit::engine>(where, thread); });
        crew threads(2);
        where->held.resize(slots - 4);
        threads.run(*work, 2, 100);
        where->held.resize(slots / 2);
        const auto took = threads.run(*work, 2, operations).took;
        rounds.push_back(static_cast<double>(took.count()) / static_cast<double>(operations));
    }
    std::sort(rounds.begin(), rounds.end());
    return rounds[rounds.size() / 2];
}

void add_targets_of_one_thread(catalog& all) {
    const std::string floor(floor_figure);
    all.targets.push_back({"admit+end by key", "key/admit/1", 1.4, floor});
    all.targets.push_back({"admit+end from the string", "string/admit/1", 1.8, floor});
    all.targets.push_back({"64,000 random users", "random-users/admit/1", 2.5, floor});
    all.targets.push_back({"from the string against one mutex (1.5 x faster)", "string/admit/1",
                           1 / 1.5, "string/mutex/1"});
}

void add_targets_of_two_threads(catalog& all) {
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
        for_each_system([&]<class System>() { add_returning<System>(all, threads); });
    }
    all.observations.push_back(
        {"after-full",
         "admit+end, 2 threads, different users, after the engine was nearly "
         "full",
         "ns", &after_being_nearly_full});
    add_targets_of_one_thread(all);
    add_targets_of_two_threads(all);
}

}  // namespace admit::bench
