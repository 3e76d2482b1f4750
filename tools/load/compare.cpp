// SPDX-License-Identifier: BSL-1.0
#include "load/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "common/option_values.hpp"
#include "common/printable.hpp"
#include "common/text_table.hpp"
#include "load/file/distribution.hpp"
#include "load/file/threshold.hpp"

namespace admit::load {
namespace {

using json = nlohmann::json;
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
    if (!grew && !shrank) return change::none;
    return grew == higher_is_better ? change::better : change::worse;
}

[[noreturn]] void refuse_report(const std::string& path, std::string_view why) {
    throw tools::usage_error(fmt::format(
        "{}: {}; allowed: a report of `admit-load run FILE --repeats {} --json REPORT`, "
        "or a scenario file",
        tools::printable(path), why, least_repeats));
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

void add_values(figure_values& to, const run_result& run) {
    for (const figure& one : all_figures())
        to[one.name].push_back(one.of(run.numbers, run.measured));
}

figure_values read_values(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const json report = json::parse(in, nullptr, false);
    if (!in || report.is_discarded() || !report.is_object() || !report.contains("scenarios"))
        refuse_report(path, "no report of the load tool");
    figure_values values;
    std::size_t runs = 0;
    for (const json& run : report["scenarios"]) {
        if (!run.contains("figures")) refuse_report(path, "a report without figures");
        ++runs;
        for (const auto& [name, number] : run["figures"].items())
            if (number.is_number()) values[name].push_back(number.get<double>());
    }
    if (runs < least_repeats) refuse_report(path, fmt::format("{} runs", runs));
    return values;
}

std::string comparison_report(std::span<const comparison> all, bool colour) {
    tools::text_table table("Second against first",
                            {"figure", "first", "second", "ratio", "95 of 100 ratios", "verdict"});
    for (const comparison& one : all) {
        constexpr std::array<std::string_view, 3> words = {"-", "better", "WORSE"};
        table.add({one.figure, fmt::format("{:.4g}", one.first), fmt::format("{:.4g}", one.second),
                   fmt::format("{:.3f}", one.ratio),
                   fmt::format("{:.3f} to {:.3f}", one.low, one.high),
                   std::string(words[static_cast<std::size_t>(one.verdict)])});
    }
    return table.text(colour);
}

}  // namespace admit::load
