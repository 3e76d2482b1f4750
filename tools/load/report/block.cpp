// SPDX-License-Identifier: BSL-1.0
#include "load/report/block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "common/printable.hpp"
#include "common/text_table.hpp"
#include "load/report/numbers.hpp"
#include "load/report/table.hpp"

namespace admit::load {
namespace {

std::string line(std::string_view label, std::string_view text) {
    return fmt::format("  {:<15} {}\n", label, text);
}

std::string headline(const run_result& run, bool colour) {
    const std::string repeat =
        run.repeats > 1 ? fmt::format(", run {} of {}", run.repeat, run.repeats) : "";
    return fmt::format("\n{}  {}{}, {} {}, {} s\n", painted_verdict(run, colour),
                       tools::painted(tools::printable(run.numbers.scenario), tools::bold, colour),
                       repeat, run.numbers.threads, run.numbers.threads == 1 ? "thread" : "threads",
                       brief(run.measured.duration_s));
}

std::string reasons(const start_counts& starts) {
    std::string out;
    for (std::size_t reason = 0; reason < reason_names.size(); ++reason) {
        const std::uint64_t count = starts.failed_by_reason[reason];
        if (count == 0) continue;
        fmt::format_to(std::back_inserter(out), "{}{} {}", out.empty() ? ": " : ", ", count,
                       reason_names[reason]);
    }
    return out;
}

std::string counts(const run_result& run) {
    const metrics& seen = run.measured;
    std::string out =
        line("requests", fmt::format("{}, admitted {} ({} %)", seen.starts.attempts,
                                     seen.starts.successful, brief(seen.admitted_percent())));
    out += line("completed",
                fmt::format("{}, {} a second", seen.completions, brief(seen.throughput_per_s())));
    if (seen.expired + seen.thrown > 0) {
        out += line("ended otherwise",
                    fmt::format("{} by the engine, {} by exceptions", seen.expired, seen.thrown));
    }
    out += line("rejected", fmt::format("{}{}", seen.starts.failed(), reasons(seen.starts)));
    if (seen.starts.given_up > 0) out += line("given up", fmt::format("{}", seen.starts.given_up));
    out += line("at once, most",
                fmt::format("{} of {}, of one user {} of {}", seen.max_active,
                            run.numbers.limits.max_concurrent, seen.max_active_of_a_user,
                            run.numbers.limits.max_per_user));
    if (seen.arrivals.planned > 0) {
        out += line("late starts", fmt::format("{} of {} (allowed: {:g} %), at most {} ms late",
                                               seen.arrivals.late, seen.arrivals.planned,
                                               run.numbers.late_arrivals_percent,
                                               brief(seen.arrivals.longest_delay_ms)));
    }
    out += line("memory",
                fmt::format("{:.1f} MiB before, {:.1f} after, {:.1f} at most",
                            seen.memory.before_mib, seen.memory.after_mib, seen.memory.peak_mib));
    return out;
}

std::string time_row(std::string_view what, const response_times& times) {
    return fmt::format("  {:<15} {:>9} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7}\n", what, times.count,
                       brief(times.mean_ms), brief(times.p50_ms), brief(times.p90_ms),
                       brief(times.p99_ms), brief(times.p99_9_ms), brief(times.max_ms));
}

std::string times(const metrics& seen) {
    std::string out = fmt::format("  {:<15} {:>9} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7}\n", "ms",
                                  "count", "mean", "P50", "P90", "P99", "P99.9", "max");
    out += time_row(seen.arrivals.planned > 0 ? "from the plan" : "response", seen.response);
    if (seen.arrivals.planned > 0) out += time_row("from the start", seen.service);
    if (seen.queue_wait) out += time_row("waiting", *seen.queue_wait);
    if (seen.kinds.size() < 2) return out;
    for (const kind_of_work& kind : seen.kinds)
        out += time_row(tools::printable(kind.name).substr(0, 15), kind.response);
    return out;
}

/// The sentences as lines of their own.
std::string wrapped(std::string_view sentences) {
    std::string out;
    while (!sentences.empty()) {
        const std::size_t end = std::min(sentences.find(". "), sentences.size() - 1) + 1;
        out += fmt::format("  {}\n", sentences.substr(0, end));
        sentences.remove_prefix(std::min(end + 1, sentences.size()));
    }
    return out;
}

/// The thresholds that hold. Those that do not are among the failures.
std::string thresholds(const run_result& run, bool colour) {
    std::string out;
    for (const check& one : run.checks.all()) {
        if (!one.passed || !one.is_threshold) continue;
        out += fmt::format("  {}  {:<45} {}\n", tools::painted("passed", tools::green, colour),
                           tools::printable(one.name), tools::printable(to_string(one.observed)));
    }
    return out;
}

}  // namespace

std::string block_report(const run_result& run, bool colour) {
    std::string out = headline(run, colour) + counts(run) + times(run.measured) +
                      thresholds(run, colour) + failures(run, colour);
    if (run.interrupted) out += "  The run was interrupted: its figures are those of a part.\n";
    if (!run.valid()) out += wrapped(run.invalid_because());
    return out;
}

}  // namespace admit::load
