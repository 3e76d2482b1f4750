// SPDX-License-Identifier: BSL-1.0
#include "load/options.hpp"

#include <fmt/format.h>

#include <admit/limits.hpp>
#include <utility>

#include "load/compare.hpp"
#include "load/plan.hpp"

namespace admit::load {
namespace {

using tools::typed;

void declare_choices(CLI::App& app, option_texts& in) {
    CLI::Option* quick =
        app.add_flag("--quick", in.quick, "a few seconds in all")->disable_flag_override();
    app.add_flag("--full", in.full, "sustained_load_5_minutes takes its 300 s")
        ->disable_flag_override()
        ->excludes(quick);
    app.add_option("--scenario", in.scenarios, "run only this scenario; may be repeated")
        ->type_name("NAME")
        ->allow_extra_args(false);
    app.add_flag("--list", in.list, "list the scenarios")->disable_flag_override();
}

void declare_numbers(CLI::App& app, option_texts& in) {
    const auto number = [&](const char* name, typed& value, std::string help) {
        app.add_option(name, value, std::move(help))->type_name("N");
    };
    const auto time = [&](const char* name, typed& value, std::string help) {
        app.add_option(name, value, std::move(help))->type_name("S");
    };
    number("--max-concurrent", in.max_concurrent,
           fmt::format("limit on all conversations, 1 to {}", admit::limits::most_concurrent));
    number("--max-per-user", in.max_per_user,
           "limit on the conversations of each user, 1 to max-concurrent");
    time("--idle-timeout", in.idle_timeout, "seconds without activity until a conversation ends");
    time("--max-duration", in.max_duration, "seconds until a conversation ends in any case");
    number("--users", in.users, fmt::format("users at once, 1 to {}", max_users));
    time("--duration", in.duration, "seconds that sustained_load_5_minutes takes");
    time("--wait", in.wait, "seconds that a start waits for a free slot (default: it is rejected)");
    number("--threads", in.threads,
           fmt::format("run on this many threads only, 1 to {} (default: 1, then all cores)",
                       max_threads));
    number("--scale", in.scale, fmt::format("users and limits times this, 1 to {}", max_scale));
}

void declare_json(CLI::App& app, option_texts& in) {
    app.add_option("--json", in.json, "write the results as JSON; - is standard output")
        ->type_name("FILE");
}

void declare_html(CLI::App& app, option_texts& in) {
    app.add_option("--html", in.html,
                   "write the results as one page with plots; - is standard output")
        ->type_name("FILE");
}

void declare_show_users(CLI::App& app, option_texts& in) {
    app.add_flag("--show-users", in.show_users, "name the users in the page")
        ->disable_flag_override();
}

void declare_wide(CLI::App& app, option_texts& in) {
    app.add_flag("--wide", in.wide, "print all tables, which need 145 columns")
        ->disable_flag_override();
}

void declare_reports(CLI::App& app, option_texts& in) {
    declare_json(app, in);
    declare_html(app, in);
    declare_show_users(app, in);
    app.add_option("--metrics", in.metrics,
                   "serve the engine's figures to Prometheus there, 127.0.0.1:9464 for example")
        ->type_name("ADDRESS:PORT");
    app.add_flag("--quiet", in.quiet, "print failures only")->disable_flag_override();
}

void declare_exports(CLI::App& app, option_texts& in) {
    app.add_option("--csv", in.csv, "write the time series as CSV")->type_name("FILE");
    app.add_option("--hgrm", in.hgrm,
                   "write the distribution of the response times, for HdrHistogram")
        ->type_name("FILE");
}

void declare_output(CLI::App& app, option_texts& in) {
    declare_reports(app, in);
    declare_wide(app, in);
    app.set_help_flag("--help,-h", "this text");
    app.add_flag("--version", in.version, "print the version")->disable_flag_override();
    app.footer(
        "Exit codes: 0 all passed, 1 a check or a threshold failed, 2 bad usage or a bad file, 3 "
        "the runs or\nthe report could not be completed, or the machine did not keep to the plan, "
        "130 interrupted.");
}

void declare_threads(CLI::App& app, option_texts& in) {
    app.add_option(
           "--threads", in.threads,
           fmt::format("run on this many threads, 1 to {} (default: all cores)", max_threads))
        ->type_name("N");
}

/// What a file says in [quick], [full] and [waiting].
void declare_variants(CLI::App& app, option_texts& in) {
    CLI::Option* quick =
        app.add_flag("--quick", in.quick, "with the changes in [quick]")->disable_flag_override();
    app.add_flag("--full", in.full, "with the changes in [full]")
        ->disable_flag_override()
        ->excludes(quick);
    app.add_option("--wait", in.wait,
                   "seconds that every start waits for room, with the changes in [waiting]")
        ->type_name("S");
}

void declare_run(CLI::App& app, option_texts& in) {
    declare_threads(app, in);
    declare_variants(app, in);
    app.add_option("--engine", in.system,
                   "what runs: admit, mutex (one mutex around two maps), or sharded (64 mutexes)")
        ->type_name("NAME");
    app.add_option("--repeats", in.repeats,
                   fmt::format("run this often, 1 to {} (default: 1)", max_repeats))
        ->type_name("N");
    declare_reports(app, in);
    declare_exports(app, in);
}

void declare_report(CLI::App& app, option_texts& in) {
    app.add_option("FILE", in.file, "a report that --json wrote")->required();
    declare_html(app, in);
    declare_show_users(app, in);
    declare_wide(app, in);
    declare_exports(app, in);
    app.footer("Exit codes: those of the run that was recorded; 2 for a file that is no report.");
}

void declare_compare(CLI::App& app, option_texts& in) {
    app.add_option("SECOND", in.other_file, "the file that is judged")->required();
    declare_threads(app, in);
    app.add_option("--repeats", in.repeats,
                   fmt::format("runs of each file, {} to {} (default: {}); not for reports",
                               least_repeats, max_repeats, least_repeats))
        ->type_name("N");
    app.add_option("--tolerance", in.tolerance,
                   "percent that a figure may be worse, 1 to 1000 (default: 5)")
        ->type_name("N");
    app.add_option("--figure", in.figures,
                   "a figure to compare; may be repeated (default: response_p50_ms, "
                   "response_p99_ms, throughput_per_s)")
        ->type_name("NAME")
        ->allow_extra_args(false);
    app.add_flag("--quiet", in.quiet, "show no progress")->disable_flag_override();
    app.footer("Exit codes: as of admit-load; 1 if a figure is worse.");
}

void declare_find_limit(CLI::App& app, option_texts& in) {
    declare_threads(app, in);
    app.add_option("--precision", in.precision,
                   "percent between the load that holds and the one that breaks, 1 to 100 "
                   "(default: 10)")
        ->type_name("N");
    declare_json(app, in);
    declare_html(app, in);
    app.add_flag("--quiet", in.quiet, "show no progress")->disable_flag_override();
    app.footer("Exit codes: as of admit-load; 1 if no load holds the thresholds.");
}

subcommands declare_commands(CLI::App& app, option_texts& in) {
    const auto add = [&](const char* name, const char* help) {
        CLI::App* one = app.add_subcommand(name, help);
        one->set_help_flag("--help,-h", "this text");
        return one;
    };
    const subcommands all = {
        add("run", "run a scenario file of your own"),
        add("find-limit", "raise the load of a scenario file until a threshold breaks"),
        add("report", "show a recorded report again, as tables and as a page"),
        add("compare", "compare two scenario files, or two reports: is the second one worse?"),
        add("new", "write a scenario file to begin with"),
        add("schema", "print the JSON Schema of scenario files, or of results"),
        add("reference", "print all keys and figures as Markdown")};
    for (CLI::App* one : {all.run, all.find_limit, all.create})
        one->add_option("FILE", in.file, "the scenario file (TOML)")->required();
    all.compare
        ->add_option(
            "FIRST", in.file,
            fmt::format(
                "a scenario file, or reports (.json, with commas between) of {} runs or more",
                least_repeats))
        ->required();
    all.schema->add_flag("--report", in.of_reports, "that of the results in --json instead")
        ->disable_flag_override();
    declare_run(*all.run, in);
    declare_compare(*all.compare, in);
    declare_find_limit(*all.find_limit, in);
    declare_report(*all.report, in);
    app.require_subcommand(0, 1);
    return all;
}

}  // namespace

subcommands declare_options(CLI::App& app, option_texts& in) {
    declare_choices(app, in);
    declare_numbers(app, in);
    declare_output(app, in);
    return declare_commands(app, in);
}

}  // namespace admit::load
