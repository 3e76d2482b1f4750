#include "bench/run.hpp"

#include <algorithm>
#include <thread>

namespace admit::bench {
namespace {

unsigned all_cores() { return std::max(2U, std::thread::hardware_concurrency()); }

}  // namespace

pace pace_of(const command& given) {
    pace how;
    if (given.quick) how = {.rounds = 7, .seconds = 0.0005, .attempts = 2, .quick = true};
    if (given.rounds != 0) how.rounds = given.rounds;
    return how;
}

extent extent_of(const command& given) { return {.quick = given.quick, .threads = all_cores()}; }

results measured_and_judged(const catalog& asked, const pace& how, const progress& tell) {
    figures measured = measure(asked, how, tell);
    std::vector<judgement> judged = judge(asked, measured);
    return {asked, std::move(measured), std::move(judged)};
}

exit_code code_for(const command& given, const results& run) {
    return given.check && !all_met(run.judged) ? target_missed : fine;
}

}  // namespace admit::bench
