// SPDX-License-Identifier: BSL-1.0
#include "load/find_limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/interrupt.hpp"
#include "common/option_values.hpp"
#include "common/printable.hpp"
#include "common/text_table.hpp"
#include "load/drive/file_scenario.hpp"
#include "load/file/check_file.hpp"
#include "load/file/scaled.hpp"

namespace admit::load {
namespace {

constexpr double most = 1 << 20;
constexpr double least = 1.0 / 1024;

std::string first_broken(const run_result& run) {
    if (!run.valid()) return std::string(run.invalid_because());
    for (const check& one : run.checks.all()) {
        if (!one.passed) return fmt::format("{} (is {})", one.name, to_string(one.observed));
    }
    return "";
}

/// The next load to try; nothing at the end of the search.
std::optional<double> next_factor(const found_limit& so_far, double precision) {
    if (!so_far.highest_that_holds && !so_far.lowest_that_breaks) return 1;
    if (!so_far.lowest_that_breaks) {
        const double next = so_far.highest_that_holds->factor * 2;
        return next <= most ? std::optional(next) : std::nullopt;
    }
    const double breaks = so_far.lowest_that_breaks->factor;
    if (!so_far.highest_that_holds) {
        return breaks / 2 >= least ? std::optional(breaks / 2) : std::nullopt;
    }
    const double holds = so_far.highest_that_holds->factor;
    return breaks / holds > 1 + precision ? std::optional(std::sqrt(holds * breaks)) : std::nullopt;
}

void note(found_limit& found, const load_step& step) {
    found.steps.push_back(step);
    std::optional<load_step>& end =
        step.holds ? found.highest_that_holds : found.lowest_that_breaks;
    const bool nearer =
        !end || (step.holds ? step.factor > end->factor : step.factor < end->factor);
    if (nearer) end = step;
}

std::string row(const load_step& step, bool colour) {
    const std::string_view verdict = step.holds ? "holds " : "breaks";
    return fmt::format("  {}  {:<28} P99 {:>8.4g} ms  rejected {:>6.3g} %\n",
                       tools::painted(verdict, step.holds ? tools::green : tools::red, colour),
                       step.load, step.measured.response.p99_ms,
                       100 - step.measured.admitted_percent());
}

}  // namespace

found_limit find_limit(const scenario_file& file, double precision, const load_trial& attempt) {
    found_limit found;
    while (const auto factor = next_factor(found, precision)) {
        const load_step step = attempt(file, *factor);
        if (tools::interrupts() > 0) break;  // its figures are those of a part
        // Rounding leaves some loads of a closed loop as they were.
        const bool known = std::any_of(found.steps.begin(), found.steps.end(),
                                       [&](const load_step& one) { return one.load == step.load; });
        note(found, step);
        if (known || (!step.valid && !found.highest_that_holds)) break;
    }
    std::sort(found.steps.begin(), found.steps.end(),
              [](const load_step& a, const load_step& b) { return a.factor < b.factor; });
    return found;
}

load_step try_load(const scenario_file& file, double factor, std::size_t threads,
                   const progress_listener& progress) {
    scenario_file loaded = scaled(file, factor);
    load_step step{.factor = factor, .load = load_of(loaded)};
    try {
        check_file(loaded, file.name, false);
    } catch (const tools::usage_error& error) {  // more users or memory than a run may have
        step.broken = error.what();
        return step;
    }
    const scenario chosen = make_scenario(std::move(loaded));
    std::optional<run_result> run;
    for (int tries = 0; tries < 3 && !(run && run->valid()) && tools::interrupts() == 0; ++tries)
        run.emplace(run_once(chosen, chosen.prepare({}, threads), progress));
    if (!run) return step;  // interrupted before the first
    step.valid = run->valid();
    step.broken = first_broken(*run);
    step.holds = step.broken.empty();
    for (const threshold& one : file.thresholds)
        step.figures.push_back(one.subject->of(run->numbers, run->measured));
    step.measured = run->measured;
    return step;
}

std::optional<load_step> knee_of(const found_limit& found) {
    constexpr double far_enough = 1.25;
    const load_step* last = nullptr;
    for (const load_step& step : found.steps) {
        const double throughput = step.measured.throughput_per_s();
        if (!step.valid || throughput <= 0) continue;
        if (last == nullptr) last = &step;
        const double more_load = step.factor / last->factor;
        if (more_load < far_enough) continue;
        const double more_done = throughput / last->measured.throughput_per_s();
        if (more_done - 1 < (more_load - 1) / 2) return *last;
        last = &step;
    }
    return {};
}

std::string find_limit_report(const found_limit& found, bool colour) {
    std::string out = "\n";
    for (const load_step& step : found.steps) out += row(step, colour);
    if (!found.highest_that_holds) {
        const bool measured = !found.lowest_that_breaks || found.lowest_that_breaks->valid;
        return out + (measured ? "\nNo load that was tried holds the thresholds.\n"
                               : fmt::format("\nNothing was measured: {}\n",
                                             found.lowest_that_breaks->broken));
    }
    const load_step& best = *found.highest_that_holds;
    if (!found.lowest_that_breaks) {
        return out +
               fmt::format("\n{} hold. No load that was tried breaks a threshold.\n", best.load);
    }
    const load_step& worst = *found.lowest_that_breaks;
    const std::optional<load_step> knee = knee_of(found);
    return out +
           fmt::format("\n{} hold. {} break:\n  {}\n", best.load, worst.load,
                       tools::printable(worst.broken)) +
           (knee ? fmt::format("The knee is at {}: from there the throughput grows less than half "
                               "as fast as the load.\n",
                               knee->load)
                 : "No knee: the throughput grows with the load as far as it was tried.\n");
}

}  // namespace admit::load
