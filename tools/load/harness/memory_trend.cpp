// SPDX-License-Identifier: BSL-1.0
#include "load/harness/memory_trend.hpp"

#include <algorithm>

namespace admit::load {
namespace {

constexpr std::size_t max_samples = 300;  // 44,850 pairs
constexpr std::size_t min_samples = 8;

}  // namespace

std::vector<memory_sample> evenly_spaced(std::span<const memory_sample> samples, std::size_t max) {
    if (samples.size() <= max) return {samples.begin(), samples.end()};
    std::vector<memory_sample> kept;
    for (std::size_t n = 0; n < max; ++n) {
        kept.push_back(samples[n * (samples.size() - 1) / (max - 1)]);
    }
    return kept;
}

memory_trend find_trend(std::span<const memory_sample> samples) {
    const auto used = evenly_spaced(samples.subspan(samples.size() / 5), max_samples);
    if (used.size() < min_samples) return {};
    std::vector<double> slopes;
    slopes.reserve(used.size() * (used.size() - 1) / 2);
    for (auto from = used.begin(); from != used.end(); ++from) {
        for (auto to = from + 1; to != used.end(); ++to) {
            const double apart = to->at_s - from->at_s;
            if (apart > 0) slopes.push_back((to->resident_mib - from->resident_mib) / apart);
        }
    }
    if (slopes.empty()) return {};
    const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
    std::nth_element(slopes.begin(), middle, slopes.end());
    const double span = used.back().at_s - used.front().at_s;
    return {.samples = used.size(), .mib_per_minute = *middle * 60, .rise_mib = *middle * span};
}

}  // namespace admit::load
