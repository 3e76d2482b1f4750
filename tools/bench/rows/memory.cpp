// SPDX-License-Identifier: BSL-1.0
// Observation: the memory of a slot in all structures together.
#include "common/memory_probe.hpp"

#include <admit/engine.hpp>

#include "bench/rows/rows.hpp"
#include "bench/users.hpp"

namespace admit::bench {
namespace {

constexpr std::size_t slots = 1'000'000;

/// The resident memory of an engine with a conversation in every slot, divided by the slots,
/// without the bytes of the user ids.
double bytes_per_slot(bool) {
    constexpr double mib = 1024.0 * 1024.0;
    const tools::memory_probe probe;
    const double before = probe.resident();
    admit::engine engine{admit::limits{.max_concurrent = slots}};
    for (std::size_t user = 0; user < slots; ++user) {
        auto permit = engine.try_admit(user_id{user}.view());
        permit.value().detach();
    }
    const double per_slot = (probe.resident() - before) * mib / static_cast<double>(slots);
    return per_slot - static_cast<double>(user_id{}.view().size());
}

}  // namespace

void add_memory(catalog& all) {
    all.observations.push_back({"memory",
                                "memory of a slot in use, beside the bytes of its user's id (of "
                                "1,000,000)",
                                "bytes", &bytes_per_slot});
    all.targets.push_back({"memory per slot", "memory", 128, ""});
}

}  // namespace admit::bench
