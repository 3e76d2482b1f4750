// SPDX-License-Identifier: BSL-1.0
#include "load/file/keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <type_traits>

#include "load/file/named_check.hpp"
#include "load/plan.hpp"

namespace admit::load {
namespace {

constexpr double year_s = 365.0 * 86'400;
constexpr double day_ms = 86'400e3;
constexpr double most_users = max_users;
constexpr double most_slots = admit::limits::most_concurrent;
constexpr double most_waiting = admit::limits::most_waiting;
constexpr double most_rate = 5e6;

using file = scenario_file;
constexpr std::array<key<file>, 8> file_keys = {{
    {"name", &file::name, "", 1, 64, "", "the name in reports (default: that of the file)"},
    {"summary", &file::summary, "", 0, 200, "", "one line for lists"},
    {"duration_s", &file::duration_s, "s", 0.001, year_s, "",
     "how long new conversations start; not with stages"},
    {"seed", &file::seed, "", 0, 9e15, "",
     "the same seed gives the same plan of arrivals, lengths and users"},
    {"max_memory_mib", &file::max_memory_mib, "MiB", 1, 1e6, "",
     "a run that may need more is refused before it starts"},
    {"by_key", &file::by_key, "", 0, 0, "", "every second start names its user by a `user_key`"},
    {"checks", &file::checks, "", 0, 0, check_choices,
     "what must hold beyond the thresholds; each is explained below"},
    {"thresholds", &file::thresholds, "", 0, 0, "",
     "what must hold, as \"response_p99_ms < 5\"; a run that breaks one exits with 1"},
}};

using part_limits = file_limits;
constexpr std::array<key<part_limits>, 6> limits_keys = {{
    {"max_concurrent", &part_limits::max_concurrent, "", 1, most_slots, "",
     "conversations at once, of all users"},
    {"max_per_user", &part_limits::max_per_user, "", 1, most_slots, "",
     "conversations at once of each user"},
    {"max_waiting", &part_limits::max_waiting, "", 0, most_waiting, "",
     "requests that wait at once, of all users"},
    {"max_waiting_per_user", &part_limits::max_waiting_per_user, "", 0, most_waiting, "",
     "requests that wait at once, of each user"},
    {"idle_timeout_s", &part_limits::idle_timeout_s, "s", 0.001, year_s, "",
     "a conversation without a touch for this long is ended by the engine"},
    {"max_duration_s", &part_limits::max_duration_s, "s", 0.001, year_s, "",
     "an older conversation is ended by the engine"},
}};

using part_arrival = file_arrival;
constexpr std::array<key<part_arrival>, 12> arrival_keys = {{
    {"model", &part_arrival::model, "", 0, 0, "closed|open|together|script",
     "closed: each user starts again when the last conversation has ended; open: conversations "
     "start when they are planned, whatever the engine does; together: all users start at once, "
     "and none works before all have asked; script: by `steps`"},
    {"conversations_per_user", &part_arrival::conversations_per_user, "", 0, 1e9, "",
     "closed: a user stops after this many; 0: after `duration_s`"},
    {"meet", &part_arrival::meet, "", 0, 0, "",
     "closed: the first conversations last until all users have asked"},
    {"bursts", &part_arrival::bursts, "", 1, 1e6, "", "together: so often, with new users"},
    {"pause_ms", &part_arrival::pause_ms, "ms", 0, day_ms, "", "together: after each burst"},
    {"rapid_cycles", &part_arrival::rapid_cycles, "", 0, 1e12, "",
     "closed: after the users, so many starts and ends without a pause, on all threads"},
    {"rate_per_s", &part_arrival::rate_per_s, "/s", 0, most_rate, "",
     "open: planned starts a second; with stages: at the beginning"},
    {"process", &part_arrival::process, "", 0, 0, "poisson|constant",
     "open: independent starts, or starts at equal distances"},
    {"stages", &part_arrival::stages, "", 0, 0, "",
     "open: how the rate moves, as [{ for_s = 10, rate_per_s = 500 }]"},
    {"late_ms", &part_arrival::late_ms, "ms", 0, 60'000, "",
     "open: a start is late after this, or after `late_interval_percent`, if that is more"},
    {"late_interval_percent", &part_arrival::late_interval_percent, "%", 0, 1000, "",
     "open: of the mean distance of two starts"},
    {"late_arrivals_percent", &part_arrival::late_arrivals_percent, "%", 0, 100, "",
     "open: with more late starts the run is invalid, and exits with 3"},
}};

constexpr std::array<key<rate_stage>, 2> stage_keys = {{
    {"for_s", &rate_stage::for_s, "s", 0.001, year_s, "", "how long the stage takes"},
    {"rate_per_s", &rate_stage::rate_per_s, "/s", 0, most_rate, "",
     "planned starts a second at its end"},
}};

using kind = user_kind;
constexpr std::array<key<kind>, 18> user_keys = {{
    {"name", &kind::name, "", 1, 64, "", "of the kind, in reports"},
    {"count", &kind::count, "", 1, most_users, "",
     "user ids of the kind; closed: as many users at once"},
    {"fills", &kind::fills, "", 0, 0, "nothing|all_slots|own_limit",
     "script: the kind takes `max_concurrent` conversations, or each user `max_per_user`"},
    {"measures", &kind::measures, "", 0, 0, "conversation|calls",
     "the response time: to the end, or of the calls that start and end it alone"},
    {"ids", &kind::ids, "", 0, 0, "in_turn|uniform|zipf",
     "which id is next; closed, in_turn: each user keeps its own"},
    {"zipf_exponent", &kind::zipf_exponent, "", 0.01, 10, "",
     "zipf: id n comes as often as 1 / n to this power"},
    {"weight", &kind::weight, "", 0, 1e6, "", "open: the share of the kind among the starts"},
    {"steps", &kind::steps, "", 1, 100'000, "", "a conversation sleeps so often"},
    {"step_ms", &kind::step_ms, "ms", 0, day_ms, "", "the length of each sleep"},
    {"touch", &kind::touch, "", 0, 0, "", "whether each sleep is followed by a touch"},
    {"think_ms", &kind::think_ms, "ms", 0, day_ms, "",
     "closed: the pause between two conversations of a user"},
    {"wait_s", &kind::wait_s, "s", 0, year_s, "", "how long a start waits for room; 0: not at all"},
    {"priority", &kind::priority, "", 0, 3, "",
     "of starts that wait; a higher one is served first"},
    {"max_per_user", &kind::max_per_user, "", 1, most_slots, "",
     "instead of that of the limits, for users of this kind"},
    {"give_up_percent", &kind::give_up_percent, "%", 0, 100, "",
     "users that cancel their wait, if it lasts longer than `give_up_after_ms`"},
    {"give_up_after_ms", &kind::give_up_after_ms, "ms", 0, day_ms, "", "the patience of these"},
    {"throw_percent", &kind::throw_percent, "%", 0, 100, "",
     "conversations that an exception ends, after half of their steps"},
    {"never_end_percent", &kind::never_end_percent, "%", 0, 100, "",
     "conversations that their user forgets, so that the engine must end them"},
}};

using step = script_step;
constexpr std::array<key<step>, 7> step_keys = {{
    {"users", &step::users, "", 1, 64, "", "the name of the kind"},
    {"do", &step::act, "", 0, 0, "fill|start|end|visit",
     "fill: starts until the limit that the kind fills; start: one conversation each; end: "
     "`count` conversations, the oldest first; visit: a start and an end of each user, as many at "
     "a time as there is room"},
    {"expect", &step::expect, "", 0, 0, "admitted|waits|global_limit|user_limit",
     "of a start, and of each of a fill or a visit"},
    {"name", &step::name, "", 0, 64, "", "of the check of a start; empty: none"},
    {"when", &step::when, "", 0, 64, "",
     "after the step the engine, its lists and the outside count have to agree with the script; "
     "the name of these checks; empty: none"},
    {"count", &step::count, "", 0, 1e9, "",
     "end: conversations of the kind, or of each user that fills its limit; 0: all"},
    {"after_ms", &step::after_ms, "ms", 0, day_ms, "", "a pause before the step"},
}};

constexpr std::array<key<bound>, 6> bound_keys = {{
    {"name", &bound::name, "", 1, 64, "", "of the check, in reports"},
    {"holds", &bound::holds, "", 1, 100, "", "a threshold with < or >"},
    {"kind", &bound::kind, "", 0, 64, "",
     "a response time of the users of this kind alone; empty: of all"},
    {"baseline", &bound::baseline, "", 0, 0, "",
     "a requirement from outside: reports say how many times better the figure is"},
    {"judges_speed", &bound::judges_speed, "", 0, 0, "",
     "left out where the speed of the engine cannot be seen: under a sanitizer, or with more "
     "than 1,000 users of a scenario that is shipped"},
    {"causes", &bound::causes, "", 0, 200, "", "what a failure is likely to mean"},
}};

struct type_name {
    std::string operator()(const std::string&) const { return "text"; }
    std::string operator()(std::size_t) const { return "whole number"; }
    std::string operator()(double) const { return "number"; }
    std::string operator()(bool) const { return "true or false"; }
    std::string operator()(const std::optional<std::size_t>&) const { return "whole number"; }
    std::string operator()(const distribution&) const { return "length"; }
    std::string operator()(const std::vector<threshold>&) const { return "list of texts"; }
    std::string operator()(const std::vector<rate_stage>&) const { return "list of tables"; }
    std::string operator()(const std::vector<std::string>&) const { return "list of texts"; }
    std::string operator()(const std::optional<threshold>&) const { return "text"; }
};

/// A default as it is written in a file.
struct written {
    std::string operator()(const std::string& text) const { return fmt::format("\"{}\"", text); }
    std::string operator()(std::size_t number) const { return fmt::to_string(number); }
    std::string operator()(double number) const { return fmt::format("{:g}", number); }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(const std::optional<std::size_t>&) const { return ""; }
    std::string operator()(const distribution& length) const { return (*this)(length.a); }
    std::string operator()(const std::vector<threshold>&) const { return "[]"; }
    std::string operator()(const std::vector<rate_stage>&) const { return "[]"; }
    std::string operator()(const std::vector<std::string>&) const { return "[]"; }
    std::string operator()(const std::optional<threshold>&) const { return ""; }
};

template <class Section>
std::string allowed_text(const key<Section>& one, const std::string& type) {
    if (!one.choices.empty()) {
        return fmt::format("\"{}\"", fmt::join(split_choices(one.choices), "\" or \""));
    }
    if (type == "text") return fmt::format("{:.0f} to {:.0f} bytes", one.min, one.max);
    if (type == "true or false") return type;
    if (one.max == 0) return "";
    return allowed_numbers(one.min, one.max, one.unit, type == "whole number");
}

template <class Section>
section_text describe(std::string name, std::string help, bool repeats = false) {
    section_text out{std::move(name), std::move(help), repeats, {}};
    static const Section standard{};
    for (const key<Section>& one : keys_of<Section>()) {
        std::visit(
            [&](auto member) {
                const auto& value = standard.*member;
                const std::string type = type_name{}(value);
                out.keys.push_back({std::string(one.name), type, std::string(one.unit),
                                    allowed_text(one, type), written{}(value),
                                    std::string(one.help), one.min, one.max,
                                    split_choices(one.choices)});
            },
            one.to);
    }
    return out;
}

}  // namespace

template <>
std::span<const key<scenario_file>> keys_of() {
    return file_keys;
}
template <>
std::span<const key<file_limits>> keys_of() {
    return limits_keys;
}
template <>
std::span<const key<file_arrival>> keys_of() {
    return arrival_keys;
}
template <>
std::span<const key<rate_stage>> keys_of() {
    return stage_keys;
}
template <>
std::span<const key<user_kind>> keys_of() {
    return user_keys;
}

template <>
std::span<const key<script_step>> keys_of() {
    return step_keys;
}
template <>
std::span<const key<bound>> keys_of() {
    return bound_keys;
}

std::vector<section_text> describe_keys() {
    return {describe<scenario_file>("", "At the top of the file"),
            describe<file_limits>("limits", "The limits of the engine"),
            describe<file_arrival>("arrival", "When conversations start"),
            describe<rate_stage>("arrival.stages", "One stage of a rate that changes"),
            describe<user_kind>("users", "One kind of users; there may be several", true),
            describe<script_step>("steps", "One step of a script, in order", true),
            describe<bound>("bounds", "One bound that follows the settings", true)};
}

std::string allowed_numbers(double min, double max, std::string_view unit, bool whole) {
    const std::string_view blank = unit.empty() ? "" : " ";
    return fmt::format("{}{:.15g} to {:.15g}{}{}", whole ? "a whole number from " : "", min, max,
                       blank, unit);
}

std::vector<std::string> split_choices(std::string_view choices) {
    std::vector<std::string> all;
    while (!choices.empty()) {
        const std::size_t end = std::min(choices.find('|'), choices.size());
        all.emplace_back(choices.substr(0, end));
        choices.remove_prefix(std::min(end + 1, choices.size()));
    }
    return all;
}

}  // namespace admit::load
