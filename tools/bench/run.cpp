// SPDX-License-Identifier: BSL-1.0
#include "bench/run.hpp"

#include <algorithm>
#include <thread>

namespace admit::bench {

sampling sampling_of(const command& given) {
    sampling how;
    if (given.quick) how = {.rounds = 7, .seconds = 0.0005, .attempts = 2, .quick = true};
    if (given.rounds != 0) how.rounds = given.rounds;
    return how;
}

extent extent_of(const command& given) {
    return {.quick = given.quick, .threads = std::max(2U, std::thread::hardware_concurrency())};
}

results measured_and_judged(const catalog& requested, const sampling& how, const progress& report) {
    figures measured = measure(requested, how, report);
    std::vector<judgement> judged = judge(requested, measured);
    return {requested, std::move(measured), std::move(judged)};
}

exit_code code_for(const command& given, const results& run) {
    return given.check && !all_met(run.judged) ? target_missed : fine;
}

}  // namespace admit::bench
