// SPDX-License-Identifier: BSL-1.0
#include "load/file_commands.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "common/interrupt.hpp"
#include "common/option_values.hpp"
#include "common/origin.hpp"
#include "common/output.hpp"
#include "common/printable.hpp"
#include "common/progress.hpp"
#include "load/compare.hpp"
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

namespace admit::load {
namespace {

using tools::wants_colour;
using tools::write_err;
using tools::write_out;

/// 3 for a run that is no measurement, 1 for one that failed.
tools::exit_code verdict_of(const std::vector<run_result>& results) {
    const auto all = [&](auto holds) { return std::all_of(results.begin(), results.end(), holds); };
    if (!all([](const run_result& one) { return one.valid(); })) return tools::not_completed;
    const bool passed = all([](const run_result& one) { return one.checks.passed(); });
    return passed ? tools::succeeded : tools::check_failed;
}

std::size_t threads_of(const command& given) {
    return given.wanted.threads.value_or(thread_counts({}).back());
}

void print_run(const command& given, const run_result& result) {
    if (!given.quiet && !reports_to_stdout(given)) {
        write_out(block_report(result, wants_colour(STDOUT_FILENO)));
        return;
    }
    write_err(failures(result, wants_colour(STDERR_FILENO)));
    if (!result.valid()) write_err(fmt::format("  invalid: {}\n", result.invalid_because()));
}

/// Runs with a progress bar of `runs` runs.
class runs_with_progress {
public:
    runs_with_progress(const command& given, std::size_t runs)
        : wanted_(given.wanted), threads_(threads_of(given)), bar_(runs, !given.quiet) {}

    run_result run(const scenario& chosen) {
        const plan numbers = chosen.prepare(wanted_, threads_);
        bar_.begin(tools::printable(numbers.scenario), numbers.threads);
        run_result result = run_once(chosen, numbers, live_view(bar_));
        bar_.clear();
        return result;
    }

private:
    const settings& wanted_;
    std::size_t threads_;
    tools::progress_bar bar_;
};

bool is_report(const std::string& path) { return path.ends_with(".json"); }

/// Runs the two files in turn, so that a slower minute of the machine slows both.
std::vector<figure_values> run_in_turn(const command& given) {
    const std::vector<scenario> sides = {make_scenario(read_scenario_file(given.file)),
                                         make_scenario(read_scenario_file(given.other_file))};
    runs_with_progress runs(given, 2 * given.repeats);
    std::vector<figure_values> values(2);
    for (std::size_t repeat = 0; repeat < given.repeats; ++repeat) {
        for (std::size_t side = 0; side < 2; ++side) {
            add_values(values[side], runs.run(sides[side]));
            if (tools::interrupts() > 0) return {};
        }
    }
    return values;
}

std::vector<std::string> figures_of(const command& given) {
    if (given.figures.empty()) return {"response_p50_ms", "response_p99_ms", "throughput_per_s"};
    for (const std::string& name : given.figures) {
        try {
            require_figure(name);
        } catch (const std::invalid_argument& error) {
            tools::refuse("--figure", tools::printable(name), error.what());
        }
    }
    return given.figures;
}

}  // namespace

tools::exit_code run_file(const command& given) {
    const scenario chosen = make_scenario(given.file, given.wanted);
    check_report_paths(given);
    runs_with_progress runs(given, given.repeats);
    std::vector<run_result> results;
    for (std::size_t repeat = 0; repeat < given.repeats && tools::interrupts() == 0; ++repeat) {
        results.push_back(runs.run(chosen));
        print_run(given, results.back());
    }
    write_reports(given, results, tools::origin_now());
    return tools::interrupts() > 0 ? tools::interrupted : verdict_of(results);
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
    return verdict_of(made.runs);
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
        bar.begin(fmt::format("{:.3g} x the load", factor), threads_of(given));
        load_step step = try_load(base, factor, threads_of(given), live_view(bar));
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

tools::exit_code compare_two(const command& given) {
    if (is_report(given.file) != is_report(given.other_file)) {
        throw tools::usage_error("compare: a report and a scenario file; allowed: two of one kind");
    }
    const std::vector<std::string> figures = figures_of(given);
    const std::vector<figure_values> sides =
        is_report(given.file) ? std::vector{read_values(given.file), read_values(given.other_file)}
                              : run_in_turn(given);
    if (sides.empty()) return tools::interrupted;
    const auto compared = compare(sides[0], sides[1], figures, given.tolerance);
    if (compared.empty()) {
        throw tools::usage_error(fmt::format(
            "compare: the reports have none of {} in common; allowed: figures that both have",
            fmt::join(figures, ", ")));
    }
    write_out(comparison_report(compared, wants_colour(STDOUT_FILENO)));
    const bool worse = std::any_of(compared.begin(), compared.end(), [](const comparison& one) {
        return one.verdict == change::worse;
    });
    return worse ? tools::check_failed : tools::succeeded;
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
