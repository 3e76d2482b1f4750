// SPDX-License-Identifier: BSL-1.0
#include "bench/figures.hpp"

#include <algorithm>
#include <boost/math/statistics/univariate_statistics.hpp>
#include <set>

namespace admit::bench {
namespace {

bool alike(double a, double b) { return std::max(a, b) < same_regime * std::min(a, b); }

bool is_sound(const sample& round, double line_transfer_ns) {
    if (round.disturbed) return false;
    if (round.transfer_before == 0) return true;
    return alike(round.transfer_before, round.transfer_after) &&
           alike(round.transfer_before, line_transfer_ns) &&
           alike(round.transfer_after, line_transfer_ns);
}

/// The names of all figures that the catalog can give.
std::set<std::string> names_of(const catalog& requested) {
    std::set<std::string> names;
    for (const row& item : requested.rows) names.insert(item.name());
    for (const observation& item : requested.observations) names.insert(item.name);
    for (const curve& item : requested.curves) names.insert(item.growth());
    return names;
}

std::optional<double> median_of(const figures& measured, const std::string& name) {
    const auto found = measured.find(name);
    if (found == measured.end()) return std::nullopt;
    return found->second.median;
}

judgement judged(const target& goal, const figures& measured) {
    judgement result{goal, median_of(measured, goal.figure), std::nullopt};
    const std::optional<double> unit =
        goal.of.empty() ? std::optional(1.0) : median_of(measured, goal.of);
    if (unit) result.allowed = goal.times * *unit;
    if (result.measured && result.allowed) {
        result.result = *result.measured <= *result.allowed ? verdict::met : verdict::missed;
    }
    return result;
}

}  // namespace

std::optional<figure> summary(const std::vector<sample>& samples, double line_transfer_ns) {
    std::vector<double> kept;
    for (const sample& round : samples) {
        if (is_sound(round, line_transfer_ns)) kept.push_back(round.ns);
    }
    if (kept.empty()) return std::nullopt;
    const auto [low, high] = std::minmax_element(kept.begin(), kept.end());
    figure result;
    result.low = *low;
    result.high = *high;
    result.median = boost::math::statistics::median(kept);
    result.rounds = kept.size();
    result.dropped = samples.size() - kept.size();
    result.line_transfer_ns = samples.front().transfer_before == 0 ? 0 : line_transfer_ns;
    return result;
}

std::optional<double> growth(const curve& shape, const figures& measured) {
    std::vector<double> costs;
    for (const row& point : shape.lines.front().points) {
        const auto cost = median_of(measured, point.name());
        if (!cost) return std::nullopt;
        costs.push_back(*cost);
    }
    const auto [lowest, highest] = std::minmax_element(costs.begin(), costs.end());
    return *highest / *lowest;
}

std::optional<double> judgement::ratio() const {
    if (!measured || !allowed) return std::nullopt;
    return goal.of.empty() ? *measured : *measured / *allowed * goal.times;
}

std::vector<judgement> judge(const catalog& requested, const figures& measured) {
    const std::set<std::string> names = names_of(requested);
    std::vector<judgement> all;
    for (const target& goal : requested.targets) {
        const bool comparable = goal.of.empty() || names.contains(goal.of);
        if (names.contains(goal.figure) && comparable) all.push_back(judged(goal, measured));
    }
    return all;
}

bool all_met(const std::vector<judgement>& judged) {
    return std::all_of(judged.begin(), judged.end(),
                       [](const judgement& target) { return target.result == verdict::met; });
}

}  // namespace admit::bench
