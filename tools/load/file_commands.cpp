// SPDX-License-Identifier: BSL-1.0
#include "load/file_commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "common/interrupt.hpp"
#include "common/option_values.hpp"
#include "common/origin.hpp"
#include "common/output.hpp"
#include "common/printable.hpp"
#include "common/progress.hpp"
#include "load/drive/file_scenario.hpp"
#include "load/file/check_file.hpp"
#include "load/file/describe.hpp"
#include "load/file/read_file.hpp"
#include "load/find_limit.hpp"
#include "load/report/block.hpp"
#include "load/report/html.hpp"
#include "load/report/json.hpp"
#include "load/report/live.hpp"
#include "load/report/outputs.hpp"
#include "load/report/read_report.hpp"
#include "load/report/search.hpp"
#include "load/report/table.hpp"
#include "load/runs_with_progress.hpp"

namespace admit::load {
namespace {

using tools::wants_colour;
using tools::write_err;
using tools::write_out;

void print_run(const command& given, const run_result& result) {
    if (!given.quiet && !reports_to_stdout(given)) {
        write_out(block_report(result, wants_colour(STDOUT_FILENO)));
        return;
    }
    write_err(failures(result, wants_colour(STDERR_FILENO)));
    if (result.interrupted) write_err("  interrupted: its figures are those of a part\n");
    if (!result.valid()) write_err(fmt::format("  invalid: {}\n", result.invalid_because()));
}

}  // namespace

tools::exit_code run_file(const command& given) {
    const scenario chosen = make_scenario(given.file, given.wanted);
    check_report_paths(given);
    runs_with_progress runs(given.repeats, !given.quiet);
    std::vector<run_result> results;
    for (std::size_t repeat = 1; repeat <= given.repeats; ++repeat) {
        run_result one =
            runs.run(chosen, chosen.prepare(given.wanted, threads_of_files(given.wanted)));
        one.repeat = repeat;
        one.repeats = given.repeats;
        print_run(given, results.emplace_back(std::move(one)));
        if (results.back().interrupted) break;
    }
    write_reports(given, results, tools::origin_now());
    return exit_code_of(results);
}

tools::exit_code report_of_file(const command& given) {
    check_report_paths(given);
    const recording made = read_report(given.file);
    const bool colour = wants_colour(STDOUT_FILENO);
    const bool of_files = std::any_of(made.runs.begin(), made.runs.end(),
                                      [](const run_result& one) { return one.numbers.from_file; });
    if (!reports_to_stdout(given)) {
        for (const run_result& one : made.runs)
            write_out(one.numbers.from_file ? block_report(one, colour) : run_line(one, colour));
        if (given.wide) write_out(wide_report(made.runs, colour));
        if (!given.wide && !of_files) write_out(summary_report(made.runs, colour));
    }
    write_reports(given, made.runs, made.origin);
    return exit_code_of(made.runs);
}

tools::exit_code find_limit_of_file(const command& given) {
    const scenario_file file = read_scenario_file(given.file);
    if (file.thresholds.empty()) {
        throw file_error(given.file, 0, "thresholds", "(nothing)",
                         "one or more, of which one breaks at the limit");
    }
    check_report_paths(given);
    tools::progress_bar bar(1, !given.quiet);
    const auto attempt = [&](const scenario_file& base, double factor) {
        bar.begin(fmt::format("{:.3g} x the load", factor), threads_of_files(given.wanted));
        load_step step = try_load(base, factor, threads_of_files(given.wanted), live_view(bar));
        bar.clear();
        return step;
    };
    const found_limit found = find_limit(file, given.precision, attempt);
    if (!reports_to_stdout(given)) write_out(find_limit_report(found, wants_colour(STDOUT_FILENO)));
    if (given.json || given.html) {
        const nlohmann::ordered_json search = search_value(file, found, tools::origin_now());
        if (given.json) tools::write_report(*given.json, json_text(search));
        if (given.html) tools::write_report(*given.html, page_of(search));
    }
    if (tools::interrupts() > 0) return tools::interrupted;
    if (found.highest_that_holds) return tools::succeeded;
    const bool measured = found.lowest_that_breaks && found.lowest_that_breaks->valid;
    return measured ? tools::check_failed : tools::not_completed;
}

void write_template(const std::string& path) {
    tools::check_report_path("FILE", path);
    if (path == "-") return write_out(file_template());
    if (std::filesystem::exists(path)) {
        tools::refuse("FILE", tools::printable(path), "the name of a file that does not exist");
    }
    tools::write_report(path, file_template());
}

}  // namespace admit::load
