#include "bench/figures.hpp"

#include <algorithm>
#include <set>

namespace admit::bench {
namespace {

bool alike(double a, double b) { return std::max(a, b) < same_regime * std::min(a, b); }

bool is_sound(const sample& one, double line_price) {
    if (one.disturbed) return false;
    if (one.line_before == 0) return true;  // of one thread
    return alike(one.line_before, one.line_after) && alike(one.line_before, line_price) &&
           alike(one.line_after, line_price);
}

/// The names of all figures that the catalog can give.
std::set<std::string> names_of(const catalog& asked) {
    std::set<std::string> names;
    for (const row& one : asked.rows) names.insert(one.name());
    for (const observation& one : asked.observations) names.insert(one.name);
    for (const curve& one : asked.curves) names.insert(one.growth());
    return names;
}

std::optional<double> median_of(const figures& measured, const std::string& name) {
    const auto found = measured.find(name);
    if (found == measured.end()) return std::nullopt;
    return found->second.median;
}

judgement judged(const target& what, const figures& measured) {
    judgement result{what, median_of(measured, what.figure), std::nullopt};
    const std::optional<double> unit =
        what.of.empty() ? std::optional(1.0) : median_of(measured, what.of);
    if (unit) result.allowed = what.times * *unit;
    if (result.measured && result.allowed) {
        result.is = *result.measured <= *result.allowed ? verdict::met : verdict::missed;
    }
    return result;
}

}  // namespace

std::optional<figure> summary(const std::vector<sample>& samples, double line_price) {
    std::vector<double> kept;
    for (const sample& one : samples) {
        if (is_sound(one, line_price)) kept.push_back(one.ns);
    }
    if (kept.empty()) return std::nullopt;
    std::sort(kept.begin(), kept.end());
    const std::size_t middle = kept.size() / 2;
    figure result;
    result.median = kept.size() % 2 == 1 ? kept[middle] : (kept[middle - 1] + kept[middle]) / 2;
    result.low = kept.front();
    result.high = kept.back();
    result.rounds = kept.size();
    result.dropped = samples.size() - kept.size();
    result.line_price = samples.front().line_before == 0 ? 0 : line_price;
    return result;
}

std::optional<double> growth(const curve& over, const figures& all) {
    std::vector<double> costs;
    for (const row& point : over.lines.front().points) {
        const auto cost = median_of(all, point.name());
        if (!cost) return std::nullopt;
        costs.push_back(*cost);
    }
    const auto [least, most] = std::minmax_element(costs.begin(), costs.end());
    return *most / *least;
}

std::optional<double> judgement::ratio() const {
    if (!measured || !allowed) return std::nullopt;
    return what.of.empty() ? *measured : *measured / *allowed * what.times;
}

std::vector<judgement> judge(const catalog& asked, const figures& measured) {
    const std::set<std::string> names = names_of(asked);
    std::vector<judgement> all;
    for (const target& one : asked.targets) {
        const bool comparable = one.of.empty() || names.contains(one.of);
        if (names.contains(one.figure) && comparable) all.push_back(judged(one, measured));
    }
    return all;
}

bool all_met(const std::vector<judgement>& all) {
    return std::all_of(all.begin(), all.end(),
                       [](const judgement& one) { return one.is == verdict::met; });
}

}  // namespace admit::bench
