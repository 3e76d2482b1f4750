// SPDX-License-Identifier: BSL-1.0
#include "load/report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "common/printable.hpp"
#include "common/text_table.hpp"
#include "load/report/numbers.hpp"

namespace admit::load {
namespace {

/// At most seven characters: 9999999, then 10.0M.
std::string short_count(std::uint64_t count) {
    if (count < 10'000'000) return fmt::to_string(count);
    return fmt::format("{:.1f}M", static_cast<double>(count) * 1e-6);
}

/// A recorded report may hold any text.
std::string shown(const value& seen) { return tools::printable(to_string(seen)); }

std::string mib(double number) { return fmt::format("{:.1f}", number); }

std::vector<std::string> cells(const run_result& run, std::vector<std::string> figures) {
    std::vector<std::string> row = {tools::printable(run.numbers.scenario),
                                    std::to_string(run.numbers.threads)};
    row.insert(row.end(), std::make_move_iterator(figures.begin()),
               std::make_move_iterator(figures.end()));
    return row;
}

std::string counts_table(const std::vector<run_result>& runs, bool colour) {
    tools::text_table table("Conversations", {"scenario", "threads", "attempts", "started", "full",
                                              "user full", "completed", "success %", "admitted %",
                                              "most active", "per s", "seconds"});
    for (const run_result& run : runs) {
        const metrics& seen = run.measured;
        table.add(cells(
            run, {fmt::to_string(seen.starts.attempts), fmt::to_string(seen.starts.successful),
                  fmt::to_string(seen.starts.failed(errc::global_limit)),
                  fmt::to_string(seen.starts.failed(errc::user_limit)),
                  fmt::to_string(seen.completions), brief(seen.success_rate_percent()),
                  brief(seen.admitted_percent()), fmt::to_string(seen.max_active),
                  brief(seen.throughput_per_s()), brief(seen.duration_s)}));
    }
    return table.text(colour);
}

std::vector<std::string> time_cells(const response_times& times) {
    return {fmt::to_string(times.count), brief(times.min_ms), brief(times.mean_ms),
            brief(times.p50_ms),         brief(times.p95_ms), brief(times.p99_ms),
            brief(times.max_ms)};
}

std::string times_table(const std::vector<run_result>& runs, bool colour) {
    tools::text_table table(
        "Response times in ms (from requesting a conversation to its end)",
        {"scenario", "threads", "count", "min", "mean", "P50", "P95", "P99", "max"});
    for (const run_result& run : runs) {
        table.add(cells(run, time_cells(run.measured.response)));
        if (run.measured.kinds.size() < 2) continue;
        for (const kind_of_work& kind : run.measured.kinds) {
            std::vector<std::string> row = cells(run, time_cells(kind.response));
            row[0] = fmt::format("  {}", tools::printable(kind.name));
            table.add(std::move(row));
        }
    }
    return table.text(colour);
}

std::string waits_table(const std::vector<run_result>& runs, bool colour) {
    tools::text_table table(
        "Queue wait in ms (from the request to the permit)",
        {"scenario", "threads", "count", "min", "mean", "P50", "P95", "P99", "max"});
    for (const run_result& run : runs) {
        if (run.measured.queue_wait) table.add(cells(run, time_cells(*run.measured.queue_wait)));
    }
    return table.empty() ? "" : table.text(colour);
}

std::string memory_table(const std::vector<run_result>& runs, bool colour) {
    tools::text_table table(
        "Memory in MiB (resident set)",
        {"scenario", "threads", "before", "after", "peak", "growth", "trend per min"});
    for (const run_result& run : runs) {
        const memory_use& memory = run.measured.memory;
        table.add(cells(
            run,
            {mib(memory.before_mib), mib(memory.after_mib), mib(memory.peak_mib),
             mib(memory.growth_mib()),
             memory.trend.samples > 0 ? fmt::format("{:.3f}", memory.trend.mib_per_minute) : "-"}));
    }
    return table.text(colour);
}

/// A ratio to a growth near zero is not measurable, so large ratios are cut off.
std::string times_better(double ratio) {
    if (ratio >= 1000) return "> 1000 x";
    return fmt::format("{:.1f} x", ratio);
}

std::string baseline_table(const std::vector<run_result>& runs, bool colour) {
    tools::text_table table("Distance from the thresholds of the older system",
                            {"scenario", "threads", "figure", "must be", "is", "better"});
    for (const run_result& run : runs) {
        for (const check& one : run.checks.all()) {
            if (!one.times_better) continue;
            table.add(cells(run, {tools::printable(one.name), shown(one.expected),
                                  shown(one.observed), times_better(*one.times_better)}));
        }
    }
    return table.empty() ? "" : table.text(colour);
}

std::string in_all(const std::vector<run_result>& runs, bool colour) {
    std::size_t checks = 0;
    std::size_t failed_checks = 0;
    std::size_t failed_runs = 0;
    std::size_t interrupted = 0;
    for (const run_result& run : runs) {
        if (run.interrupted) ++interrupted;
        if (run.interrupted) continue;
        checks += run.checks.all().size();
        failed_checks +=
            static_cast<std::size_t>(std::count_if(run.checks.all().begin(), run.checks.all().end(),
                                                   [](const check& one) { return !one.passed; }));
        if (!run.passed()) ++failed_runs;
    }
    const std::size_t ended = runs.size() - interrupted;
    std::string text = failed_runs == 0 ? fmt::format("{}{} runs passed, {} checks.",
                                                      interrupted == 0 ? "All " : "", ended, checks)
                                        : fmt::format("{} of {} runs failed, {} of {} checks.",
                                                      failed_runs, ended, failed_checks, checks);
    if (interrupted > 0) text += fmt::format(" {} interrupted, and not judged.", interrupted);
    const bool passed = judged(runs) == verdict::passed;
    return '\n' + tools::painted(text, passed ? tools::green : tools::red, colour) + '\n';
}

}  // namespace

std::string failures(const run_result& run, bool colour) {
    std::string out;
    for (const check& one : run.checks.all()) {
        if (one.passed) continue;
        fmt::format_to(
            std::back_inserter(out), "  {} {}: expected {}, observed {}\n         likely: {}\n",
            tools::painted("failed", tools::red, colour), tools::printable(one.name),
            shown(one.expected), shown(one.observed), tools::printable(one.likely_causes));
    }
    return out;
}

std::string painted_verdict(const run_result& run, bool colour) {
    return tools::painted(word_for(run.judged()), run.passed() ? tools::green : tools::red, colour);
}

std::string run_line(const run_result& run, bool colour) {
    return fmt::format("{}  {:<30}  {} {}  {} checks, {:.2f} s\n", painted_verdict(run, colour),
                       tools::printable(run.numbers.scenario), run.numbers.threads,
                       run.numbers.threads == 1 ? "thread, " : "threads,", run.checks.all().size(),
                       run.measured.duration_s) +
           failures(run, colour);
}

std::string summary_report(const std::vector<run_result>& runs, bool colour) {
    tools::text_table table("Conversations, and response times in ms",
                            {"scenario", "threads", "started", "rejected", "P50", "P99"});
    for (const run_result& run : runs) {
        const metrics& seen = run.measured;
        table.add(
            cells(run, {short_count(seen.starts.successful), short_count(seen.starts.failed()),
                        brief(seen.response.p50_ms), brief(seen.response.p99_ms)}));
    }
    return table.text(colour) + in_all(runs, colour);
}

std::string wide_report(const std::vector<run_result>& runs, bool colour) {
    return counts_table(runs, colour) + times_table(runs, colour) + waits_table(runs, colour) +
           memory_table(runs, colour) + baseline_table(runs, colour) + in_all(runs, colour);
}

}  // namespace admit::load
