// SPDX-License-Identifier: BSL-1.0
#include "load/compare.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/string/split.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "common/option_values.hpp"
#include "common/printable.hpp"
#include "common/text_table.hpp"
#include "load/file/distribution.hpp"
#include "load/file/threshold.hpp"
#include "load/report/read_report.hpp"

namespace admit::load {
namespace {

constexpr int resamples = 10'000;

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double ratio_of(double second, double first) {
    if (first == second) return 1;
    return first == 0 ? std::copysign(INFINITY, second) : second / first;
}

std::vector<double> resampled(const std::vector<double>& values, random_engine& rng) {
    boost::random::uniform_int_distribution<std::size_t> any(0, values.size() - 1);
    std::vector<double> drawn(values.size());
    for (double& one : drawn) one = values[any(rng)];
    return drawn;
}

/// Fills in the interval of the ratio.
void bootstrap(comparison& to, const std::vector<double>& first,
               const std::vector<double>& second) {
    random_engine rng = make_random(1, 0);
    std::vector<double> ratios(resamples);
    for (double& one : ratios) {
        const double second_median = median(resampled(second, rng));
        one = ratio_of(second_median, median(resampled(first, rng)));
    }
    std::sort(ratios.begin(), ratios.end());
    to.low = ratios[resamples * 25 / 1000];
    to.high = ratios[resamples * 975 / 1000];
}

change judge(const comparison& seen, bool higher_is_better, double tolerance) {
    const bool grew = seen.low > 1 + tolerance;
    const bool shrank = seen.high < 1 / (1 + tolerance);
    if (!grew && !shrank) {
        const bool within = seen.low >= 1 / (1 + tolerance) && seen.high <= 1 + tolerance;
        return within ? change::same : change::unclear;
    }
    return grew == higher_is_better ? change::better : change::worse;
}

/// The runs that take part: one for each scenario that both sides have.
std::vector<std::pair<compared_side::group, compared_side::group>> pairs_of(
    const compared_side& first, const compared_side& second) {
    if (first.groups().size() == 1 && second.groups().size() == 1)
        return {{first.groups().begin()->first, second.groups().begin()->first}};
    std::vector<std::pair<compared_side::group, compared_side::group>> both;
    for (const auto& [group, values] : first.groups())
        if (second.groups().contains(group)) both.emplace_back(group, group);
    return both;
}

std::string name_of(const compared_side::group& group) {
    return fmt::format("{}, {} {}", tools::printable(group.first), group.second,
                       group.second == 1 ? "thread" : "threads");
}

}  // namespace

std::vector<comparison> compare(const figure_values& first, const figure_values& second,
                                std::span<const std::string> figures, double tolerance) {
    std::vector<comparison> all;
    for (const std::string& name : figures) {
        const auto a = first.find(name);
        const auto b = second.find(name);
        if (a == first.end() || b == second.end()) continue;
        comparison seen{.figure = name, .first = median(a->second), .second = median(b->second)};
        seen.ratio = ratio_of(seen.second, seen.first);
        bootstrap(seen, a->second, b->second);
        seen.verdict = judge(seen, require_figure(name).higher_is_better, tolerance);
        all.push_back(std::move(seen));
    }
    return all;
}

void compared_side::add(const run_result& run, std::string_view from) {
    const auto refuse = [&](std::string_view why) {
        throw std::runtime_error(fmt::format("{}: {}: {}", tools::printable(from),
                                             tools::printable(run.numbers.scenario), why));
    };
    if (run.interrupted) refuse("the run was interrupted, so it is not compared");
    if (!run.valid()) refuse(fmt::format("the run is no measurement. {}", run.invalid_because()));
    std::string name(run.numbers.scenario);
    conditions_["scenarios"].insert(name);
    conditions_["threads"].insert(std::to_string(run.numbers.threads));
    if (run.numbers.from_file) conditions_["seeds"].insert(std::to_string(run.numbers.seed));
    figure_values& values = groups_[{std::move(name), run.numbers.threads}];
    for (const auto& [figure, number] : run.figures) values[figure].push_back(number);
}

void compared_side::add(const tools::machine& one) {
    conditions_["machines"].insert(
        fmt::format("{}, {} cores, {}", one.processor, one.cores, one.system));
}

std::vector<std::string> files_in(const std::string& paths) {
    std::vector<std::string> files;
    if (std::filesystem::exists(paths)) return {paths};
    boost::algorithm::split(files, paths, [](char letter) { return letter == ','; });
    return files;
}

compared_side read_side(const std::string& paths) {
    compared_side side;
    std::map<compared_side::group, std::size_t> runs;
    for (const std::string& path : files_in(paths)) {
        const recording made = read_report(path);
        side.add(made.origin.machine);
        for (const run_result& run : made.runs) {
            side.add(run, path);
            ++runs[{std::string(run.numbers.scenario), run.numbers.threads}];
        }
    }
    if (runs.empty()) runs[{"no scenario", 0}] = 0;
    for (const auto& [group, count] : runs) {
        if (count >= least_repeats) continue;
        throw tools::usage_error(fmt::format(
            "{}: {} runs of {}; allowed: {} or more, by --repeats {} or by several reports with "
            "commas between",
            tools::printable(paths), count, name_of(group), least_repeats, least_repeats));
    }
    return side;
}

std::vector<comparison> compare(const compared_side& first, const compared_side& second,
                                std::span<const std::string> figures, double tolerance) {
    std::vector<comparison> all;
    const auto pairs = pairs_of(first, second);
    for (const auto& [a, b] : pairs) {
        auto one = compare(first.groups().at(a), second.groups().at(b), figures, tolerance);
        for (comparison& seen : one) {
            if (pairs.size() > 1) seen.runs = name_of(a);
            all.push_back(std::move(seen));
        }
    }
    return all;
}

std::string differences(const compared_side& first, const compared_side& second) {
    std::string out;
    for (const auto& [what, values] : first.conditions()) {
        const auto other = second.conditions().find(what);
        if (other == second.conditions().end() || other->second == values) continue;
        out +=
            tools::printable(fmt::format("note: the {} differ: {} and {}", what,
                                         fmt::join(values, ", "), fmt::join(other->second, ", "))) +
            '\n';
    }
    return out;
}

std::string comparison_report(std::span<const comparison> all, double tolerance, bool colour) {
    tools::text_table table("Second against first",
                            {"figure", "first", "second", "ratio", "95 of 100 ratios", "verdict"});
    std::string_view runs;
    for (const comparison& one : all) {
        constexpr std::array<std::string_view, 4> words = {"same", "unclear", "better", "WORSE"};
        if (one.runs != runs) table.add({one.runs, "", "", "", "", ""});
        runs = one.runs;
        table.add({one.figure, fmt::format("{:.4g}", one.first), fmt::format("{:.4g}", one.second),
                   fmt::format("{:.3f}", one.ratio),
                   fmt::format("{:.3f} to {:.3f}", one.low, one.high),
                   std::string(words[static_cast<std::size_t>(one.verdict)])});
    }
    return table.text(colour) +
           fmt::format(
               "\nsame: all of the interval is within {0:g} %. better, WORSE: all of it is beyond."
               "\nunclear: neither is shown; more runs narrow the interval.\n",
               100 * tolerance);
}

}  // namespace admit::load
