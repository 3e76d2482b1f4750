// SPDX-License-Identifier: BSL-1.0
// Observation: rejections of other users that a constantly rejected user causes. None are allowed.
#include "bench/rows/occupied.hpp"
#include "bench/rows/rows.hpp"
#include "bench/thread_team.hpp"

namespace admit::bench {
namespace {

constexpr std::size_t slots = 1'000;
constexpr std::uint64_t legitimate = 0;
constexpr std::uint64_t abuser = 1;

/// Thread 0 admits and ends a conversation again and again; exactly one slot is free. Thread 1
/// tries without pause to admit a user that has reached its limit. A rejection of thread 0 and an
/// admission of thread 1 are unexpected.
std::unique_ptr<workload> one_slot_and_an_abuser() {
    const std::size_t abuser_slots = admit::limits{}.max_per_user;
    const auto tested = std::make_shared<occupied<admit::engine>>(
        admit::limits{.max_concurrent = slots}, slots - abuser_slots - 1);
    for (std::size_t i = 0; i < abuser_slots; ++i) tested->occupy(abuser);
    return loop_of(2, [&](unsigned thread) {
        return [tested, id = user_id{thread}] {
            return static_cast<bool>(tested->system.try_admit(id.view())) ==
                   (id.view() == user_id{legitimate}.view());
        };
    });
}

double false_rejections(bool quick) {
    thread_team team(2);
    const auto work = one_slot_and_an_abuser();
    team.run(*work, 2, quick ? 200'000 : 10'000'000);
    return static_cast<double>(work->unexpected());
}

}  // namespace

void add_fairness(catalog& all) {
    all.observations.push_back(
        {"false-refusals",
         "legitimate starts refused while another user hammers at its limit, "
         "one slot free",
         "refusals", &false_rejections});
    all.targets.push_back({"legitimate starts refused beside an abuser", "false-refusals", 0, ""});
}

}  // namespace admit::bench
