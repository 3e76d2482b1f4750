// SPDX-License-Identifier: BSL-1.0
// Curves: the cost of an admission against slots, users, occupation, threads and rejections.
#include <fmt/format.h>

#include <algorithm>

#include "bench/rows/occupied.hpp"
#include "bench/rows/rows.hpp"

namespace admit::bench {
namespace {

constexpr std::size_t slots = 1'000;
constexpr std::size_t many_slots = 10'000;
constexpr std::uint64_t many_users = 64'000;
constexpr double whole = 1'000;  // shares are drawn in thousandths

std::vector<double> slot_counts(bool quick) {
    return quick ? std::vector<double>{20, 100, 1'000, 10'000}
                 : std::vector<double>{20, 100, 1'000, 10'000, 100'000, 1'000'000};
}

std::vector<double> thread_counts(unsigned max) {
    std::vector<double> all;
    for (unsigned threads = 1; threads < max; threads *= 2) all.push_back(threads);
    all.push_back(max);
    return all;
}

constexpr auto one_thread = [](double) { return 1U; };

/// Adds the points of all systems to a curve. `threads(x)` is the number of threads of a point, and
/// `make.operator()<System>(x)` makes its workload.
template <class Threads, class Make>
curve with_points(curve shape, Threads threads, Make make) {
    for_each_system([&]<class System>() {
        curve::series line{system_name<System>, {}};
        for (const double x : shape.at) {
            line.points.push_back({fmt::format("{}:{}", shape.name, x), system_name<System>,
                                   threads(x), shape.title,
                                   [=] { return make.template operator()<System>(x); }});
        }
        shape.lines.push_back(std::move(line));
    });
    return shape;
}

template <class System>
std::unique_ptr<workload> random_users(std::size_t slot_count, double users) {
    const auto tested = half_occupied<System>(slot_count);
    return loop_of(1, [&](unsigned) {
        return admit_and_end_random<System>(tested, static_cast<std::uint64_t>(users), 1);
    });
}

curve over_slots(bool quick) {
    return with_points({.name = "slots",
                        .title = "admit+end against slots: half in use, as many users as slots",
                        .x_label = "slots",
                        .logarithmic = true,
                        .at = slot_counts(quick)},
                       one_thread, []<class System>(double x) {
                           return random_users<System>(static_cast<std::size_t>(x), x);
                       });
}

curve over_users() {
    return with_points({.name = "users",
                        .title = "admit+end against users: 10,000 slots, half in use",
                        .x_label = "user ids",
                        .logarithmic = true,
                        .at = {10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000}},
                       one_thread,
                       []<class System>(double x) { return random_users<System>(many_slots, x); });
}

/// A random conversation ends after a new one was admitted. So the slots and users of both, and the
/// permit of the caller, are at random places in memory.
template <class System>
std::unique_ptr<workload> churn(std::size_t slot_count) {
    const admit::limits limits{.max_concurrent = slot_count,
                               .max_per_user = std::min<std::size_t>(slot_count, 50)};
    const auto tested = std::make_shared<occupied<System>>(limits, slot_count / 2);
    return loop_of(1, [&](unsigned) {
        return
            [tested, users = 2 * slot_count, random = random_numbers{1}, id = user_id{}]() mutable {
                id.set(random.below(users));
                auto next = tested->system.try_admit(id.view());
                if (!next) return false;
                tested->permits[random.below(tested->permits.size())] = std::move(*next);
                return true;
            };
    });
}

curve over_slots_with_churn(bool quick) {
    return with_points(
        {.name = "churn",
         .title = "one admitted, another ended at random: half in use, twice as many users "
                  "as slots",
         .x_label = "slots",
         .logarithmic = true,
         .at = slot_counts(quick)},
        one_thread,
        []<class System>(double x) { return churn<System>(static_cast<std::size_t>(x)); });
}

/// With all slots occupied every attempt is rejected.
template <class System>
std::unique_ptr<workload> at_occupation(double percent) {
    const auto used = static_cast<std::size_t>(percent / 100 * slots);
    const auto tested =
        std::make_shared<occupied<System>>(admit::limits{.max_concurrent = slots}, used);
    return loop_of(1, [&](unsigned) {
        return [work = admit_and_end<System>(tested, 0), free = used < slots] {
            return work() == free;
        };
    });
}

curve over_occupation() {
    return with_points({.name = "active",
                        .title = "admit+end against the part of 1,000 slots in use",
                        .x_label = "% in use (100: rejections)",
                        .at = {0, 25, 50, 75, 90, 99, 99.9, 100}},
                       one_thread, []<class System>(double x) { return at_occupation<System>(x); });
}

curve over_threads(unsigned max) {
    const auto count = [](double x) { return static_cast<unsigned>(x); };
    return with_points(
        {.name = "threads",
         .title = "admit+end against threads: each its own user, 1,000 slots, half in use",
         .x_label = "threads",
         .at = thread_counts(max)},
        count, [count]<class System>(double x) {
            const auto tested = half_occupied<System>(slots);
            return loop_of(count(x),
                           [&](unsigned thread) { return admit_and_end<System>(tested, thread); });
        });
}

/// `percent` of all starts belong to one user, the others to random users.
template <class System>
std::unique_ptr<workload> with_hot_user(unsigned threads, double percent) {
    const admit::limits limits{.max_concurrent = many_slots, .max_per_user = threads};
    const auto tested = std::make_shared<occupied<System>>(limits, many_slots / 2);
    const auto hot_share = static_cast<std::uint64_t>(percent / 100 * whole);
    return loop_of(threads, [&](unsigned thread) {
        return [tested, hot_share, random = random_numbers{thread}, id = user_id{}]() mutable {
            const bool hot = random.below(static_cast<std::uint64_t>(whole)) < hot_share;
            id.set(hot ? many_users : random.below(many_users));
            return static_cast<bool>(tested->system.try_admit(id.view()));
        };
    });
}

curve over_hot_user(unsigned threads) {
    return with_points(
        {.name = "hot",
         .title = fmt::format("admit+end against the part of one user, {} threads, 10,000 slots",
                              threads),
         .x_label = "% of the starts of one user",
         .at = {0, 10, 25, 50, 75, 90, 100}},
        [threads](double) { return threads; },
        [threads]<class System>(double x) { return with_hot_user<System>(threads, x); });
}

/// The limit of the user rejects `percent` of all attempts.
template <class System>
std::unique_ptr<workload> with_rejections(double percent) {
    const auto tested = half_occupied<System>(slots);
    for (std::size_t i = 0; i < admit::limits{}.max_per_user; ++i) tested->occupy(0);
    const auto rejected = static_cast<std::uint64_t>(percent / 100 * whole);
    return loop_of(1, [&](unsigned) {
        return [tested, rejected, random = random_numbers{1}, id = user_id{}]() mutable {
            const bool admitted = random.below(static_cast<std::uint64_t>(whole)) >= rejected;
            id.set(admitted ? 1 : 0);
            return static_cast<bool>(tested->system.try_admit(id.view())) == admitted;
        };
    });
}

curve over_rejections() {
    return with_points(
        {.name = "rejections",
         .title = "an attempt (and its end) against the part that the user's limit rejects",
         .x_label = "% rejected",
         .at = {0, 25, 50, 75, 100}},
        one_thread, []<class System>(double x) { return with_rejections<System>(x); });
}

}  // namespace

void add_growth(catalog& all, const extent& size) {
    all.curves.push_back(over_slots(size.quick));
    all.curves.push_back(over_users());
    all.curves.push_back(over_slots_with_churn(size.quick));
    all.curves.push_back(over_occupation());
    all.curves.push_back(over_threads(size.threads));
    all.curves.push_back(over_hot_user(size.threads));
    all.curves.push_back(over_rejections());
    all.targets.push_back({"growth from 20 to 1,000,000 slots", "growth/slots", 4, ""});
    all.targets.push_back({"growth from 10 to 10,000,000 users", "growth/users", 4, ""});
}

}  // namespace admit::bench
