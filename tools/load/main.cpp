// SPDX-License-Identifier: BSL-1.0
// admit-load: runs the scenarios and reports.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/allocator.hpp"
#include "common/build_info.hpp"
#include "common/exit_codes.hpp"
#include "common/interrupt.hpp"
#include "common/origin.hpp"
#include "common/output.hpp"
#include "load/command_line.hpp"
#include "load/file/describe.hpp"
#include "load/file_commands.hpp"
#include "load/metrics_server.hpp"
#include "load/report/outputs.hpp"
#include "load/report/schema.hpp"
#include "load/report/table.hpp"
#include "load/runner.hpp"
#include "load/runs_with_progress.hpp"

namespace admit::load {
namespace {

using tools::wants_colour;
using tools::write_err;
using tools::write_out;

std::string scenario_list() {
    std::string out;
    for (const scenario& one : all_scenarios()) {
        out += fmt::format("{:<32}{}\n", one.name, one.summary);
    }
    return out;
}

void print_run(const run_result& result, bool prints) {
    if (prints) {
        write_out(run_line(result, wants_colour(STDOUT_FILENO)));
    } else if (!result.passed()) {
        write_err(run_line(result, wants_colour(STDERR_FILENO)));
    }
}

void warn_if_duration_is_unused(const command& given, const std::vector<planned_run>& runs) {
    const bool timed = std::any_of(runs.begin(), runs.end(), [](const planned_run& run) {
        return run.numbers.duration.count() > 0;
    });
    if (given.wanted.duration && !timed && !given.quiet) {
        write_err("admit-load: --duration has no effect on the chosen scenarios\n");
    }
}

tools::exit_code run_scenarios(const command& given) {
    const std::vector<planned_run> runs = plan_runs(given.wanted);
    check_report_paths(given);
    warn_if_duration_is_unused(given, runs);
    const bool prints = !given.quiet && !reports_to_stdout(given);
    runs_with_progress progress(runs.size(), !given.quiet);
    std::vector<run_result> results;
    for (const planned_run& next : runs) {
        results.push_back(progress.run(*next.subject, next.numbers));
        print_run(results.back(), prints);
        if (results.back().interrupted) break;
    }
    write_reports(given, results, tools::origin_now());
    const bool colour = wants_colour(STDOUT_FILENO);
    if (prints)
        write_out(given.wide ? wide_report(results, colour) : summary_report(results, colour));
    if (results.back().interrupted) {
        write_err(fmt::format("admit-load: interrupted: {} of {} runs were finished\n",
                              results.size() - 1, runs.size()));
    }
    return exit_code_of(results);
}

tools::exit_code perform(const command& given, bool can_print) {
    const bool runs = given.task == command::action::run || given.task == command::action::run_file;
    const bool needs_output = !runs || !given.quiet || reports_to_stdout(given);
    if (needs_output && !can_print) throw tools::output_error("standard output is closed");
    std::optional<metrics_server> server;
    if (runs && given.metrics) server.emplace(*given.metrics, given.quiet);
    switch (given.task) {
        case command::action::help: write_out(given.help); break;
        case command::action::list: write_out(scenario_list()); break;
        case command::action::version:
            write_out(
                fmt::format("admit-load {} ({})\n", tools::tool_version, tools::allocator_name()));
            break;
        case command::action::schema:
            write_out(given.of_reports ? report_schema() : file_schema());
            break;
        case command::action::reference: write_out(file_reference()); break;
        case command::action::new_file: write_template(given.file); break;
        case command::action::run_file: return run_file(given);
        case command::action::find_limit: return find_limit_of_file(given);
        case command::action::report: return report_of_file(given);
        case command::action::compare: return compare_two(given);
        case command::action::run: return run_scenarios(given);
    }
    return tools::succeeded;
}

}  // namespace
}  // namespace admit::load

int main(int argc, char** argv) {
    admit::tools::catch_interrupts();
    return admit::tools::run_tool("admit-load", [&](bool can_print) {
        return admit::load::perform(admit::load::parse_command_line(argc, argv), can_print);
    });
}
