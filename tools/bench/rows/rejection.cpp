// SPDX-License-Identifier: BSL-1.0
// Rows of attempts that are rejected.
#include "bench/rows/occupied.hpp"
#include "bench/rows/rows.hpp"

namespace admit::bench {
namespace {

constexpr std::size_t slots = 1'000;

/// Attempts of one user, all of which are rejected.
template <class System>
auto rejected(std::shared_ptr<occupied<System>> tested, std::uint64_t user) {
    return [tested = std::move(tested), id = user_id{user}] {
        return !tested->system.try_admit(id.view());
    };
}

template <class System>
std::unique_ptr<workload> when_full(unsigned threads) {
    const auto tested =
        std::make_shared<occupied<System>>(admit::limits{.max_concurrent = slots}, slots);
    return loop_of(threads, [&](unsigned thread) { return rejected<System>(tested, thread); });
}

/// The user of each thread has reached its limit.
template <class System>
std::unique_ptr<workload> at_user_limit(unsigned threads) {
    const auto tested = half_occupied<System>(slots);
    return loop_of(threads, [&](unsigned thread) {
        for (std::size_t i = 0; i < admit::limits{}.max_per_user; ++i) tested->occupy(thread);
        return rejected<System>(tested, thread);
    });
}

template <class System>
void add_rows(catalog& all, unsigned threads) {
    const std::string_view name = system_name<System>;
    all.rows.push_back(
        {"full", name, threads, "rejection when full", [=] { return when_full<System>(threads); }});
    all.rows.push_back({"user-limit", name, threads,
                        "rejection by the user's limit, from the string",
                        [=] { return at_user_limit<System>(threads); }});
}

}  // namespace

void add_rejection(catalog& all) {
    for (const unsigned threads : {1U, 2U}) {
        for_each_system([&]<class System>() { add_rows<System>(all, threads); });
    }
    const std::string floor(floor_figure);
    all.targets.push_back({"rejection when full", "full/admit/1", 0.25, floor});
    all.targets.push_back({"rejection when full, 2 threads", "full/admit/2", 1.1, "full/admit/1"});
    all.targets.push_back({"rejection by the user's limit", "user-limit/admit/1", 0.9, floor});
    all.targets.push_back({"rejection by the user's limit, 2 threads", "user-limit/admit/2", 1.1,
                           "user-limit/admit/1"});
}

}  // namespace admit::bench
