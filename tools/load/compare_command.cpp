// SPDX-License-Identifier: BSL-1.0
// The command `compare` of admit-load.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "common/option_values.hpp"
#include "common/output.hpp"
#include "common/printable.hpp"
#include "load/compare.hpp"
#include "load/drive/file_scenario.hpp"
#include "load/file/read_file.hpp"
#include "load/file_commands.hpp"
#include "load/runs_with_progress.hpp"

namespace admit::load {
namespace {

using two_sides = std::pair<compared_side, compared_side>;

bool is_report(const std::string& paths) {
    const std::vector<std::string> files = files_in(paths);
    return std::all_of(files.begin(), files.end(),
                       [](const std::string& one) { return one.ends_with(".json"); });
}

/// Runs the two files in turn, so that a slower minute of the machine slows both. Nothing: the user
/// interrupted it.
std::optional<two_sides> run_in_turn(const command& given) {
    const scenario first = make_scenario(read_scenario_file(given.file));
    const scenario second = make_scenario(read_scenario_file(given.other_file));
    runs_with_progress runs(2 * given.repeats, !given.quiet);
    const std::size_t threads = threads_of_files(given.wanted);
    two_sides sides;
    const auto add = [&](compared_side& to, const scenario& chosen, const std::string& file) {
        const run_result run = runs.run(chosen, chosen.prepare(given.wanted, threads));
        if (!run.interrupted) to.add(run, file);
        return !run.interrupted;
    };
    for (std::size_t repeat = 0; repeat < given.repeats; ++repeat) {
        if (!add(sides.first, first, given.file)) return {};
        if (!add(sides.second, second, given.other_file)) return {};
    }
    return sides;
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

tools::exit_code compare_two(const command& given) {
    const bool reports = is_report(given.file);
    if (reports != is_report(given.other_file)) {
        throw tools::usage_error("compare: a report and a scenario file; allowed: two of one kind");
    }
    const std::vector<std::string> figures = figures_of(given);
    const std::optional<two_sides> sides =
        reports ? two_sides(read_side(given.file), read_side(given.other_file))
                : run_in_turn(given);
    if (!sides) return tools::interrupted;
    const auto& [first, second] = *sides;
    const auto compared = compare(first, second, figures, given.tolerance);
    if (compared.empty()) {
        throw tools::usage_error(fmt::format(
            "compare: the reports have none of {} in common; allowed: figures that both have",
            fmt::join(figures, ", ")));
    }
    tools::write_out(
        comparison_report(compared, given.tolerance, tools::wants_colour(STDOUT_FILENO)));
    tools::write_out(differences(first, second));
    const bool worse = std::any_of(compared.begin(), compared.end(), [](const comparison& one) {
        return one.verdict == change::worse;
    });
    return worse ? tools::check_failed : tools::succeeded;
}

}  // namespace admit::load
