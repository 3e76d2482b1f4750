#include "bench/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "common/option_values.hpp"

namespace admit::bench {
namespace {

using tools::typed;
using tools::whole_number;

constexpr std::uint64_t fewest_rounds = 7;
constexpr std::uint64_t most_rounds = 1'001;
constexpr std::uint64_t most_operations = 1'000'000'000'000;
constexpr std::uint64_t usual_operations = 1'000'000;

struct typed_options {
    command into;
    typed rounds, operations, run;
    bool list = false, version = false;
};

void declare_choices(CLI::App& app, typed_options& in) {
    app.add_flag("--quick", in.into.quick, "seconds in all; the figures say little")
        ->disable_flag_override();
    app.add_flag("--check", in.into.check, "exit with 1 if a target is missed")
        ->disable_flag_override();
    app.add_option("--rounds", in.rounds,
                   fmt::format("rounds of which a figure is the median, {} to {} (default: 9)",
                               fewest_rounds, most_rounds))
        ->type_name("N");
    app.add_option("--only", in.into.only,
                   "measure the floor and this alone; may be repeated; names: --list")
        ->type_name("NAME")
        ->allow_extra_args(false);
    app.add_flag("--list", in.list, "name what can be measured")->disable_flag_override();
}

void declare_running(CLI::App& app, typed_options& in) {
    CLI::Option* const run =
        app.add_option("--run", in.run, "run one figure without measuring it, for a profiler")
            ->type_name("NAME");
    app.add_option("--operations", in.operations,
                   fmt::format("how many each thread then does, 1 to {} (default: {})",
                               most_operations, usual_operations))
        ->type_name("N")
        ->needs(run);
}

void declare_output(CLI::App& app, typed_options& in) {
    app.add_option("--json", in.into.json, "write the figures for machines; - is standard output")
        ->type_name("FILE");
    app.add_option("--html", in.into.html, "write one page with tables and plots")
        ->type_name("FILE");
    app.add_flag("--quiet", in.into.quiet, "print missed targets only")->disable_flag_override();
    app.set_help_flag("--help,-h", "this text");
    app.add_flag("--version", in.version, "print the version")->disable_flag_override();
    app.footer(
        "A full run takes about two minutes and 1.5 GB of memory, and wants the machine for "
        "itself.\n"
        "Exit codes: 0 measured (with --check: and every target met), 1 a target missed, 2 bad "
        "usage,\n3 the measurement or a report could not be completed.");
}

command::action action_of(const typed_options& in) {
    if (in.version) return command::action::version;
    if (in.list) return command::action::list;
    return in.run ? command::action::run_one : command::action::measure;
}

}  // namespace

command parse_command_line(int argc, const char* const* argv) {
    CLI::App app("Measures the engine against its floor, its targets and two baselines.",
                 "admit-bench");
    typed_options in;
    declare_choices(app, in);
    declare_running(app, in);
    declare_output(app, in);
    if (auto help = tools::parse(app, argc, argv)) {
        command asked;
        asked.what = command::action::help;
        asked.help = std::move(*help);
        return asked;
    }
    in.into.what = action_of(in);
    in.into.rounds = whole_number("--rounds", in.rounds, fewest_rounds, most_rounds).value_or(0);
    in.into.operations =
        whole_number("--operations", in.operations, most_operations).value_or(usual_operations);
    in.into.run = in.run.value_or("");
    return in.into;
}

}  // namespace admit::bench
