// admit-load: runs the scenarios and reports.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "load/allocator.hpp"
#include "load/build_info.hpp"
#include "load/command_line.hpp"
#include "load/million/million.hpp"
#include "load/report/json.hpp"
#include "load/report/output.hpp"
#include "load/report/progress.hpp"
#include "load/report/table.hpp"
#include "load/runner.hpp"

namespace admit::load {
namespace {

enum exit_code : int { all_passed = 0, check_failed = 1, bad_usage = 2, not_completed = 3 };

std::string scenario_list() {
    std::string out;
    for (const scenario& one : all_scenarios()) {
        out += fmt::format("{:<32}{}\n", one.name, one.summary);
    }
    return out;
}

/// Where a run is told of: everything for people is silent when a machine reads standard output.
class narrator {
public:
    narrator(const command& given, std::size_t runs)
        : prints_(!given.quiet && given.json != "-"), bar_(runs, !given.quiet) {}

    run_result follow(const planned_run& next) {
        bar_.begin(next.numbers.scenario, next.numbers.threads);
        run_result result =
            run_once(*next.what, next.numbers, [this](double part) { bar_.update(part); });
        bar_.clear();
        if (prints_) {
            write_out(run_line(result, wants_colour(STDOUT_FILENO)));
        } else {
            tell_failures(result);
        }
        return result;
    }

    void conclude(const std::vector<run_result>& results) {
        if (prints_) write_out(table_report(results, wants_colour(STDOUT_FILENO)));
    }

private:
    static void tell_failures(const run_result& result) {
        if (!result.checks.passed()) write_err(run_line(result, wants_colour(STDERR_FILENO)));
    }

    bool prints_;
    progress_bar bar_;
};

void note_what_has_no_effect(const command& given, const std::vector<planned_run>& runs) {
    const bool timed = std::any_of(runs.begin(), runs.end(), [](const planned_run& run) {
        return run.numbers.duration.count() > 0;
    });
    if (given.wanted.duration && !timed && !given.quiet) {
        write_err("admit-load: --duration has no effect on the scenarios that were chosen\n");
    }
}

exit_code run_scenarios(const command& given) {
    const std::vector<planned_run> runs = plan_runs(given.wanted);
    if (given.json) check_report_path("--json", *given.json);
    note_what_has_no_effect(given, runs);
    narrator voice(given, runs.size());
    std::vector<run_result> results;
    for (const planned_run& next : runs) results.push_back(voice.follow(next));
    if (given.json) write_report(*given.json, json_report(results));
    voice.conclude(results);
    const bool passed = std::all_of(results.begin(), results.end(),
                                    [](const run_result& run) { return run.checks.passed(); });
    return passed ? all_passed : check_failed;
}

exit_code carry_out(const command& given, bool can_print) {
    const bool needs_output =
        given.what != command::action::run || !given.quiet || given.json == "-";
    if (needs_output && !can_print) throw output_error("standard output is closed");
    switch (given.what) {
        case command::action::help: write_out(given.help); return all_passed;
        case command::action::list: write_out(scenario_list()); return all_passed;
        case command::action::version:
            write_out(fmt::format("admit-load {} ({})\n", tool_version, allocator_name()));
            return all_passed;
        case command::action::run: break;
    }
    return run_scenarios(given);
}

exit_code run_tool(int argc, const char* const* argv) {
    const bool can_print = prepare_standard_streams();
    try {
        if (argc > 1 && std::string_view(argv[1]) == "million")
            return million::run(argc - 1, argv + 1, can_print) ? all_passed : check_failed;
        return carry_out(parse_command_line(argc, argv), can_print);
    } catch (const usage_error& error) {
        write_err(
            fmt::format("admit-load: {}\nadmit-load --help lists the options.\n", error.what()));
        return bad_usage;
    } catch (const std::exception& error) {
        write_err(fmt::format("admit-load: {}\n", error.what()));
        return not_completed;
    }
}

}  // namespace
}  // namespace admit::load

int main(int argc, char** argv) { return admit::load::run_tool(argc, argv); }
