// Whether somebody who is always refused can get others refused.
#include "bench/crew.hpp"
#include "bench/rows/in_use.hpp"
#include "bench/rows/rows.hpp"

namespace admit::bench {
namespace {

constexpr std::size_t slots = 1'000;
constexpr std::uint64_t legitimate = 0;
constexpr std::uint64_t abuser = 1;

/// Thread 0 admits and ends a conversation again and again; exactly one slot is free for it. Thread
/// 1 asks all the time for a user who has reached its own limit. What goes wrong is a refusal of
/// the first or an admission of the second.
std::unique_ptr<workload> one_slot_and_an_abuser() {
    const std::size_t of_abuser = admit::limits{}.max_per_user;
    const auto where = std::make_shared<in_use<admit::engine>>(
        admit::limits{.max_concurrent = slots}, slots - of_abuser - 1);
    for (std::size_t i = 0; i < of_abuser; ++i) where->hold(abuser);
    return loop_of(2, [&](unsigned thread) {
        return [where, id = user_id{thread}] {
            return static_cast<bool>(where->system.try_admit(id.view())) ==
                   (id.view() == user_id{legitimate}.view());
        };
    });
}

double false_refusals(bool quick) {
    crew threads(2);
    const auto work = one_slot_and_an_abuser();
    threads.run(*work, 2, quick ? 200'000 : 10'000'000);
    return static_cast<double>(work->unexpected());
}

}  // namespace

void add_fairness(catalog& all) {
    all.observations.push_back(
        {"false-refusals",
         "legitimate starts refused while another user hammers at its limit, "
         "one slot free",
         "refusals", &false_refusals});
    all.targets.push_back({"legitimate starts refused beside an abuser", "false-refusals", 0, ""});
}

}  // namespace admit::bench
