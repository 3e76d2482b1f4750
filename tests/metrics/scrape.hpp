// SPDX-License-Identifier: BSL-1.0
// Finds a figure in what `admit::metrics` collects.
#pragma once

#include <doctest/doctest.h>
#include <admit/metrics.hpp>
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace support {

using labels = std::vector<std::pair<std::string, std::string>>;

inline std::optional<prometheus::MetricFamily> family_of(const admit::metrics& shown,
                                                         const std::string& name) {
    for (prometheus::MetricFamily& each : shown.Collect())
        if (each.name == name) return std::move(each);
    return std::nullopt;
}

inline bool has(const prometheus::ClientMetric& metric, const labels& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
        return std::count(metric.label.begin(), metric.label.end(),
                          prometheus::ClientMetric::Label{label.first, label.second}) == 1;
    });
}

/// The only figure of a family with these labels, and maybe others.
inline std::optional<prometheus::ClientMetric> find(const admit::metrics& shown,
                                                    const std::string& name,
                                                    const labels& wanted = {}) {
    const auto family = family_of(shown, name);
    if (!family) return std::nullopt;
    std::optional<prometheus::ClientMetric> found;
    for (const prometheus::ClientMetric& each : family->metric) {
        if (!has(each, wanted)) continue;
        REQUIRE_MESSAGE(!found, name, " is there twice");
        found = each;
    }
    return found;
}

/// The value of a gauge or a counter.
inline double value_of(const admit::metrics& shown, const std::string& name,
                       const labels& wanted = {}) {
    const auto found = find(shown, name, wanted);
    REQUIRE_MESSAGE(found, name, " is not there");
    return found->gauge.value + found->counter.value;
}

}  // namespace support
