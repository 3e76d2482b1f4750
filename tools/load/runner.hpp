// Runs a scenario once and judges what was seen.
#pragma once

#include <cstddef>
#include <vector>

#include "load/checklist.hpp"
#include "load/harness/monitor.hpp"
#include "load/metrics.hpp"
#include "load/plan.hpp"
#include "load/scenario.hpp"

namespace admit::load {

struct run_result {
    plan numbers;
    metrics measured;
    checklist checks;
};

/// One run with `numbers.threads` worker threads, and the monitor beside them. Throws what the
/// system refuses (threads, file descriptors, memory); what goes wrong in a user's coroutine is a
/// failed check instead.
run_result run_once(const scenario&, const plan& numbers, const progress_listener& progress = {});

/// 1 and all cores (at least 2), or the number that was asked for.
std::vector<std::size_t> thread_counts(const settings&);

/// A scenario with the numbers for one of its runs.
struct planned_run {
    const scenario* what;
    plan numbers;
};

/// All runs that the settings ask for, in order. Throws `usage_error`; nothing has started then.
std::vector<planned_run> plan_runs(const settings&);

/// What must hold after every run, whatever the scenario.
void judge_common(const plan&, const metrics&, checklist&);

}  // namespace admit::load
