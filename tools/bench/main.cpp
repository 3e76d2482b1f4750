// SPDX-License-Identifier: BSL-1.0
// admit-bench: measures the engine and reports the figures. See docs/performance.md.
#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <string>

#include "bench/command_line.hpp"
#include "bench/report/json.hpp"
#include "bench/report/text.hpp"
#include "bench/run.hpp"
#include "bench/thread_team.hpp"
#include "common/allocator.hpp"
#include "common/build_info.hpp"
#include "common/option_values.hpp"
#include "common/output.hpp"
#include "common/progress.hpp"

namespace admit::bench {
namespace {

using tools::write_err;
using tools::write_out;

std::string list_of(const catalog& all) {
    std::string out;
    for (const observation& item : all.observations) {
        out += fmt::format("{:<34}{}\n", item.name, item.title);
    }
    for (const row& item : all.rows) out += fmt::format("{:<34}{}\n", item.name(), item.title);
    for (const curve& shape : all.curves) {
        out += fmt::format("{:<34}{}\n", shape.name, shape.title);
        for (const curve::series& line : shape.lines) {
            for (const row& point : line.points) out += fmt::format("  {}\n", point.name());
        }
    }
    return out;
}

exit_code run_row(const command& given) {
    const row item = find_row(full_catalog(extent_of(given)), given.run);
    const auto work = item.make();
    thread_team team(item.threads);
    const auto took = team.run(*work, item.threads, given.operations).took;
    if (work->unexpected() != 0) throw std::runtime_error("an operation had an unexpected outcome");
    write_out(fmt::format(
        "{} operations of {} on each of {} threads: {:.2f} ns\n", given.operations, item.name(),
        item.threads, static_cast<double>(took.count()) / static_cast<double>(given.operations)));
    return fine;
}

void warn_unless_release(const command& given) {
    if (!tools::release_build && !given.quiet) {
        write_err(
            "admit-bench: this is not a release build; the targets apply to release builds only\n");
    }
}

void write_reports(const command& given, const results& run) {
    if (given.json) tools::write_report(*given.json, json_report(run));
    if (!given.quiet && given.json != "-") {
        write_out(text_report(run, tools::wants_colour(STDOUT_FILENO)));
    } else {
        write_err(missed_targets(run, tools::wants_colour(STDERR_FILENO)));
    }
}

results measure_with_progress(const catalog& requested, const command& given) {
    const unsigned threads = extent_of(given).threads;
    tools::progress_bar bar(groups_of(requested), !given.quiet);
    std::string group;
    return measured_and_judged(requested, sampling_of(given),
                               [&](std::string_view now, double part) {
                                   if (now != group) bar.begin(group = now, threads);
                                   bar.update(part);
                               });
}

exit_code measure_and_report(const command& given) {
    const catalog requested = selected(full_catalog(extent_of(given)), given.only);
    if (given.json) tools::check_report_path("--json", *given.json);
    warn_unless_release(given);
    const results run = measure_with_progress(requested, given);
    write_reports(given, run);
    return code_for(given, run);
}

exit_code carry_out(const command& given, bool can_print) {
    const bool prints =
        given.action != command::actions::measure || !given.quiet || given.json == "-";
    if (prints && !can_print) throw tools::output_error("standard output is closed");
    switch (given.action) {
        case command::actions::help: write_out(given.help); return fine;
        case command::actions::list:
            write_out(list_of(full_catalog(extent_of(given))));
            return fine;
        case command::actions::version:
            write_out(
                fmt::format("admit-bench {} ({})\n", tools::tool_version, tools::allocator_name()));
            return fine;
        case command::actions::run_row: return run_row(given);
        case command::actions::measure: break;
    }
    return measure_and_report(given);
}

exit_code run_tool(int argc, const char* const* argv) {
    const bool can_print = tools::prepare_standard_streams();
    try {
        return carry_out(parse_command_line(argc, argv), can_print);
    } catch (const tools::usage_error& error) {
        write_err(
            fmt::format("admit-bench: {}\nadmit-bench --help lists the options.\n", error.what()));
        return bad_usage;
    } catch (const std::exception& error) {
        write_err(fmt::format("admit-bench: {}\n", error.what()));
        return not_completed;
    }
}

}  // namespace
}  // namespace admit::bench

int main(int argc, char** argv) { return admit::bench::run_tool(argc, argv); }
