// admit-bench: measures and reports.
#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <string>

#include "bench/build_info.hpp"
#include "bench/command_line.hpp"
#include "bench/crew.hpp"
#include "bench/report/json.hpp"
#include "bench/report/page.hpp"
#include "bench/run.hpp"
#include "common/allocator.hpp"
#include "common/option_values.hpp"
#include "common/output.hpp"
#include "common/progress.hpp"

namespace admit::bench {
namespace {

using tools::write_err;
using tools::write_out;

std::string list_of(const catalog& all) {
    std::string out;
    for (const observation& one : all.observations) {
        out += fmt::format("{:<34}{}\n", one.name, one.title);
    }
    for (const row& one : all.rows) out += fmt::format("{:<34}{}\n", one.name(), one.title);
    for (const curve& one : all.curves) {
        out += fmt::format("{:<34}{}\n", one.name, one.title);
        for (const curve::series& line : one.lines) {
            for (const row& point : line.points) out += fmt::format("  {}\n", point.name());
        }
    }
    return out;
}

exit_code run_one(const command& given) {
    const row one = find_row(full_catalog(extent_of(given)), given.run);
    const auto work = one.make();
    crew threads(one.threads);
    const auto took = threads.run(*work, one.threads, given.operations).took;
    if (work->unexpected() != 0) throw std::runtime_error("an operation had another outcome");
    write_out(fmt::format(
        "{} operations of {} on each of {} threads: {:.2f} ns\n", given.operations, one.name(),
        one.threads, static_cast<double>(took.count()) / static_cast<double>(given.operations)));
    return fine;
}

void tell_of_this_build(const command& given) {
    if (!release_build && !given.quiet) {
        write_err("admit-bench: this is no release build; the targets are not meant for it\n");
    }
}

void write_reports(const command& given, const results& run) {
    if (given.json) tools::write_report(*given.json, json_report(run));
    if (given.html) tools::write_report(*given.html, html_page(run));
    const bool printing = !given.quiet && given.json != "-" && given.html != "-";
    if (printing) {
        write_out(text_report(run, tools::wants_colour(STDOUT_FILENO)));
    } else {
        write_err(missed_targets(run, tools::wants_colour(STDERR_FILENO)));
    }
}

results measure_with_progress(const catalog& asked, const command& given) {
    const unsigned threads = extent_of(given).threads;
    tools::progress_bar bar(groups_of(asked), !given.quiet);
    std::string group;
    return measured_and_judged(asked, pace_of(given), [&](std::string_view now, double done) {
        if (now != group) bar.begin(group = now, threads);
        bar.update(done);
    });
}

exit_code measure_and_report(const command& given) {
    const catalog asked = selected(full_catalog(extent_of(given)), given.only);
    if (given.json) tools::check_report_path("--json", *given.json);
    if (given.html) tools::check_report_path("--html", *given.html);
    tell_of_this_build(given);
    const results run = measure_with_progress(asked, given);
    write_reports(given, run);
    return code_for(given, run);
}

exit_code carry_out(const command& given, bool can_print) {
    const bool prints = given.what != command::action::measure || !given.quiet ||
                        given.json == "-" || given.html == "-";
    if (prints && !can_print) throw tools::output_error("standard output is closed");
    switch (given.what) {
        case command::action::help: write_out(given.help); return fine;
        case command::action::list: write_out(list_of(full_catalog(extent_of(given)))); return fine;
        case command::action::version:
            write_out(fmt::format("admit-bench {} ({})\n", tool_version, tools::allocator_name()));
            return fine;
        case command::action::run_one: return run_one(given);
        case command::action::measure: break;
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
