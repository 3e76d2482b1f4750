// SPDX-License-Identifier: BSL-1.0
#include "load/file/check_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "common/printable.hpp"
#include "load/file/read_file.hpp"
#include "load/plan.hpp"

namespace admit::load {
namespace {

std::string place(std::string_view path, std::size_t line) {
    const std::string file = tools::printable(path);
    return line > 0 ? fmt::format("{}:{}", file, line) : file;
}

void check_users(const scenario_file& file, const std::string& path) {
    if (file.users.empty()) {
        throw file_error(path, 0, "users", "(nothing)", "one or more tables, [[users]]");
    }
    std::set<std::string_view> names;
    for (std::size_t at = 0; at < file.users.size(); ++at) {
        const user_kind& kind = file.users[at];
        const auto refuse = [&](std::string_view key, std::string_view value,
                                std::string_view allowed) {
            throw file_error(path, 0, fmt::format("users[{}].{}", at + 1, key), value, allowed);
        };
        if (!names.insert(kind.name).second) {
            refuse("name", fmt::format("\"{}\"", tools::printable(kind.name)),
                   "a name that no other kind has");
        }
        if (kind.give_up_percent > 0 && kind.wait_s == 0) {
            refuse("give_up_percent", fmt::format("{:g}", kind.give_up_percent),
                   "0, because wait_s is 0");
        }
        if (kind.throw_percent + kind.never_end_percent > 100) {
            refuse("never_end_percent", fmt::format("{:g}", kind.never_end_percent),
                   fmt::format("0 to {:g} %, beside throw_percent = {:g}", 100 - kind.throw_percent,
                               kind.throw_percent));
        }
    }
    if (file.distinct_users() > max_users) {
        throw file_error(path, 0, "users", fmt::format("{} in all", file.distinct_users()),
                         fmt::format("1 to {} in all", max_users));
    }
}

void check_open_arrival(const scenario_file& file, const std::string& path, bool duration_given) {
    const file_arrival& arrival = file.arrival;
    if (arrival.stages.empty() && arrival.rate_per_s == 0) {
        throw file_error(path, 0, "arrival.rate_per_s", "0", "more than 0, or stages");
    }
    if (!arrival.stages.empty() && duration_given) {
        throw file_error(path, 0, "duration_s", fmt::format("{:g}", file.duration_s),
                         "no duration beside arrival.stages, which have lengths of their own");
    }
    const bool any = std::any_of(file.users.begin(), file.users.end(),
                                 [](const user_kind& kind) { return kind.weight > 0; });
    if (!any) throw file_error(path, 0, "users.weight", "0", "more than 0 for some kind");
}

/// Keys that only one model of arrival knows.
void check_models(const scenario_file& file, const std::string& path) {
    const file_arrival& arrival = file.arrival;
    const auto only = [&](std::string_view model, std::string_view key, std::string_view given) {
        throw file_error(path, 0, fmt::format("arrival.{}", key), given,
                         fmt::format("none, because it is for model = \"{}\"", model));
    };
    const bool closed = arrival.model == "closed";
    if (arrival.meet && !closed) only("closed", "meet", "true");
    if (arrival.rapid_cycles > 0 && !closed)
        only("closed", "rapid_cycles", fmt::to_string(arrival.rapid_cycles));
    if (arrival.conversations_per_user > 0 && !closed)
        only("closed", "conversations_per_user", fmt::to_string(arrival.conversations_per_user));
    if (arrival.bursts > 1 && arrival.model != "together")
        only("together", "bursts", fmt::to_string(arrival.bursts));
    if (file.steps.empty() == (arrival.model == "script"))
        throw file_error(path, 0, "steps", fmt::format("{} steps", file.steps.size()),
                         "one or more with model = \"script\", and none without");
}

void check_step(const scenario_file& file, std::size_t at, const std::string& path) {
    const script_step& step = file.steps[at];
    const auto refuse = [&](std::string_view key, std::string_view given,
                            std::string_view allowed) {
        throw file_error(path, 0, fmt::format("steps[{}].{}", at + 1, key),
                         fmt::format("\"{}\"", tools::printable(given)), allowed);
    };
    const user_kind* kind = file.kind_of(step.users);
    if (kind == nullptr) refuse("users", step.users, "the name of a kind of users");
    if (step.act == "fill" && kind->fills == "nothing")
        refuse("do", step.act, "a start, an end or a visit, because the kind fills nothing");
    if (step.expect == "waits" && step.act != "start")
        refuse("expect", step.expect, "\"waits\" for a start alone");
    if ((step.act == "fill" || step.act == "visit") && step.expect != "admitted")
        refuse("expect", step.expect, "\"admitted\" for a fill or a visit");
}

void check_bound(const scenario_file& file, std::size_t at, const std::string& path) {
    const bound& one = file.bounds[at];
    const auto refuse = [&](std::string_view key, std::string_view given,
                            std::string_view allowed) {
        throw file_error(path, 0, fmt::format("bounds[{}].{}", at + 1, key),
                         fmt::format("\"{}\"", tools::printable(given)), allowed);
    };
    if (one.name.empty()) refuse("name", "", "a text of 1 to 64 bytes");
    if (!one.holds) refuse("holds", "", "a text such as \"response_p99_ms < 5\"");
    if (one.holds->relation != "<" && one.holds->relation != ">")
        refuse("holds", one.holds->text, "a threshold with < or >");
    if (one.kind.empty()) return;
    if (file.kind_of(one.kind) == nullptr) refuse("kind", one.kind, "the name of a kind of users");
    if (one.holds->subject->time == nullptr)
        refuse("kind", one.kind, "none, because the figure is no response time");
}

void check_closed_arrival(const scenario_file& file, const std::string& path) {
    const file_arrival& arrival = file.arrival;
    if (arrival.rate_per_s > 0 || !arrival.stages.empty()) {
        throw file_error(path, 0, "arrival.rate_per_s", fmt::format("{:g}", arrival.rate_per_s),
                         "no rate and no stages, because the model is closed; model = \"open\" "
                         "starts conversations by a rate");
    }
}

void check_price(const scenario_file& file, const std::string& path) {
    const double needed = needed_memory_mib(file);
    if (needed <= static_cast<double>(file.max_memory_mib)) return;
    throw file_error(path, 0, "max_memory_mib", fmt::to_string(file.max_memory_mib),
                     fmt::format("{:.0f} and more for {} users and {} slots", needed,
                                 file.distinct_users(), file.limits.max_concurrent));
}

}  // namespace

file_error::file_error(std::string_view path, std::size_t line, std::string_view key,
                       std::string_view given, std::string_view allowed)
    : usage_error(fmt::format("{}: {}: {}: not allowed; allowed: {}", place(path, line), key, given,
                              allowed)) {}

void check_file(scenario_file& file, const std::string& path, bool duration_given) {
    check_users(file, path);
    if (file.arrival.open()) {
        check_open_arrival(file, path, duration_given);
    } else {
        check_closed_arrival(file, path);
    }
    check_models(file, path);
    for (std::size_t at = 0; at < file.steps.size(); ++at) check_step(file, at, path);
    for (std::size_t at = 0; at < file.bounds.size(); ++at) check_bound(file, at, path);
    check_price(file, path);
    if (file.name.empty()) file.name = std::filesystem::path(path).stem().string();
}

double needed_memory_mib(const scenario_file& file) {
    const std::size_t slots = file.limits.max_concurrent;
    const std::size_t at_once =
        file.arrival.open() ? slots + file.limits.max_waiting : file.distinct_users();
    // Measured: an id, its outside counts and its share of the report.
    constexpr double bytes_for_user = 400;
    constexpr double bytes_in_zipf_table = 40;
    double bytes = 0;
    for (const user_kind& kind : file.users) {
        const double each = bytes_for_user + (kind.ids == "zipf" ? bytes_in_zipf_table : 0);
        bytes += static_cast<double>(kind.count) * each;
    }
    return expected_memory_mib(at_once, slots) + bytes / (1024 * 1024);
}

admit::duration from_seconds(double seconds) {
    return admit::duration(std::llround(seconds * 1e9));
}

double length_s(const scenario_file& file) {
    if (file.arrival.stages.empty()) return file.duration_s;
    double sum = 0;
    for (const rate_stage& stage : file.arrival.stages) sum += stage.for_s;
    return sum;
}

}  // namespace admit::load
