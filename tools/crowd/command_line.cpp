// SPDX-License-Identifier: BSL-1.0
#include "crowd/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <admit/limits.hpp>
#include <algorithm>
#include <thread>
#include <utility>

#include "common/build_info.hpp"
#include "common/option_values.hpp"

namespace admit::crowd {
namespace {

using tools::refuse;
using tools::seconds;
using tools::typed;
using tools::whole_number;

/// The range of --threads, as in admit-load.
constexpr std::size_t max_threads = 256;

constexpr std::size_t quick_users = 20'000;

/// All users but one may have to wait.
constexpr std::size_t max_crowd = limits::most_waiting;

struct option_texts {
    typed users, threads, max_per_user, steps, step, wait, repeat, timers, allocator, json;
    std::vector<std::string> limits;
    bool quick = false, check = false, quiet = false, version = false;
};

void declare_crowd(CLI::App& app, option_texts& in) {
    const auto option = [&](const char* name, typed& value, const char* type, std::string help) {
        app.add_option(name, value, std::move(help))->type_name(type);
    };
    app.add_flag("--quick", in.quick, fmt::format("{} users, once", quick_users))
        ->disable_flag_override();
    option("--users", in.users, "N", fmt::format("users at once, 1 to {}", max_crowd));
    option("--threads", in.threads, "N",
           fmt::format("contexts, each with a thread, 1 to {} (default: all cores)", max_threads));
    app.add_option("--max-concurrent", in.limits,
                   "limit on all conversations; may be repeated (default: the users, and a "
                   "hundredth of them)")
        ->type_name("N")
        ->allow_extra_args(false);
    option("--max-per-user", in.max_per_user, "N",
           "limit on the conversations of each user (default: 5)");
    option("--steps", in.steps, "N",
           fmt::format("steps of each conversation, 1 to {} (default: 3)", max_steps));
    option("--step", in.step, "S", "seconds that a step takes (default: 0.001)");
    option("--wait", in.wait, "S", "seconds that a user waits at most (default: no limit)");
}

void declare_runs(CLI::App& app, option_texts& in) {
    const auto option = [&](const char* name, typed& value, const char* type, std::string help) {
        app.add_option(name, value, std::move(help))->type_name(type);
    };
    option("--timers", in.timers, "NAME", "heap, wheel or both (default: both)");
    option("--allocator", in.allocator, "NAME", "glibc, mimalloc or both (default: both)");
    option("--repeat", in.repeat, "N",
           fmt::format("runs of each crowd, 1 to {}; medians are shown (default: 3)",
                       max_repetitions));
    app.add_flag("--check", in.check, "exit with 1 when a target is missed")
        ->disable_flag_override();
    app.add_option("--json", in.json, "write the results as JSON; - is standard output")
        ->type_name("FILE");
    app.add_flag("--quiet", in.quiet, "print nothing")->disable_flag_override();
    app.set_help_flag("--help,-h", "this text");
    app.add_flag("--version", in.version, "print the version")->disable_flag_override();
    app.footer(
        "Exit codes: 0 completed, 1 a target was missed (with --check), 2 bad usage, 3 the runs or "
        "the "
        "report\ncould not be completed.");
}

/// The named value of an enumeration, or all available ones for "both".
template <class Choice>
std::vector<Choice> choices(std::string_view option, const typed& value,
                            std::vector<Choice> available) {
    if (!value || (*value == "both" && available.size() == 2)) return available;
    std::string names;
    for (const Choice each : available) {
        const auto name = nlohmann::json(each).get<std::string>();
        if (*value == name) return {each};
        names += names.empty() ? name : ", " + name;
    }
    if (available.size() == 2) names += ", both";
    refuse(option, *value, names);
}

std::size_t default_threads() {
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, max_threads);
}

/// Keeps the order and drops repetitions.
std::vector<std::size_t> limits_of(const option_texts& in, std::size_t users) {
    std::vector<std::size_t> limits;
    const auto add = [&](std::size_t limit) {
        if (std::find(limits.begin(), limits.end(), limit) == limits.end()) limits.push_back(limit);
    };
    for (const std::string& each : in.limits)
        add(*whole_number("--max-concurrent", each, limits::most_concurrent));
    if (in.limits.empty()) {
        add(users);
        add(std::max<std::size_t>(users / 100, 1));
    }
    return limits;
}

command read(const option_texts& in) {
    command wanted;
    wanted.users = whole_number("--users", in.users, max_crowd)
                       .value_or(in.quick ? quick_users : wanted.users);
    wanted.threads = whole_number("--threads", in.threads, max_threads).value_or(default_threads());
    wanted.limits = limits_of(in, wanted.users);
    const std::size_t smallest = *std::min_element(wanted.limits.begin(), wanted.limits.end());
    wanted.max_per_user = whole_number("--max-per-user", in.max_per_user, smallest)
                              .value_or(std::min(wanted.max_per_user, smallest));
    wanted.steps = whole_number("--steps", in.steps, max_steps).value_or(wanted.steps);
    wanted.step = seconds("--step", in.step).value_or(wanted.step);
    wanted.wait = seconds("--wait", in.wait);
    wanted.repetitions =
        whole_number("--repeat", in.repeat, max_repetitions).value_or(in.quick ? 1 : 3);
    wanted.timers =
        choices("--timers", in.timers, std::vector{timer_kind::heap, timer_kind::wheel});
    wanted.allocators = choices("--allocator", in.allocator, built_allocators());
    wanted.check = in.check;
    wanted.quiet = in.quiet;
    wanted.json = in.json;
    return wanted;
}

}  // namespace

std::vector<allocator_kind> built_allocators() {
    if (tools::with_mimalloc) return {allocator_kind::glibc, allocator_kind::mimalloc};
    return {allocator_kind::glibc};
}

command parse_command_line(int argc, const char* const* argv) {
    CLI::App app(
        "Keeps up to a million users alive at once, each a coroutine, and measures the\n"
        "memory and time of each.",
        "admit-crowd");
    option_texts in;
    declare_crowd(app, in);
    declare_runs(app, in);
    command wanted;
    if (auto help = tools::parse(app, argc, argv)) {
        wanted.text = std::move(*help);
    } else if (in.version) {
        wanted.text = fmt::format("admit-crowd {}\n", tools::tool_version);
    } else {
        wanted = read(in);
    }
    return wanted;
}

}  // namespace admit::crowd
