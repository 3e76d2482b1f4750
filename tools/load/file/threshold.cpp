// SPDX-License-Identifier: BSL-1.0
#include "load/file/threshold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include "common/nearest.hpp"

namespace admit::load {
namespace {

constexpr std::array<std::string_view, 5> relations = {"<", "<=", ">", ">=", "=="};

struct time_of {
    std::string_view name;
    double response_times::*value;
    std::string_view help;
};

constexpr std::array<time_of, 9> times = {{
    {"min", &response_times::min_ms, "the least"},
    {"mean", &response_times::mean_ms, "the mean"},
    {"p50", &response_times::p50_ms, "the median"},
    {"p90", &response_times::p90_ms, "the 90th percentile"},
    {"p95", &response_times::p95_ms, "the 95th percentile"},
    {"p99", &response_times::p99_ms, "the 99th percentile"},
    {"p99_9", &response_times::p99_9_ms, "the 99.9th percentile"},
    {"p99_99", &response_times::p99_99_ms, "the 99.99th percentile"},
    {"max", &response_times::max_ms, "the greatest"},
}};

using times_getter = const response_times& (*)(const metrics&);

void add_times(std::vector<figure>& all, std::string_view family, std::string_view what,
               times_getter get) {
    for (const time_of& one : times) {
        all.push_back({fmt::format("{}_{}_ms", family, one.name), "ms",
                       fmt::format("{} of {}", one.help, what),
                       [get, value = one.value](const plan&, const metrics& seen) {
                           return get(seen).*value;
                       },
                       false, family == "response" ? one.value : nullptr});
    }
}

double percent(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

/// How far the highest count was above its limit. 0: never above.
double above(std::uint64_t highest, std::size_t limit) {
    return highest > limit ? static_cast<double>(highest - limit) : 0;
}

void add_counts(std::vector<figure>& all) {
    const auto add = [&](const char* name, const char* unit, const char* help,
                         double (*of)(const plan&, const metrics&)) {
        const std::string_view known = name;
        const bool higher_is_better =
            known == "admitted_percent" || known == "throughput_per_s" || known == "fairness";
        all.push_back({name, unit, help, of, higher_is_better, nullptr});
    };
    add("admitted_percent", "%", "admitted requests, of all requests",
        [](const plan&, const metrics& seen) { return seen.admitted_percent(); });
    add("rejected_percent", "%", "rejected requests, of all requests",
        [](const plan&, const metrics& seen) {
            return percent(seen.starts.failed(), seen.starts.attempts);
        });
    add("wait_timeout_percent", "%",
        "requests that waited until their wait timed out, of all requests",
        [](const plan&, const metrics& seen) {
            return percent(seen.starts.failed(errc::wait_timeout), seen.starts.attempts);
        });
    add("expired_percent", "%", "conversations that the engine ended, of all admitted",
        [](const plan&, const metrics& seen) {
            return percent(seen.expired, seen.starts.successful);
        });
    add("throughput_per_s", "/s", "completed conversations a second",
        [](const plan&, const metrics& seen) { return seen.throughput_per_s(); });
    add("late_arrivals_percent", "%", "arrivals of the open model that started late",
        [](const plan&, const metrics& seen) {
            return percent(seen.arrivals.late, seen.arrivals.planned);
        });
    add("overshoot", "", "conversations above `max_concurrent`, counted outside the engine",
        [](const plan& numbers, const metrics& seen) {
            return above(seen.max_active, numbers.limits.max_concurrent);
        });
    add("false_rejections", "",
        "rejections by `max_concurrent` while a slot was certainly free, counted outside the "
        "engine",
        [](const plan&, const metrics& seen) {
            return static_cast<double>(seen.false_rejections);
        });
    add("fairness", "", "Jain's index of the conversations of the users, 1: all have as many",
        [](const plan&, const metrics& seen) { return seen.fairness; });
    add("memory_growth_mib", "MiB", "resident memory after the run, less that before it",
        [](const plan&, const metrics& seen) { return seen.memory.growth_mib(); });
    add("memory_peak_mib", "MiB", "the highest resident memory, less that before the run",
        [](const plan&, const metrics& seen) {
            return seen.memory.peak_mib - seen.memory.before_mib;
        });
}

std::vector<figure> make_figures() {
    std::vector<figure> all;
    add_times(all, "response", "the time from the planned start to the end",
              [](const metrics& seen) -> const response_times& { return seen.response; });
    add_times(all, "service", "the time from the actual start to the end",
              [](const metrics& seen) -> const response_times& { return seen.service; });
    add_times(all, "wait", "the time from the request to the permit, of users that may wait",
              [](const metrics& seen) -> const response_times& {
                  static const response_times none;
                  return seen.queue_wait ? *seen.queue_wait : none;
              });
    add_counts(all);
    return all;
}

/// The text up to the next blank or relation, which is taken from `rest`.
std::string_view take_word(std::string_view& rest, bool of_relation) {
    const auto skip = std::min(rest.find_first_not_of(" \t"), rest.size());
    rest.remove_prefix(skip);
    const auto end = of_relation ? rest.find_first_not_of("<>=") : rest.find_first_of(" \t<>=");
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(word.size());
    return word;
}

bool holds(double value, std::string_view relation, double bound) {
    if (relation == "<") return value < bound;
    if (relation == "<=") return value <= bound;
    if (relation == ">") return value > bound;
    if (relation == ">=") return value >= bound;
    return value == bound;
}

}  // namespace

std::span<const figure> all_figures() {
    static const std::vector<figure> figures = make_figures();
    return figures;
}

const figure& require_figure(std::string_view name) {
    std::vector<std::string_view> names;
    for (const figure& one : all_figures()) {
        if (one.name == name) return one;
        names.emplace_back(one.name);
    }
    throw std::invalid_argument(fmt::format("no figure is called \"{}\"; did you mean {}?", name,
                                            tools::nearest(name, names)));
}

threshold parse_threshold(std::string_view text) {
    std::string_view rest = text;
    const std::string_view name = take_word(rest, false);
    const std::string_view relation = take_word(rest, true);
    const std::string_view number = take_word(rest, false);
    double bound = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), bound);
    const bool complete = read.ec == std::errc{} && read.ptr == number.data() + number.size() &&
                          std::isfinite(bound) &&
                          rest.find_first_not_of(" \t") == std::string_view::npos;
    const bool known = std::find(relations.begin(), relations.end(), relation) != relations.end();
    if (name.empty() || !known || !complete) {
        throw std::invalid_argument("a figure, one of < <= > >= ==, and a number");
    }
    return {&require_figure(name), std::string(relation), bound, std::string(text)};
}

void check_thresholds(std::span<const threshold> all, const plan& numbers, const metrics& seen,
                      checklist& checks) {
    for (const threshold& one : all) {
        const double seen_value = one.subject->of(numbers, seen);
        checks.threshold(one.text,
                         fmt::format("{} {:g} {}", one.relation, one.bound, one.subject->unit),
                         seen_value, holds(seen_value, one.relation, one.bound), one.subject->help);
    }
}

}  // namespace admit::load
