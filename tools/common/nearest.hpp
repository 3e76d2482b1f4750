// SPDX-License-Identifier: BSL-1.0
// The name that a misspelt one meant. Used by admit-load for scenarios, keys and figures.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <vector>

namespace admit::tools {

/// Insertions, deletions and replacements that turn `from` into a prefix of `to`.
inline std::size_t edit_distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return *std::min_element(row.begin(), row.end());
}

/// The nearest of the names, which are not empty. A part of a name has distance 0.
template <class Names>
std::string_view nearest(std::string_view given, const Names& names) {
    const auto distance = [&](std::string_view name) {
        const bool part = !given.empty() && name.find(given) != std::string_view::npos;
        return part ? 0 : edit_distance(given.substr(0, 64), name);
    };
    return *std::min_element(
        names.begin(), names.end(),
        [&](std::string_view a, std::string_view b) { return distance(a) < distance(b); });
}

}  // namespace admit::tools
