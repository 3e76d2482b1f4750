// SPDX-License-Identifier: BSL-1.0
#include "load/file/script_counts.hpp"

namespace admit::load {

std::uint64_t starts_of(const script_step& step, const user_kind& kind,
                        const admit::limits& limits) {
    if (step.act == "end") return 0;
    if (step.act != "fill") return kind.count;
    return kind.fills == "all_slots" ? limits.max_concurrent : kind.count * limits.max_per_user;
}

script_counts counts_of(const scenario_file& file, const admit::limits& limits) {
    script_counts sum;
    for (const script_step& step : file.steps) {
        const std::uint64_t starts = starts_of(step, *file.kind_of(step.users), limits);
        sum.attempts += starts;
        if (step.expect == "waits") sum.waits += starts;
        std::uint64_t& answered = step.expect == "global_limit" ? sum.global_limit
                                  : step.expect == "user_limit" ? sum.user_limit
                                                                : sum.admitted;
        answered += starts;
    }
    return sum;
}

}  // namespace admit::load
