// How the cost of an admission grows with everything that can grow.
#include <fmt/format.h>

#include <algorithm>

#include "bench/rows/in_use.hpp"
#include "bench/rows/rows.hpp"

namespace admit::bench {
namespace {

constexpr std::size_t slots = 1'000;
constexpr std::size_t many_slots = 10'000;
constexpr std::uint64_t many_users = 64'000;
constexpr double whole = 1'000;  // shares are drawn in thousandths

/// A curve of all three systems; `make.operator()<System>(x)` makes the workload of a point.
template <class Make>
curve of_all_systems(curve shape, unsigned threads, Make make) {
    for_each_system([&]<class System>() {
        curve::series line{system_name<System>, {}};
        for (const double x : shape.at) {
            line.points.push_back({fmt::format("{}:{}", shape.name, x), system_name<System>,
                                   threads, shape.title,
                                   [=] { return make.template operator()<System>(x); }});
        }
        shape.lines.push_back(std::move(line));
    });
    return shape;
}

std::vector<double> powers_of_ten(double from, double to) {
    std::vector<double> all;
    for (double x = from; x <= to; x *= 10) all.push_back(x);
    return all;
}

curve over_slots(bool quick) {
    std::vector<double> at = {20};
    std::ranges::copy(powers_of_ten(100, quick ? 10'000 : 1'000'000), std::back_inserter(at));
    return of_all_systems({"slots",
                           "admit+end against slots: half in use, as many users as slots",
                           "slots",
                           true,
                           at,
                           {}},
                          1, []<class System>(double x) {
                              const auto where = half_in_use<System>(static_cast<std::size_t>(x));
                              return loop_of(1, [&](unsigned) {
                                  return admit_and_end_any<System>(
                                      where, static_cast<std::uint64_t>(x), 1);
                              });
                          });
}

/// One of the conversations that are in use, at random, gives way to a new one. So slots and users
/// of both are anywhere in memory, and so is the permit, which is the caller's.
template <class System>
std::unique_ptr<workload> churn(std::size_t of_slots) {
    const admit::limits limits{.max_concurrent = of_slots,
                               .max_per_user = std::min<std::size_t>(of_slots, 50)};
    const auto where = std::make_shared<in_use<System>>(limits, of_slots / 2);
    return loop_of(1, [&](unsigned) {
        return [where, users = 2 * of_slots, random = random_numbers{1}, id = user_id{}]() mutable {
            id.set(random.below(users));
            auto next = where->system.try_admit(id.view());
            if (!next) return false;
            where->held[random.below(where->held.size())] = std::move(*next);
            return true;
        };
    });
}

curve over_slots_at_random(bool quick) {
    std::vector<double> at = {20};
    std::ranges::copy(powers_of_ten(100, quick ? 10'000 : 1'000'000), std::back_inserter(at));
    return of_all_systems(
        {"churn",
         "one admitted, another ended at random: half in use, twice as many users "
         "as slots",
         "slots",
         true,
         at,
         {}},
        1, []<class System>(double x) { return churn<System>(static_cast<std::size_t>(x)); });
}

curve over_users() {
    return of_all_systems({"users",
                           "admit+end against users: 10,000 slots, half in use",
                           "user ids",
                           true,
                           powers_of_ten(10, 10'000'000),
                           {}},
                          1, []<class System>(double x) {
                              const auto where = half_in_use<System>(many_slots);
                              return loop_of(1, [&](unsigned) {
                                  return admit_and_end_any<System>(
                                      where, static_cast<std::uint64_t>(x), 1);
                              });
                          });
}

/// With all slots in use, every attempt is rejected.
template <class System>
std::unique_ptr<workload> at_fraction(double percent) {
    const auto used = static_cast<std::size_t>(percent / 100 * slots);
    const auto where =
        std::make_shared<in_use<System>>(admit::limits{.max_concurrent = slots}, used);
    return loop_of(1, [&](unsigned) {
        return [work = admit_and_end<System>(where, 0), room = used < slots] {
            return work() == room;
        };
    });
}

curve over_active_fraction() {
    return of_all_systems({"active",
                           "admit+end against the part of 1,000 slots in use",
                           "% in use (100: rejections)",
                           false,
                           {0, 25, 50, 75, 90, 99, 99.9, 100},
                           {}},
                          1, []<class System>(double x) { return at_fraction<System>(x); });
}

curve over_threads(unsigned most) {
    curve shape{"threads", "admit+end against threads: each its own user, 1,000 slots, half in use",
                "threads", false,
                {},        {}};
    for (unsigned threads = 1; threads < most; threads *= 2) shape.at.push_back(threads);
    shape.at.push_back(most);
    for_each_system([&]<class System>() {
        curve::series line{system_name<System>, {}};
        for (const double x : shape.at) {
            const auto threads = static_cast<unsigned>(x);
            line.points.push_back({fmt::format("threads:{}", x), system_name<System>, threads,
                                   shape.title, [threads] {
                                       const auto where = half_in_use<System>(slots);
                                       return loop_of(threads, [&](unsigned thread) {
                                           return admit_and_end<System>(where, thread);
                                       });
                                   }});
        }
        shape.lines.push_back(std::move(line));
    });
    return shape;
}

/// A part of all starts, in percent, is one user's, the others are of random users.
curve over_hot_user(unsigned threads) {
    return of_all_systems(
        {"hot",
         fmt::format("admit+end against the part of one user, {} threads, 10,000 slots", threads),
         "% of the starts of one user",
         false,
         {0, 10, 25, 50, 75, 90, 100},
         {}},
        threads, [threads]<class System>(double x) {
            const admit::limits limits{.max_concurrent = many_slots, .max_per_user = threads};
            const auto where = std::make_shared<in_use<System>>(limits, many_slots / 2);
            const auto of_hot = static_cast<std::uint64_t>(x / 100 * whole);
            return loop_of(threads, [&](unsigned thread) {
                return [where, of_hot, random = random_numbers{thread}, id = user_id{}]() mutable {
                    const bool hot = random.below(static_cast<std::uint64_t>(whole)) < of_hot;
                    id.set(hot ? many_users : random.below(many_users));
                    return static_cast<bool>(where->system.try_admit(id.view()));
                };
            });
        });
}

/// A part of all attempts, in percent, is rejected by its user's limit.
curve over_rejections() {
    return of_all_systems(
        {"rejections",
         "an attempt (and its end) against the part that the user's limit rejects",
         "% rejected",
         false,
         {0, 25, 50, 75, 100},
         {}},
        1, []<class System>(double x) {
            const auto where = half_in_use<System>(slots);
            for (std::size_t i = 0; i < admit::limits{}.max_per_user; ++i) where->hold(0);
            const auto rejected = static_cast<std::uint64_t>(x / 100 * whole);
            return loop_of(1, [&](unsigned) {
                return [where, rejected, random = random_numbers{1}, id = user_id{}]() mutable {
                    const bool admitted =
                        random.below(static_cast<std::uint64_t>(whole)) >= rejected;
                    id.set(admitted ? 1 : 0);
                    return static_cast<bool>(where->system.try_admit(id.view())) == admitted;
                };
            });
        });
}

}  // namespace

void add_growth(catalog& all, const extent& size) {
    all.curves.push_back(over_slots(size.quick));
    all.curves.push_back(over_users());
    all.curves.push_back(over_slots_at_random(size.quick));
    all.curves.push_back(over_active_fraction());
    all.curves.push_back(over_threads(size.threads));
    all.curves.push_back(over_hot_user(size.threads));
    all.curves.push_back(over_rejections());
    all.targets.push_back({"growth from 20 to 1,000,000 slots", "growth/slots", 4, ""});
    all.targets.push_back({"growth from 10 to 10,000,000 users", "growth/users", 4, ""});
}

}  // namespace admit::bench
