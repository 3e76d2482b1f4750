// SPDX-License-Identifier: BSL-1.0
#include "load/command_line.hpp"

#include <CLI/CLI.hpp>
#include <admit/limits.hpp>
#include <algorithm>
#include <utility>

#include "common/option_values.hpp"
#include "common/printable.hpp"
#include "load/compare.hpp"
#include "load/options.hpp"
#include "load/plan.hpp"
#include "load/scenario.hpp"

namespace admit::load {
namespace {

using tools::seconds;
using tools::typed;
using tools::whole_number;

command::action action_of(const option_texts& in, const subcommands& commands) {
    if (commands.run->parsed()) return command::action::run_file;
    if (commands.find_limit->parsed()) return command::action::find_limit;
    if (commands.report->parsed()) return command::action::report;
    if (commands.compare->parsed()) return command::action::compare;
    if (commands.create->parsed()) return command::action::new_file;
    if (commands.schema->parsed()) return command::action::schema;
    if (commands.reference->parsed()) return command::action::reference;
    if (in.version) return command::action::version;
    return in.list ? command::action::list : command::action::run;
}

pace pace_of(const option_texts& in) {
    if (in.quick) return pace::quick;
    return in.full ? pace::full : pace::normal;
}

/// Keeps the order and drops repetitions.
std::vector<std::string> known_names(const std::vector<std::string>& given_names) {
    std::vector<std::string> names;
    for (const std::string& name : given_names) {
        require_scenario(name);
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
}

system_kind read_system(const std::string& name) {
    if (name == "admit") return system_kind::admit;
    if (name == "mutex") return system_kind::mutex;
    if (name == "sharded") return system_kind::sharded;
    tools::refuse("--engine", tools::printable(name), "admit, mutex, sharded");
}

settings read_settings(const option_texts& in) {
    settings wanted;
    constexpr std::size_t slots = admit::limits::most_concurrent;
    wanted.max_concurrent = whole_number("--max-concurrent", in.max_concurrent, slots);
    wanted.max_per_user =
        whole_number("--max-per-user", in.max_per_user, wanted.max_concurrent.value_or(slots));
    wanted.users = whole_number("--users", in.users, max_users);
    wanted.threads = whole_number("--threads", in.threads, max_threads);
    wanted.scale = whole_number("--scale", in.scale, max_scale).value_or(1);
    wanted.idle_timeout = seconds("--idle-timeout", in.idle_timeout);
    wanted.max_duration = seconds("--max-duration", in.max_duration);
    wanted.duration = seconds("--duration", in.duration);
    wanted.wait = seconds("--wait", in.wait);
    wanted.pace = pace_of(in);
    wanted.scenarios = known_names(in.scenarios);
    wanted.system = read_system(in.system);
    return wanted;
}

std::size_t read_repeats(const option_texts& in, const subcommands& commands) {
    const std::size_t least = commands.compare->parsed() ? least_repeats : 1;
    return tools::whole_number("--repeats", in.repeats, least, max_repeats).value_or(least);
}

std::optional<double> read_percent(std::string_view option, const typed& value, std::size_t max) {
    const auto percent = whole_number(option, value, max);
    return percent ? std::optional(static_cast<double>(*percent) / 100) : std::nullopt;
}

}  // namespace

command parse_command_line(int argc, const char* const* argv) {
    CLI::App app("Runs load scenarios against the admission engine and checks its guarantees.",
                 "admit-load");
    option_texts in;
    const subcommands commands = declare_options(app, in);
    if (auto help = tools::parse(app, argc, argv)) {
        return {.task = command::action::help, .help = std::move(*help)};
    }
    return {.task = action_of(in, commands),
            .wanted = read_settings(in),
            .file = in.file,
            .other_file = in.other_file,
            .figures = in.figures,
            .repeats = read_repeats(in, commands),
            .precision = read_percent("--precision", in.precision, 100).value_or(0.1),
            .tolerance = read_percent("--tolerance", in.tolerance, 1000).value_or(0.05),
            .json = in.json,
            .csv = in.csv,
            .hgrm = in.hgrm,
            .html = in.html,
            .metrics = tools::listen_address("--metrics", in.metrics),
            .of_reports = in.of_reports,
            .show_users = in.show_users,
            .quiet = in.quiet,
            .wide = in.wide};
}

}  // namespace admit::load
