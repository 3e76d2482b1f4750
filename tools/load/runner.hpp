// SPDX-License-Identifier: BSL-1.0
// Runs a scenario once and checks the result. Used by main.cpp and the tests.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "load/checklist.hpp"
#include "load/harness/monitor.hpp"
#include "load/metrics.hpp"
#include "load/plan.hpp"
#include "load/scenario.hpp"

namespace admit::load {

/// The users of every run are @u0:load.test, @u1:load.test, ...
inline constexpr std::string_view user_id_begin = "@u";
inline constexpr std::string_view user_id_end = ":load.test";

/// An interrupted run is neither passed nor failed: its figures are those of a part.
enum class verdict { passed, failed, invalid, interrupted };

/// The values of `all_figures()` by their names.
using figure_map = std::map<std::string, double, std::less<>>;

struct run_result {
    plan numbers;
    metrics measured;
    checklist checks;
    bool interrupted = false;  ///< the user stopped it; a part of the checks at most was judged
    figure_map figures{};
    std::size_t repeat = 1;  ///< from 1: which of the `repeats` runs of one command it is
    std::size_t repeats = 1;

    /// Why a run of a scenario file is no measurement; empty: it is one.
    std::string_view invalid_because() const noexcept;
    bool valid() const noexcept { return invalid_because().empty(); }
    verdict judged() const noexcept;
    bool passed() const noexcept { return judged() == verdict::passed; }
};

/// Of all runs together: interrupted before invalid before failed.
verdict judged(const std::vector<run_result>&) noexcept;

/// "passed", "FAILED", "INVALID" or "INTERRUPTED".
std::string_view word_for(verdict) noexcept;

/// Runs with `numbers.threads` worker threads and the monitor. Throws if the system refuses
/// threads, file descriptors or memory. An exception in the coroutine of a user is a failed check
/// instead.
run_result run_once(const scenario&, const plan& numbers, const progress_listener& progress = {});

/// The requested number of threads, or 1 and all cores (at least 2).
std::vector<std::size_t> thread_counts(const settings&);

/// Files run on one number of threads: the requested one, or all cores.
inline std::size_t threads_of_files(const settings& wanted) { return thread_counts(wanted).back(); }

/// One run of a scenario, not started yet.
struct planned_run {
    const scenario* subject;
    plan numbers;
};

/// All requested runs, in order. Throws `tools::usage_error` before any run starts.
std::vector<planned_run> plan_runs(const settings&);

/// Adds the checks of every run.
void check_common(const plan&, const metrics&, checklist&);

}  // namespace admit::load
