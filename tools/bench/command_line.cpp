// SPDX-License-Identifier: BSL-1.0
#include "bench/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "common/option_values.hpp"

namespace admit::bench {
namespace {

using tools::typed;
using tools::whole_number;

constexpr std::uint64_t min_rounds = 7;
constexpr std::uint64_t max_rounds = 1'001;
constexpr std::uint64_t max_operations = 1'000'000'000'000;
constexpr std::uint64_t default_operations = 1'000'000;

struct typed_options {
    command result;
    typed rounds, operations, run;
    bool list = false, version = false;
};

void declare_selection(CLI::App& app, typed_options& in) {
    app.add_flag("--quick", in.result.quick,
                 "take seconds instead of minutes; the figures are rough")
        ->disable_flag_override();
    app.add_flag("--check", in.result.check, "exit with 1 if a target is missed")
        ->disable_flag_override();
    app.add_option("--rounds", in.rounds,
                   fmt::format("rounds of which a figure is the median, {} to {} (default: 9)",
                               min_rounds, max_rounds))
        ->type_name("N");
    app.add_option("--only", in.result.only,
                   "measure the floor and this figure only; may be repeated")
        ->type_name("NAME")
        ->allow_extra_args(false);
    app.add_flag("--list", in.list, "list the names of all figures")->disable_flag_override();
}

void declare_running(CLI::App& app, typed_options& in) {
    CLI::Option* const run =
        app.add_option("--run", in.run, "run one figure without measuring it, for a profiler")
            ->type_name("NAME");
    app.add_option("--operations", in.operations,
                   fmt::format("operations of each thread with --run, 1 to {} (default: {})",
                               max_operations, default_operations))
        ->type_name("N")
        ->needs(run);
}

void declare_output(CLI::App& app, typed_options& in) {
    app.add_option("--json", in.result.json, "write the figures as JSON; - is standard output")
        ->type_name("FILE");
    app.add_flag("--quiet", in.result.quiet, "print missed targets only")->disable_flag_override();
    app.set_help_flag("--help,-h", "print this text");
    app.add_flag("--version", in.version, "print the version")->disable_flag_override();
    app.footer(
        "A full run takes about two minutes and 1.5 GB of memory on a machine without other work.\n"
        "Exit codes: 0 measured (with --check: and all targets met), 1 a target is missed, 2 bad "
        "usage,\n3 the measurement or a report could not be completed.");
}

command::actions action_of(const typed_options& in) {
    if (in.version) return command::actions::version;
    if (in.list) return command::actions::list;
    return in.run ? command::actions::run_row : command::actions::measure;
}

}  // namespace

command parse_command_line(int argc, const char* const* argv) {
    CLI::App app("Measures the engine against its floor, its targets and two baselines.",
                 "admit-bench");
    typed_options in;
    declare_selection(app, in);
    declare_running(app, in);
    declare_output(app, in);
    if (auto help = tools::parse(app, argc, argv)) {
        in.result.action = command::actions::help;
        in.result.help = std::move(*help);
        return in.result;
    }
    in.result.action = action_of(in);
    in.result.rounds = whole_number("--rounds", in.rounds, min_rounds, max_rounds).value_or(0);
    in.result.operations =
        whole_number("--operations", in.operations, max_operations).value_or(default_operations);
    in.result.run = in.run.value_or("");
    return in.result;
}

}  // namespace admit::bench
